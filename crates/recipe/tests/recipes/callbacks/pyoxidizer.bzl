# What stays out is said by a function that sees every resource.
seen = {}

def drop_tests(policy, resource):
    seen[type(resource)] = seen.get(type(resource), 0) + 1
    if type(resource) == "PythonModuleSource":
        if resource.name in ["json.tool", "this"]:
            resource.add_include = False
        elif ".test" in resource.name and not resource.is_stdlib:
            resource.add_include = False
    elif type(resource) == "PythonExtensionModule" and resource.name == "_sqlite3":
        resource.add_include = False
    elif type(resource) in ("PythonPackageResource", "PythonPackageDistributionResource"):
        if resource.is_stdlib:
            resource.add_location = "in-memory"
        else:
            resource.add_location = "filesystem-relative:lib"

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.register_resource_callback(drop_tests)
    config = dist.make_python_interpreter_config()
    config.run_module = "pyflakes"
    exe = dist.to_python_executable(name = "lint", packaging_policy = policy, config = config)
    exe.add_python_resources(exe.pip_install(["pyflakes==3.2.0"]))
    print(sorted(seen.items()))
    return exe

register_target("exe", make_exe)
resolve_targets()

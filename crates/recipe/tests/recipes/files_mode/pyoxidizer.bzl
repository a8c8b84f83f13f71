def keep_data(policy, resource):
    if type(resource) == "File":
        if resource.path.endswith(".pyi") or "tests/" in resource.path:
            resource.add_include = False
        else:
            resource.add_include = True

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.register_resource_callback(keep_data)
    policy.set_resource_handling_mode("files")
    policy.allow_files = True
    policy.file_scanner_emit_files = True
    exe = dist.to_python_executable(name = "app", packaging_policy = policy)
    exe.add_python_resources(exe.pip_install(["numpy"]))
    return exe

register_target("exe", make_exe)
resolve_targets()

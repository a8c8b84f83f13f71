def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_module = "shop"
    exe = dist.to_python_executable(name = "shop", config = config)
    found = exe.read_package_root(path = "src", packages = ["shop", "single"])
    for r in found:
        if type(r) == "PythonPackageResource":
            print(r.package, r.name, r.is_stdlib)
        elif r.name == "shop.prices":
            print(r.source, r.is_package)
    exe.add_python_resources(found)
    return exe

register_target("exe", make_exe)
resolve_targets()

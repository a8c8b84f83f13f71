# Libraries beside a package are no resources: they stay with it, although this recipe adds modules only.
def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable(name = "app")
    for r in exe.pip_install(["numpy"]):
        if type(r) in ("PythonModuleSource", "PythonExtensionModule"):
            exe.add_python_resource(r)
    return exe

register_target("exe", make_exe)
resolve_targets()

def make_exe():
    exe = default_python_distribution().to_python_executable("shop")
    exe.add_python_resources(exe.read_package_root(CWD, ["shop"]))
    return exe

register_target("exe", make_exe)
resolve_targets()

def make_windows():
    return default_python_distribution(build_target = "x86_64-pc-windows-msvc").to_python_executable("app")

def make_here():
    return default_python_distribution(build_target = BUILD_TARGET_TRIPLE).to_python_executable("app")

register_target("windows", make_windows)
register_target("here", make_here, default = True)
resolve_targets()

def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("lint")
    exe.add_python_resources(exe.pip_install(["pyflakes==3.2.0"]))
    exe.filter_resources_from_files(files = ["modules.txt"], glob_files = ["lists/*.txt"])
    return exe

register_target("exe", make_exe)
resolve_targets()

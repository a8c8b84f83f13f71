def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_filename = "main.py"
    exe = dist.to_python_executable(name = "app", config = config)
    exe.add_python_resource(exe.make_python_module_source("built.info", "STAMP = 1\n", False))
    exe.add_python_resource(exe.make_python_module_source(name = "built", source = "", is_package = True))
    return exe

register_target("exe", make_exe)
resolve_targets()

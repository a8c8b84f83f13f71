def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = "import attr; print(attr.__name__)"
    exe = dist.to_python_executable(name = "app", config = config)
    exe.add_python_resources(exe.read_virtualenv("venv"))
    return exe

def make_old(): 
    exe = default_python_distribution().to_python_executable("app")
    exe.add_python_resources(exe.read_virtualenv("old"))
    return exe

register_target("exe", make_exe)
register_target("old", make_old)
resolve_targets()

# An executable that is a Python.
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.config_profile = "python"
    config.filesystem_importer = True
    return dist.to_python_executable(name = "mypython", config = config)

register_target("exe", make_exe)
resolve_targets()

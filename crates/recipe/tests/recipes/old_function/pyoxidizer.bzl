def make_exe():
    return PythonInterpreterConfig(run_module = "app")

register_target("exe", make_exe)

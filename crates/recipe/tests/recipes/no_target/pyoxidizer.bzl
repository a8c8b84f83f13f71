def make_exe():
    return default_python_distribution().to_python_executable("app")

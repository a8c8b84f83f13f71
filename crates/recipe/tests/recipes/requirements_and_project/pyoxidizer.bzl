def make_exe():
    dist = default_python_distribution(flavor = VARS.get("flavor", "standalone_dynamic"))
    config = dist.make_python_interpreter_config()
    config.run_module = "greet"
    config.module_search_paths = ["$ORIGIN/lib"]
    exe = dist.to_python_executable(name = "greet", config = config)
    exe.add_python_resources(exe.pip_install(["-r", "requirements.txt"], {"PIP_NO_BINARY": "attrs"}))
    exe.add_python_resources(exe.pip_install(["--no-deps", "--verbose", CWD]))
    return exe

register_target("exe", make_exe)
resolve_targets()

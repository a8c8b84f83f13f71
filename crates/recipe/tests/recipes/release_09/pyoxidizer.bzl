def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.extension_module_filter = "no-gpl"
    module = dist.make_python_interpreter_config()
    module.raw_allocator = "jemalloc"
    module.run_mode = "module:app.main"
    code = dist.make_python_interpreter_config()
    code.run_mode = "eval:import app"
    repl = dist.make_python_interpreter_config()
    repl.run_mode = "repl"
    for name, config in [("code", code), ("repl", repl)]:
        exe = dist.to_python_executable(name = name, config = config)
        exe.build(name)
    return dist.to_python_executable(name = "app", packaging_policy = policy, config = module)

register_target("exe", make_exe)
resolve_targets()

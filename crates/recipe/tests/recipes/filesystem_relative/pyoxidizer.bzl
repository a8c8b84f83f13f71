def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.extension_module_filter = "no-copyleft"
    policy.resources_location = "filesystem-relative:lib"
    policy.resources_location_fallback = None
    policy.allow_in_memory_shared_library_loading = False
    policy.include_test = False
    policy.bytecode_optimize_level_two = True
    policy.bytecode_optimize_level_one = True
    config = dist.make_python_interpreter_config()
    config.run_module = "pyflakes"
    exe = dist.to_python_executable("lint", policy, config)
    resources = exe.pip_install(["pyflakes==3.2.0"])
    exe.add_python_resources(resources)
    return exe

def make_install(exe):
    m = exe.to_file_manifest("bin")
    m.add_python_resources("lib", exe.pip_install(["pyflakes==3.2.0"]))
    return m

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()

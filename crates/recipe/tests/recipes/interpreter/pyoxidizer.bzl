# Every kind of setting of the interpreter: honoured, or explained.
def make_exe():
    dist = default_python_distribution()
    c = dist.make_python_interpreter_config()
    c.config_profile = "isolated"
    c.allocator_backend = "mimalloc"
    c.allocator = "debug"
    c.argvb = True
    c.buffered_stdio = False
    c.bytes_warning = "warn"
    c.check_hash_pycs_mode = "never"
    c.coerce_c_locale = "LC_CTYPE"
    c.development_mode = True
    c.executable = "/usr/bin/python"
    c.fault_handler = True
    c.filesystem_importer = True
    c.hash_seed = 7
    c.import_time = True
    c.install_signal_handlers = False
    c.isolated = False
    c.module_search_paths = ["$ORIGIN/plugins"]
    c.multiprocessing_start_method = "spawn"
    c.optimization_level = 2
    c.oxidized_importer = False
    c.quiet = True
    c.site_import = True
    c.stdio_encoding = "utf-8"
    c.sys_frozen = True
    c.sys_meipass = True
    c.terminfo_resolution = "static:/usr/share/terminfo"
    c.tracemalloc = 1
    c.use_environment = True
    c.utf8_mode = True
    c.verbose = 1
    c.warn_options = ["error"]
    c.write_modules_directory_env = "MODULES"
    c.x_options = ["frozen_modules=off"]
    c.run_module = "json.tool"
    value = c.module_search_paths
    value.append("changes a copy")
    print(c.module_search_paths, c.hash_seed, c.home, c.sys_frozen)
    return dist.to_python_executable(name = "app", config = c)

register_target("exe", make_exe)
resolve_targets()

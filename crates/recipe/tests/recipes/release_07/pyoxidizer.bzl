# As recipes of PyOxidizer 0.6 and 0.7 were written.
def make_dist():
    return default_python_distribution(flavor = "standalone_dynamic")

def make_exe(dist):
    config = PythonInterpreterConfig(
        raw_allocator = "system",
        run_eval = "import app; app.main()",
        sys_paths = ["$ORIGIN/lib"],
        filesystem_importer = True,
        dont_write_bytecode = True,
        unbuffered_stdio = True,
        optimize_level = 1,
        stdio_encoding = "utf-8:replace",
        bytes_warning = 1,
        terminfo_dirs = None,
        run_noop = False,
        verbose = 1,
    )
    exe = dist.to_python_executable(
        name = "app",
        config = config,
        resources_policy = "prefer-in-memory-fallback-filesystem-relative:lib",
        extension_module_filter = "no-gpl",
        include_sources = True,
        include_resources = False,
        include_test = False,
    )
    exe.add_in_memory_python_resources(dist.pip_install(["click"]))
    for resource in dist.pip_install(["attrs"]):
        if type(resource) == "PythonPackageResource":
            exe.add_filesystem_relative_python_resource(".", resource)
            exe.add_in_memory_python_resource(resource)
        elif type(resource) == "PythonModuleSource" and resource.name != "attr.late":
            exe.add_python_resource(resource)
    exe.add_in_memory_python_resources(dist.read_package_root(path = CWD, packages = ["app"]))
    return exe

def make_embedded(exe):
    return exe.to_embedded_data()

def make_install(dist, exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    files.add_python_resources("lib", dist.pip_install(["click"]))
    return files

register_target("dist", make_dist)
register_target("exe", make_exe, depends = ["dist"], default = True)
register_target("embedded", make_embedded, depends = ["exe"], default_build_script = True)
register_target("install", make_install, depends = ["dist", "exe"])
resolve_targets()

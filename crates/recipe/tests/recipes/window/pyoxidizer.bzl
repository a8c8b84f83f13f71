# Ours: a window, what it may do, packages for Linux.
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_module = "app"
    exe = dist.to_python_executable(name = "tables", config = config)
    exe.add_python_resources(exe.read_package_root(CWD, ["app"]))
    exe.version = "1.2"
    exe.identifier = "org.example.tables"
    exe.capabilities = ["dialog", "clipboard"]
    exe.ui = "ui"
    exe.kernels = True
    exe.window(title = "Tables", size = [900, 600], resizable = True)
    return exe

def make_deb(exe):
    return exe.to_deb(maintainer = "Jo Doe <jo@example.org>", summary = "Tables", homepage = "https://example.org")

def make_rpm(exe):
    return exe.to_rpm(license = "MIT", version = "1.2.1")

def make_appimage(exe):
    return exe.to_appimage()

def make_self(exe):
    return exe.to_self_install(file_types = ["csv"], categories = ["Office"])

def make_wrong(exe):
    return exe.to_deb(maintaner = "Jo")

register_target("exe", make_exe)
register_target("deb", make_deb, depends = ["exe"])
register_target("rpm", make_rpm, depends = ["exe"])
register_target("appimage", make_appimage, depends = ["exe"])
register_target("self", make_self, depends = ["exe"])
register_target("wrong", make_wrong, depends = ["exe"])
resolve_targets()

def up():
    exe = default_python_distribution().to_python_executable("app")
    exe.add_python_resources(exe.pip_install([CWD + "/.."]))
    return exe

def absolute():
    return FileContent(path = "/etc/hostname")

def pattern():
    return glob(["../*/pyoxidizer.bzl"])

def written():
    m = FileManifest()
    m.add_file(FileContent(filename = "a", content = ""), path = "../../a")
    return m

def installed():
    FileManifest().install("../../elsewhere")

def itself():
    set_build_path(".")
    FileManifest().install(".")

def environment():
    exe = default_python_distribution().to_python_executable("app")
    exe.pip_install(["x"], {"LD_PRELOAD": "evil.so"})

register_target("up", up)
register_target("absolute", absolute)
register_target("pattern", pattern)
register_target("written", written)
register_target("installed", installed)
register_target("itself", itself)
register_target("environment", environment)
resolve_targets()

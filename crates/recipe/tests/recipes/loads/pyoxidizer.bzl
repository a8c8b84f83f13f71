load("build/common.bzl", "NAME", "make_exe", "counted")

def make_install(exe):
    m = FileManifest()
    m.add_python_resource(".", exe)
    return m

print(NAME, counted)
register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()

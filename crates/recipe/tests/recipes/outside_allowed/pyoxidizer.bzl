def make():
    return FileContent(path = "../outside/pyoxidizer.bzl", filename = "copy.bzl")

register_target("copy", make)
resolve_targets()

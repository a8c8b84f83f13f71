load("helper.bzl", "make_exe")
register_target("exe", make_exe)
resolve_targets()

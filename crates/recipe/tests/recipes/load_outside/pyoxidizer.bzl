load("../template/pyoxidizer.bzl", "make_exe")

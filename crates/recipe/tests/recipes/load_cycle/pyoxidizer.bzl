load("a.bzl", "A")
register_target("exe", A)

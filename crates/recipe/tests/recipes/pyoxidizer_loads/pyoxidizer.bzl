load(
    "@pyoxidizer//:default_python_distribution.bzl",
    "default_python_distribution",
)

register_target("exe", default_python_distribution)

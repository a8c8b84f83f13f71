load("a.bzl", "A")
B = A

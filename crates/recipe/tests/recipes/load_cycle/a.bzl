load("b.bzl", "B")
A = B

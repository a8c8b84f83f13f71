"""The shared library behind this package: a section for each room of ``crates/compute-python``."""

VERSION: str

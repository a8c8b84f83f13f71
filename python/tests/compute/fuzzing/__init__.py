"""Random kernels, run by CPython and compiled, and compared: value, type, errors, arrays.

``python -m fuzzing --minutes 60`` in the folder above this one; see ``__main__``.
"""

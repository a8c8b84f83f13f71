"""What the tests of ready-made kernels share: inputs, and answers as lists."""

import random
from array import array

try:
    import numpy
except ImportError:
    numpy = None

KINDS = "bBhHiIlLqQfd"


def plain(result):
    """An array, numpy's or not, as nested lists."""
    return result.tolist()


def numbers(kind, count, seed=1):
    """An ``array.array`` with ties, extremes and, among floats, what floats have."""
    pick = random.Random(seed)
    if kind in "fd":
        special = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e-30]
        values = [
            pick.choice(special) if pick.random() < 0.1 else pick.uniform(-9, 9)
            for _ in range(count)
        ]
        return array(kind, values)
    size = array(kind).itemsize * 8
    low, high = (-(1 << size - 1), (1 << size - 1) - 1) if kind.islower() else (0, (1 << size) - 1)
    values = [
        pick.choice([low, high, pick.randint(low, high), pick.randint(0, 20)]) for _ in range(count)
    ]
    return array(kind, values)


def strided(values):
    """The same numbers, every other place of a memory twice as long, read-only."""
    twice = array(values.typecode, [number for value in values for number in (value, 0)])
    return memoryview(memoryview(twice).toreadonly())[::2]


def nan_last(value):
    """The key by which numpy sorts."""
    return (value != value, value)

"""Loops that run in vector registers give what single elements give, at every length."""

import unittest
from array import array
from math import sqrt

from pyxidium.compute import kernel

LENGTHS = (0, 1, 5, 7, 8, 9, 31, 4095, 4100, 9001)


@kernel
def elementwise(x, y, out, k):
    for i in range(len(out)):
        t = x[i] * k + y[i]
        out[i] = (t if t > 0.5 else -t) / y[i] + sqrt(x[i]) - min(x[i], y[i], 0.3) + abs(y[i] - 1)


@kernel
def shifted(a, first, last, by):
    for i in range(first, last):
        a[i] = a[i + by] * 0.5


@kernel
def short(x, y):
    for i in range(len(x)):
        y[i] = x[i] * 1.1 + y[i]


@kernel
def total(a, start):
    for i in range(len(a)):
        start += a[i]
    return start


@kernel
def rest(a, start):
    for i in range(1, len(a)):
        start -= a[i]
    return start


@kernel
def bits(a):
    every, some, odd = -1, 0, 0
    for i in range(len(a)):
        every &= a[i]
    for i in range(len(a)):
        some = a[i] | some
    for i in range(len(a)):
        odd ^= a[i]
    return every, some, odd


@kernel
def ends(a, start):
    low = start
    high = start
    for i in range(len(a)):
        low = min(low, a[i])
    for i in range(len(a)):
        high = max(high, a[i])
    return low, high


def floats(length, seed=1):
    words = array("d")
    for _ in range(length):
        seed = seed * 6364136223846793005 + 1442695040888963407 & 2**64 - 1
        words.append((seed >> 11) * 2.0**-53)
    return words


def ints(code, length):
    size = 8 * array(code).itemsize
    low = 0 if code.isupper() else -(2 ** (size - 1))
    return array(code, [low + int(x * (2**size - 1)) for x in floats(length)])


class Vectors(unittest.TestCase):
    def test_elementwise(self):
        for length in LENGTHS:
            x, y = floats(length), floats(length, 2)
            ours, plain = array("d", bytes(8 * length)), array("d", bytes(8 * length))
            elementwise(x, y, ours, 1.5)
            elementwise.__wrapped__(x, y, plain, 1.5)
            self.assertEqual(ours.tobytes(), plain.tobytes(), length)

    def test_an_error_in_the_middle_leaves_what_came_before(self):
        for at in (0, 3, 8, 20, 998, 999):
            x, y = floats(1000), floats(1000, 2)
            y[at] = 0.0
            results = []
            for function in (elementwise, elementwise.__wrapped__):
                out = array("d", bytes(8000))
                with self.assertRaises(ZeroDivisionError):
                    function(x, y, out, 1.5)
                results.append(out.tobytes())
            self.assertEqual(results[0], results[1], at)

    def test_an_array_that_is_read_and_written(self):
        for length in (30, 1000, 5000):
            for by in (-9, -8, -2, -1, 0, 1, 2, 8, 9):
                ours, plain = floats(length), floats(length)
                shifted(ours, 9, length - 9, by)
                shifted.__wrapped__(plain, 9, length - 9, by)
                self.assertEqual(ours.tobytes(), plain.tobytes(), (length, by))

    def test_arrays_that_overlap(self):
        for by in (-8, -3, -1, 0, 1, 5):
            results = []
            for function in (short, short.__wrapped__):
                memory = array("f", floats(1000))
                view = memoryview(memory)
                function(view[8:900], view[8 + by : 900 + by])
                results.append(memory.tobytes())
            self.assertEqual(results[0], results[1], by)

    def test_folds_of_ints(self):
        for code in "bhilqBHIL":
            for length in LENGTHS:
                a = ints(code, length)
                for start in (0, -7, 2**62):
                    self.assertEqual(total(a, start), total.__wrapped__(a, start))
                    self.assertEqual(rest(a, start), rest.__wrapped__(a, start))
                    self.assertEqual(ends(a, start), ends.__wrapped__(a, start))
                self.assertEqual(bits(a), bits.__wrapped__(a))


if __name__ == "__main__":
    unittest.main()

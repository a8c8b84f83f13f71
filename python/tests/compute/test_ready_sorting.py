"""``pyxidium.compute.sorting`` against Python's own sort, and numpy's where there is numpy."""

import math
import unittest
from array import array

from pyxidium.compute import sorting
from ready_support import KINDS, nan_last, numbers, numpy, plain, strided

SIZES = (0, 1, 2, 100, 70_000)


def same(a, b):
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) for x, y in zip(a, b, strict=True)
    )


class Sorting(unittest.TestCase):
    def test_every_kind_and_size(self):
        for kind in KINDS:
            for size in SIZES:
                values = numbers(kind, size)
                for given in (values, strided(values)):
                    with self.subTest(kind=kind, size=size, given=type(given)):
                        expected = sorted(values, key=nan_last)
                        got = sorting.sort(given)
                        self.assertTrue(same(plain(got), expected))
                        self.assertEqual(memoryview(got).itemsize, values.itemsize)
                        turned = plain(sorting.sort(given, descending=True))
                        self.assertTrue(same(turned, expected[::-1]))
                        order = plain(sorting.argsort(given))
                        # Zeros of both signs: Python's sort leaves their order open.
                        self.assertEqual(sorted(order), list(range(size)))
                        self.assertTrue(same([values[place] for place in order], expected))

    def test_orders_are_stable(self):
        values = array("i", [place % 7 for place in range(100_000)])
        order = plain(sorting.argsort(values))
        self.assertEqual(order, sorted(range(len(values)), key=values.__getitem__))
        order = plain(sorting.argsort(values, descending=True))
        self.assertEqual(order, sorted(range(len(values)), key=lambda place: -values[place]))

    def test_keys_that_begin_alike(self):
        # Indices and keys do not fit into one integer together, and leading bits say little.
        values = array("Q", [(1 << 63) | (place * 7919) % 1009 for place in range(50_000)] + [0])
        order = plain(sorting.argsort(values))
        self.assertEqual(order, sorted(range(len(values)), key=values.__getitem__))

    def test_unique(self):
        for kind in KINDS:
            for size in SIZES:
                values = numbers(kind, size)
                with self.subTest(kind=kind, size=size):
                    kept = {math.nan if value != value else value for value in values}
                    expected = sorted({value for value in kept if value == value})
                    if any(value != value for value in values):
                        expected.append(math.nan)
                    self.assertTrue(same(plain(sorting.unique(values)), expected))
                    distinct, first, inverse, counts = map(plain, sorting.unique_all(values))
                    self.assertTrue(same(distinct, expected))
                    self.assertTrue(same([distinct[place] for place in inverse], list(values)))
                    self.assertEqual(sum(counts), size)
                    for place, start in enumerate(first):
                        self.assertEqual(inverse[start], place)
                        self.assertEqual(inverse.index(place), start)
                        self.assertEqual(inverse.count(place), counts[place])
                        if place > 20:
                            break

    def test_groups(self):
        keys = [place % 5 - 2 for place in range(1000)]
        values = [place / 3 for place in range(1000)]
        by_hand = {
            key: [v for k, v in zip(keys, values, strict=True) if k == key] for key in range(-2, 3)
        }
        cases = {
            "sum": sum,
            "count": len,
            "min": min,
            "max": max,
            "mean": lambda group: sum(group) / len(group),
            "first": lambda group: group[0],
            "last": lambda group: group[-1],
        }
        for name, reduce in cases.items():
            got = sorting.group_by(keys, values, name)
            self.assertEqual(plain(got.keys), list(by_hand))
            for mine, group in zip(plain(got.values), by_hand.values(), strict=True):
                self.assertAlmostEqual(mine, reduce(group), places=9)
        self.assertEqual(plain(sorting.group_by([], []).keys), [])

    def test_bools_stay_bools(self):
        view = memoryview(b"\1\0\1").cast("?")
        self.assertEqual(plain(sorting.sort(view)), [False, True, True])
        self.assertEqual(memoryview(sorting.unique(view)).format, "?")

    def test_results_can_be_written_and_live_on(self):
        got = memoryview(sorting.sort(array("i", [3, 1, 2])))
        got[0] = 7
        self.assertEqual(got.tolist(), [7, 2, 3])

    def test_errors_say_what_was_expected(self):
        square = memoryview(bytes(4)).cast("B", (2, 2))
        with self.assertRaisesRegex(
            ValueError, r"values: expected one dimension, \(n,\), got \(2, 2\)"
        ):
            sorting.sort(square)
        with self.assertRaisesRegex(TypeError, "values: expected an array of numbers, got int"):
            sorting.sort(5)
        with self.assertRaisesRegex(
            ValueError, r"values: expected \(2,\) as keys have, got \(1,\)"
        ):
            sorting.group_by([1, 2], [1])
        with self.assertRaisesRegex(ValueError, 'reduce must be .* not "middle"'):
            sorting.group_by([1], [1], "middle")
        with self.assertRaisesRegex(TypeError, "real numbers"):
            sorting.sort(memoryview(b"ab").cast("c"))


@unittest.skipIf(numpy is None, "numpy is not here")
class BesideNumpy(unittest.TestCase):
    def test_dtypes_of_numpy(self):
        generator = numpy.random.default_rng(3)
        for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"):
            values = (
                (generator.standard_normal(5000) * 50)
                .astype("f4")
                .astype(kind if kind[0] != "u" else "i8")
            )
            values = values.astype(kind)
            for given in (values, values[::-3], values[:0]):
                got = sorting.sort(given)
                self.assertEqual(got.dtype, given.dtype)
                numpy.testing.assert_array_equal(got, numpy.sort(given))
                numpy.testing.assert_array_equal(sorting.unique(given), numpy.unique(given))
                numpy.testing.assert_array_equal(
                    sorting.argsort(given), numpy.argsort(given, kind="stable")
                )
                theirs = numpy.unique(
                    given, return_index=True, return_inverse=True, return_counts=True
                )
                for mine, other in zip(sorting.unique_all(given), theirs, strict=True):
                    numpy.testing.assert_array_equal(mine, other)

    def test_other_byte_orders_and_types_are_refused(self):
        with self.assertRaisesRegex(TypeError, "byte order"):
            sorting.sort(numpy.zeros(3, ">f8"))
        for kind in ("c16", "U3", [("a", "i4")]):
            with self.assertRaises(TypeError):
                sorting.sort(numpy.zeros(3, kind))

    def test_unaligned_ones(self):
        values = numpy.frombuffer(b"\0" + numpy.arange(9, 0, -1.0).tobytes(), "u1")[1:].view("f8")
        self.assertFalse(values.flags.aligned)
        numpy.testing.assert_array_equal(sorting.sort(values), numpy.arange(1, 10.0))


if __name__ == "__main__":
    unittest.main()

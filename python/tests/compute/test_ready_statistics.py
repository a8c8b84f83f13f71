"""``pyxidium.compute.statistics`` against Python's own, and against numpy where there is numpy."""

import math
import random
import statistics as python
import unittest
from array import array

from pyxidium.compute import statistics
from ready_support import numpy, plain, strided


def some(count, seed=1):
    pick = random.Random(seed)
    return array("d", [pick.gauss(5, 3) for _ in range(count)])


class Statistics(unittest.TestCase):
    def test_summaries(self):
        for count in (1, 2, 9, 8192, 50_001):
            values = some(count)
            got = statistics.summary(strided(values))
            self.assertEqual(
                (got.count, got.minimum, got.maximum), (count, min(values), max(values))
            )
            self.assertAlmostEqual(got.mean, python.fmean(values), places=12)
            self.assertAlmostEqual(got.sum / count, math.fsum(values) / count, places=12)
            self.assertAlmostEqual(got.variance, python.pvariance(values), places=9)
            self.assertAlmostEqual(got.std, python.pstdev(values), places=9)
            if count > 1:
                self.assertAlmostEqual(
                    statistics.summary(values, ddof=1).variance, python.variance(values), places=9
                )

    def test_nan_spreads_or_is_left_out(self):
        values = [1.0, math.nan, 3.0]
        self.assertTrue(math.isnan(statistics.summary(values).minimum))
        self.assertEqual(statistics.summary(values, nan="omit").mean, 2.0)
        self.assertTrue(math.isnan(statistics.quantile(values, 0.5)))
        self.assertEqual(statistics.quantile(values, 0.5, nan="omit"), 2.0)
        self.assertEqual(statistics.summary(array("d")).count, 0)
        self.assertTrue(math.isnan(statistics.quantile(array("d"), 0.5)))

    def test_histograms(self):
        got = statistics.histogram([1, 2, 2, 3, 4], 3)
        self.assertEqual((plain(got.counts), plain(got.edges)), ([1, 2, 2], [1.0, 2.0, 3.0, 4.0]))
        got = statistics.histogram([1, 2, 2, 3, 4], [0.0, 2.0, 3.0])
        self.assertEqual(plain(got.counts), [1, 3])
        got = statistics.histogram([-5.0, math.nan, 0.25, 7.0], 2, range=(0, 1))
        self.assertEqual(plain(got.counts), [1, 0])
        self.assertEqual(plain(statistics.histogram(array("d"), 2).counts), [0, 0])

    def test_quantiles(self):
        values = some(100_000)
        cuts = python.quantiles(values, n=20, method="inclusive")
        got = statistics.quantile(values, [place / 20 for place in range(1, 20)])
        for mine, other in zip(got, cuts, strict=True):
            self.assertAlmostEqual(mine, other, places=12)
        self.assertEqual(statistics.quantile(values, 0), min(values))
        self.assertEqual(statistics.quantile(values, 1), max(values))

    def test_nonsense_is_refused(self):
        with self.assertRaisesRegex(ValueError, "q must be from 0 to 1, not 50"):
            statistics.quantile([1.0], 50)
        with self.assertRaisesRegex(ValueError, "bins must be at least 1, not 0"):
            statistics.histogram([1.0], 0)
        with self.assertRaisesRegex(ValueError, "finite where no range is given"):
            statistics.histogram([math.inf])
        with self.assertRaisesRegex(ValueError, "edges that ascend"):
            statistics.histogram([1.0], [2.0, 1.0])
        with self.assertRaisesRegex(ValueError, "nan must be"):
            statistics.summary([1.0], nan="drop")
        with self.assertRaises(TypeError):
            statistics.summary("text")


@unittest.skipIf(numpy is None, "numpy is not here")
class BesideNumpy(unittest.TestCase):
    def test_quantiles_to_the_last_bit(self):
        generator = numpy.random.default_rng(5)
        at = [0, 1, 0.5, *generator.uniform(0, 1, 40)]
        for count in (1, 2, 3, 10, 1000, 200_000):
            for values in (generator.standard_normal(count), generator.integers(-99, 99, count)):
                self.assertEqual(
                    statistics.quantile(values, at), numpy.quantile(values, at).tolist()
                )

    def test_histograms_count_alike(self):
        generator = numpy.random.default_rng(6)
        for count in (0, 1, 5, 100_000):
            for kind in ("f8", "f4", "i4", "u1"):
                values = (generator.standard_normal(count) * 30 + 60).astype(kind)
                for bins in (1, 7, 100):
                    mine, theirs = statistics.histogram(values, bins), numpy.histogram(values, bins)
                    if kind != "f4":  # numpy's edges are then of 32 bits
                        numpy.testing.assert_array_equal(mine.counts, theirs[0])
                        numpy.testing.assert_array_equal(mine.edges, theirs[1])
                    self.assertEqual(mine.counts.sum(), count)

    def test_any_shape(self):
        values = numpy.arange(24.0).reshape(2, 3, 4)
        for given in (values, values.T, values[:, ::2, ::-1], numpy.asfortranarray(values)):
            self.assertEqual(statistics.summary(given).mean, given.mean())
            self.assertEqual(statistics.quantile(given, 0.3), numpy.quantile(given, 0.3))


if __name__ == "__main__":
    unittest.main()

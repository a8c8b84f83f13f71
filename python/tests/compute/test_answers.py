"""Answers that were wrong once, each found by the random kernels."""

import array
import math
import unittest

from pyxidium.compute import kernel

try:
    import numpy as np
except ImportError:
    np = None

LONG = 2**63


@kernel
def least_of_wide():
    return min(LONG, 0, 0), max(-LONG - 1, 5), min(LONG, LONG + 1)


@kernel
def wide_range(x: int) -> int:
    count = 0
    for _ in range(min(1 << 100, x)):
        count += 1
    return count


@kernel
def shifted(a, n: int, k: int):
    # The store keeps it from being compiled into its caller.
    a[0] = 1
    return (n << k,)


@kernel
def passed_on(a, n: int, k: int):
    return shifted(a, n, k)


@kernel
def cube_root(x: float) -> float:
    return math.cbrt(x)


@kernel
def added(a, x: int, y: float):
    # The first line is left to CPython, and the second with it.
    x &= 2**127
    a[1] += y


@kernel
def divided(a):
    a[0] = a[0] / 0.0


@kernel
def quotients(x: int):
    return 0 / -1, 0 / x, (x - x) / (x * 2**70)


@kernel
def rests(x: int):
    return x % 2**64, x % 2**64 <= 0, (x - 1) // -(2**64), x % -(2**64)


LEAST = -(2**127)


@kernel
def inverted(x: int):
    count = 0
    for _ in range(~LEAST, 0):
        count += 1
    return count, ~LEAST, ~x, ~(x + x)


@kernel
def grown(a):
    x = int(9007199254740992.0)
    times = 0
    while times < 1:
        times += 1
        product = x * a[0]
        x = max(x - x, 0 | x)
    return x, product


class Answers(unittest.TestCase):
    def test_a_tuple_of_one_stays_a_tuple_when_its_item_grows_too_long(self) -> None:
        for k in (2, 100, 200):
            self.assertEqual(passed_on(array.array("i", [0]), 3, k), (3 << k,))

    def test_the_least_of_wide_ints_fits(self) -> None:
        self.assertEqual(least_of_wide(), least_of_wide.__wrapped__())

    def test_a_range_up_to_the_lesser_of_a_wide_int(self) -> None:
        self.assertEqual(wide_range(3), 3)

    def test_a_quotient_of_ints_may_be_negative_zero(self) -> None:
        for x in (-1, 1, -(2**62)):
            self.assertEqual(str(quotients(x)), str(quotients.__wrapped__(x)))

    def test_a_rest_may_be_wider_than_what_is_divided(self) -> None:
        for x in (-(2**62), -1, 0, 5, 2**63, 2**100):
            self.assertEqual(rests(x), rests.__wrapped__(x))

    def test_the_inverse_of_wide_ints_is_wide(self) -> None:
        for x in (0, -(2**63), 2**63, 2**126, LEAST, -LEAST, 2**200):
            self.assertEqual(inverted(x), inverted.__wrapped__(x))

    def test_the_analysis_of_a_loop_ends(self) -> None:
        least = memoryview(array.array("q", [-(2**63)]))
        self.assertEqual(grown(least), grown.__wrapped__(least))

    def test_cube_roots_are_those_of_the_platforms_library(self) -> None:
        for x in (1.5, 2.0, 10.0, -3.0, 1e300, 5e-324):
            self.assertEqual(cube_root(x).hex(), math.cbrt(x).hex())

    @unittest.skipIf(np is None, "needs numpy")
    def test_complex_elements_calculate_as_pythons(self) -> None:
        single = np.array([0, -2.5 - 3.72j], np.complex64)
        expected = np.complex64(complex(single[1]) + math.pi)
        added(single, 0, math.pi)
        self.assertEqual(single[1], expected)
        with self.assertRaisesRegex(ZeroDivisionError, "complex division by zero"):
            divided(single)


if __name__ == "__main__":
    unittest.main()

"""Answers that were wrong once, each found by the random kernels."""

import array
import math
import traceback
import unittest

from pyxidium.compute import kernel, random

try:
    import numpy as np
except ImportError:
    np = None

LONG = 2**63
LONGEST = 2**127 - 1
SHORTEST = -(2**127)


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


@kernel
def positive(a):
    a[0] = +SHORTEST
    return a[0]


@kernel
def sizes(flag: bool, x: int):
    y = 1 << 63 if flag else x
    return abs(y), abs(LONGEST), abs(SHORTEST)


@kernel
def last_counter(a):
    for i in range(a.shape[0]):
        a[i] = 1.5
    return i


@kernel
def last_of_sum(a):
    total = 0
    for i in range(len(a)):
        total += a[i]
    return total, i


@kernel
def divided_in_place(x: float, a):
    y = x**1.5
    y //= 1
    a[0] //= 1
    return y


@kernel
def of_float(x: float):
    return x * 2


@kernel
def of_power(x: float):
    return of_float(x**1.5)


@kernel
def floored(x):
    return x // 2


@kernel
def floored_power(x: float):
    return floored(x**1.5)


@kernel
def second(a):
    return a[1]


@kernel
def masked(a, x: float):
    y = x**1.5
    a[True] = a[False]
    return second(a) + y


@kernel
def asserted(seen, seed: int):
    rng = random.stream(seed, 0)
    # Half of them fail, and half of those would not if they were drawn again.
    assert rng.randrange(2), "drawn"
    assert counted(seen), seen[0] + 0
    return rng.randrange(100)


@kernel
def counted(seen):
    seen[0] += 1
    return seen[0] % 2


@kernel
def unbound_in_place(seen, n: int):
    for i in range(n):  # noqa: B007
        pass
    i += counted(seen)
    return i


@kernel
def unbound_argument(seen, n: int):
    for i in range(n):  # noqa: B007
        pass
    return max(i, counted(seen))


@kernel
def unbound_alone(n: int):
    for i in range(n):  # noqa: B007
        pass
    i  # noqa: B018
    return n


class Answers(unittest.TestCase):
    def same(self, kernel, *args):
        def outcome(function):
            try:
                return repr(function(*args))
            except Exception as error:
                line = traceback.extract_tb(error.__traceback__)[-1].line
                return f"{type(error).__name__}: {error}", line

        self.assertEqual(outcome(kernel), outcome(kernel.__wrapped__))

    def test_what_changes_nothing_of_an_int_is_checked_like_the_rest(self) -> None:
        # Ints at the ends of 128 bits were cut to 64 by `+x` and `abs(x)`.
        self.same(positive, memoryview(array.array("Q", [0])))
        self.same(sizes, True, 2**33)
        self.same(sizes, False, -(2**63))
        self.same(sizes, False, -(2**63) + 1)

    def test_a_loops_variable_is_there_after_groups_of_elements(self) -> None:
        for length in (1, 8, 9, 4096, 4104):
            self.assertEqual(last_counter(array.array("f", [0.0]) * length), length - 1)
            ints = array.array("q", [3]) * length
            self.assertEqual(last_of_sum(ints), (3 * length, length - 1))
        self.same(last_counter, memoryview(array.array("f")))

    def test_a_failed_assertion_is_not_tested_again(self) -> None:
        for seed in range(20):
            results = []
            for function in (asserted, asserted.__wrapped__):
                seen = array.array("q", [seed])
                try:
                    results.append((function(seen, seed), seen[0]))
                except AssertionError as error:
                    results.append((str(error), seen[0]))
            self.assertEqual(*results)

    def test_a_variable_without_value_raises_before_what_comes_after_it(self) -> None:
        for function in (unbound_in_place, unbound_argument):
            for n in (0, 3):
                results = []
                for side in (function, function.__wrapped__):
                    seen = array.array("q", [0])
                    try:
                        results.append((side(seen, n), seen[0]))
                    except UnboundLocalError as error:
                        results.append((str(error), seen[0]))
                self.assertEqual(*results)
        self.same(unbound_alone, 0)
        self.same(unbound_alone, 1)

    def test_what_became_complex_raises_as_it_does_in_python(self) -> None:
        self.same(divided_in_place, -2.0, array.array("d", [1.0]))
        # The annotation says nothing there, as it says nothing to Python.
        self.assertEqual(of_power(-2.0), (-2.0) ** 1.5 * 2)
        self.assertEqual(of_power(2.0), 2.0**1.5 * 2)
        self.assertEqual(floored_power(2.0), 1.0)
        with self.assertRaisesRegex(TypeError, "operand type.* //: 'complex' and 'int'"):
            floored_power(-2.0)

    @unittest.skipIf(np is None, "numpy is not here")
    def test_arrays_of_complex_numbers_are_passed_on_by_python(self) -> None:
        for power in (-2.0, 2.0):
            a = np.array([1j, 2j])
            self.assertEqual(masked(a, power), 1j + power**1.5)
            self.assertEqual(a.tolist(), [1j, 1j])

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

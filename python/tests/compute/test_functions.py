"""Functions whose last bits are easily other ones, and what is evaluated when."""

import array
import math
import random
import struct
import unittest
from typing import Any

from pyxidium.compute import kernel

EDGES = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 2.0**-1022, 0.5, 100.0]
EDGES += [1.7976931348623157e308, -1.7976931348623157e308, 2.0**-1024, 2.0**-1025, 101.0, 2.0]
WEIGHTS = (1, 2.5, True)


@kernel
def norms(x, y, z, out):
    for i in range(len(x)):
        out[i, 0] = math.hypot(x[i], y[i])
        out[i, 1] = math.hypot(x[i], 3, y[i], z[i])
        out[i, 2] = math.dist((x[i], y[i], 1), (z[i], x[i], y[i]))
        out[i, 3] = sum((x[i], y[i], z[i]))
        out[i, 4] = sum((3, x[i], 2**60, y[i], True, z[i]))
        out[i, 5] = max((x[i], y[i], z[i]))


@kernel
def fused(x: float, y: float, z: float) -> float:
    return math.fma(x, y, z)


@kernel
def power(z, w):
    return z**w


@kernel
def raised_in_place(z):
    z **= 3
    return z


@kernel
def few():
    return math.hypot(), math.hypot(-3), math.dist((), ()), sum(()), math.hypot(3, True)


@kernel
def of_tuples(a: int, b: int, x: float):
    pair = (a, b)
    mixed = (a, x, b)
    return sum(pair), min(pair), max(pair), sum(mixed), sum((a,)), min((x,)), sum(WEIGHTS)


@kernel
def after_long(n: int, x: float, y: float):
    return sum((n, x, y, -y)), sum((2**62, n, x, y)), sum((x, n, y, -y))


@kernel
def of_shape(a) -> int:
    return sum(a.shape) * 100 + max(a.shape)


@kernel
def noted(seen, x: int) -> int:
    seen[0] = seen[0] * 10 + x
    return x


@kernel
def chained(seen, a: int, b: int, c: int, d: int):
    first = noted(seen, a) < noted(seen, b) <= noted(seen, c)
    other = a < b < noted(seen, c) < noted(seen, d) != 3
    return first, other


@kernel
def guarded(seen, a: int, b: int):
    return 0 < a < 10 // b < noted(seen, 3)


def number(r: random.Random) -> float:
    kind = r.random()
    if kind < 0.3:
        return r.uniform(-10, 10)
    if kind < 0.7:
        return math.ldexp(r.uniform(-1, 1), r.randrange(-1080, 1024))
    if kind < 0.85:
        return float(struct.unpack("d", struct.pack("Q", r.getrandbits(64)))[0])
    return r.choice(EDGES)


def shown(value):
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    if isinstance(value, complex):
        return shown(value.real), shown(value.imag)
    if isinstance(value, float):
        return "nan" if value != value else value.hex()
    return repr(value)


def outcome(function, *args):
    try:
        return shown(function(*args))
    except Exception as error:
        return repr(error)


class Functions(unittest.TestCase):
    def same(self, function, *args):
        self.assertEqual(outcome(function, *args), outcome(function.__wrapped__, *args), args)

    def test_norms_and_sums_to_the_last_bit(self) -> None:
        r = random.Random(11)
        count = 20_000
        x = array.array("d", [number(r) for _ in range(count)])
        # Of very different sizes, and of nearly the same: what rounds matters there.
        y = array.array("d", [v * r.uniform(-2, 2) if r.random() < 0.6 else number(r) for v in x])
        z = array.array("d", [number(r) if r.random() < 0.5 else -v for v in y])
        results = []
        for function in (norms, norms.__wrapped__):
            out = memoryview(array.array("d", bytes(count * 48))).cast("B").cast("d", (count, 6))
            function(x, y, z, out)
            rows: Any = out.tolist()
            results.append([shown(v) for row in rows for v in row])
        self.assertEqual(*results)

    def test_powers_of_complex_numbers(self) -> None:
        r = random.Random(12)
        self.same(power, 0j, 0)
        for whole in (-1, 1.5, 1j, -0.5):
            self.same(power, 0j, whole)
        for _ in range(3000):
            z = complex(number(r), number(r))
            self.same(power, z, r.randrange(-110, 110))
            self.same(power, z, r.choice((0.5, 1.5, -0.25, number(r))))
            self.same(power, z, complex(r.uniform(-3, 3), r.uniform(-3, 3)))
            self.same(power, r.uniform(-9, 9), z)
            self.same(raised_in_place, z)

    def test_fused_products(self) -> None:
        r = random.Random(13)
        for _ in range(3000):
            x, y = number(r), number(r)
            self.same(fused, x, y, -x * y if r.random() < 0.5 else number(r))

    def test_few_arguments(self) -> None:
        self.same(few)

    def test_tuples(self) -> None:
        for a, b in ((1, 2), (2**63 - 1, 1), (-(2**63), -1), (2**127 - 1, 1), (2**200, -5)):
            for x in (0.5, -0.0, 1e300, math.inf, math.nan):
                self.same(of_tuples, a, b, x)
                self.same(of_tuples, b, a, x)
        # After an int beyond 64 bits nothing is compensated.
        for n in (1, 2**62, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**100):
            for x in (1.5, -(2.0**63), 1e16):
                for y in (1.0, 1e300, 1.7976931348623157e308, 0.1):
                    self.same(after_long, n, x, y)
        self.same(of_shape, memoryview(bytes(12)).cast("B", (3, 4)))

    def test_chained_comparisons_call_what_python_calls(self) -> None:
        def run(function, *args):
            seen = memoryview(array.array("q", [0]))
            return outcome(function, seen, *args), seen[0]

        # Plain Python with the kernel `noted`, which does the same.
        for a in range(1, 5):
            for b in range(5):
                self.assertEqual(run(guarded, a, b), run(guarded.__wrapped__, a, b))
                for c, d in ((1, 2), (3, 4), (4, 1), (2, 2), (4, 3)):
                    ours = run(chained, a, b, c, d)
                    self.assertEqual(ours, run(chained.__wrapped__, a, b, c, d))


if __name__ == "__main__":
    unittest.main()

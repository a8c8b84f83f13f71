"""Arrays of every type, shape, stride and right to write, as kernels read and store them."""

import array
import unittest
from typing import Any

from fuzzing.values import DTYPES, as_plain, build, contents, kind_of
from pyxidium.compute import kernel

try:
    import numpy as np
except ImportError:
    np = None

INTS = list(DTYPES["int"])
FORMATS = "".join(DTYPES.values())


@kernel
def sum1(a, total):
    for i in range(len(a)):
        total += a[i]
    return total


@kernel
def sum2(a, total):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i, j] * (i + 2 * j)
    return total


@kernel
def sum3(a, total):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                total += a[i, j, -1 - k] * (i + 2 * j + 3 * k)
    return total


@kernel
def copy1(a, b):
    for i in range(len(a)):
        b[-1 - i] = a[i]


@kernel
def first(a):
    return a[0]


@kernel
def store(a, value):
    a[0] = value


@kernel
def lengths(a):
    return len(a), a.shape[0], a.shape[1], a.shape[2]


SUMS = {1: sum1, 2: sum2, 3: sum3}


def spec(dtype: str, shape: list[int], form: str) -> dict[str, Any]:
    count = 1
    for length in shape:
        count *= length
    values: list[Any] = []
    for n in range(count):
        number = float(n % 11) - 2.5
        if dtype in "FD":
            values.append([number.hex(), (0.5 * n).hex()])
        elif dtype in "fd":
            values.append(number.hex())
        else:
            values.append(n % 2 == 0 if dtype == "?" else hex(n % 100))
    return {"kind": "array", "dtype": dtype, "shape": shape, "values": values, "form": form}


class Arrays(unittest.TestCase):
    def read(self, dtype: str, shape: list[int], form: str) -> None:
        made = spec(dtype, shape, form)
        with self.subTest(dtype=dtype, shape=shape, form=form):
            function = SUMS[len(shape)]
            zero = 0j if dtype in "FD" else 0.0 if dtype in "fd" else 0
            expected = function.__wrapped__(as_plain(build(made)), zero)
            found = function(build(made), zero)
            self.assertEqual((found, type(found)), (expected, type(expected)))

    def test_every_format_is_read(self) -> None:
        for dtype in FORMATS:
            if dtype in "FD":
                continue
            for form in ("view", "read-only", "strided", "reversed"):
                self.read(dtype, [13], form)
            for shape in ([3, 5], [2, 3, 4], [1, 1], [1, 7, 1]):
                self.read(dtype, shape, "view")
            if dtype != "?":
                self.read(dtype, [13], "array")

    @unittest.skipIf(np is None, "needs numpy")
    def test_every_format_of_numpy_is_read(self) -> None:
        for dtype in FORMATS:
            for form in ("numpy", "numpy strided", "numpy transposed", "numpy read-only"):
                for shape in ([13], [3, 5], [2, 3, 4], [0], [0, 3], [3, 0], [2, 0, 2]):
                    self.read(dtype, shape, form)

    def test_every_format_is_stored(self) -> None:
        for dtype in FORMATS:
            forms = ["view", "strided", "reversed"] if dtype not in "FD" else []
            if np is not None:
                forms += ["numpy", "numpy strided"]
            for form in forms:
                with self.subTest(dtype=dtype, form=form):
                    source, target = (build(spec(dtype, [9], f)) for f in (form, form))
                    copy1(source, target)
                    wanted = contents(source)
                    assert wanted is not None
                    self.assertEqual(contents(target), wanted[::-1])

    def test_what_does_not_fit_is_refused_as_memoryview_does(self) -> None:
        for dtype in FORMATS:
            if dtype in "FD":
                continue
            for value in (-1, *(2**n for n in (7, 8, 15, 16, 31, 32, 63, 64)), 1.5, 2, True, 1j):
                with self.subTest(dtype=dtype, value=value):
                    outcomes = []
                    for call in (store.__wrapped__, store):
                        target = build(spec(dtype, [3], "view"))
                        try:
                            outcomes.append(str(call(target, value)))
                        except (ValueError, OverflowError) as error:
                            outcomes.append(f"{type(error).__name__}: {error}")
                        except TypeError:
                            # A kernel says more, before it begins.
                            outcomes.append("TypeError")
                        outcomes.append(str(contents(target)))
                    self.assertEqual(outcomes[:2], outcomes[2:])

    def test_what_is_read_only_stays_as_it_is(self) -> None:
        for made in (memoryview(b"abc"), b"abc", memoryview(bytearray(b"abc")).toreadonly()):
            with self.subTest(type(made)):
                self.assertEqual(first(made), 97)
                with self.assertRaisesRegex(TypeError, "read-only"):
                    store(made, 98)
                self.assertEqual(bytes(made), b"abc")

    def test_empty_arrays(self) -> None:
        for dtype in [*INTS, "d"]:
            empty = array.array(dtype)
            self.assertEqual(sum1(empty, 0), 0)
            with self.assertRaisesRegex(IndexError, "^index out of bounds on dimension 1$"):
                first(empty)

    def test_shapes(self) -> None:
        view = memoryview(bytearray(24)).cast("B", [2, 3, 4])
        self.assertEqual(lengths(view), (2, 2, 3, 4))

    def test_bytearrays_are_arrays(self) -> None:
        data = bytearray(b"ab")
        store(data, 65)
        self.assertEqual(data, b"Ab")

    def test_a_buffer_is_let_go_of(self) -> None:
        data = array.array("d", [1.0, 2.0])
        self.assertEqual(sum1(data, 0.0), 3.0)
        with self.assertRaises(IndexError):
            first(data[:0])
        # Refused while anything holds the buffer.
        data.append(3.0)
        self.assertEqual(sum1(data, 0.0), 6.0)

    def test_four_axes_and_odd_formats_are_refused(self) -> None:
        four = memoryview(bytearray(16)).cast("B", [2, 2, 2, 2])
        with self.assertRaisesRegex(ValueError, "1 to 3 dimensions, not 4; reshape"):
            first(four)
        pointers = memoryview(bytearray(8)).cast("P")
        with self.assertRaisesRegex(TypeError, "kernels know arrays of .* not of format 'P'"):
            first(pointers)

    @unittest.skipIf(np is None, "needs numpy")
    def test_an_array_in_the_other_byte_order_is_refused(self) -> None:
        with self.assertRaises(TypeError):
            first(np.zeros(3, ">i4"))

    def test_kinds_of_elements(self) -> None:
        kinds = {"int": int, "float": float, "bool": bool}
        for dtype in FORMATS:
            if dtype not in "FD":
                found = first(build(spec(dtype, [1], "view")))
                self.assertIs(type(found), kinds[kind_of(dtype)], dtype)


if __name__ == "__main__":
    unittest.main()

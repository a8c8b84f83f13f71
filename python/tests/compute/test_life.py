"""What stays after kernels and their calls are gone: nothing. What goes to other processes."""

import copy
import gc
import multiprocessing
import pickle
import sys
import traceback
import unittest
import weakref
from pathlib import Path

from pyxidium.compute import Kernel, kernel


def scaled_by(number: int) -> Kernel:
    """A new kernel each time."""

    @kernel
    def scaled(x, y: float = 2.0):
        total = 0.0
        for i in range(100):
            total += x * y + i + number
        return total

    return scaled


@kernel
def increased(x: int) -> int:
    return x + 1


factor = 2


@kernel
def shifted(x, by=0):
    return increased(x * factor) + 1 // (4 - by)


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Life(unittest.TestCase):
    def test_kernels_are_freed_with_their_code(self) -> None:
        def some(count: int) -> None:
            for number in range(count):
                made = scaled_by(number)
                self.assertEqual(made(1), made.__wrapped__(1))
                made(1.5)
                last = weakref.ref(made)
                del made
            self.assertIsNone(last())

        some(100)
        before = resident()
        # Their code alone would be more.
        some(1000)
        self.assertLess(resident() - before, 4 << 20)

    def test_kernels_without_loops_are_called_like_others(self) -> None:
        """Their calls are prepared less: no observer, no thread let in between."""
        global factor
        plain = shifted.__wrapped__
        for x in (3, -5, 2**31, 2**62, 2**62, 2**62, 2**62, 2**130, 7, True, -1):
            with self.subTest(x):
                self.assertEqual(repr(shifted(x)), repr(plain(x)))
                self.assertEqual(repr(shifted(x, by=3)), repr(plain(x, by=3)))
        try:
            shifted(3, 4)
            self.fail("divides by zero")
        except ZeroDivisionError as error:
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
        self.assertEqual(line, plain.__code__.co_firstlineno + 2)
        try:
            factor = 10
            self.assertEqual(shifted(3), 31)
        finally:
            factor = 2
        self.assertEqual(shifted(3), 7)
        made = [scaled_by(number) for number in (1, 2)]
        self.assertEqual([f(0) for f in made], [f.__wrapped__(0) for f in made])

    def test_calls_leave_nothing(self) -> None:
        data = memoryview(bytearray(1000))
        made = scaled_by(0)

        def some() -> None:
            for _ in range(2000):
                made(1.5)
                increased(2**200)
                try:
                    increased(data)
                except TypeError:
                    pass

        some()
        gc.collect()
        counts, before = sys.getrefcount(data), resident()
        for _ in range(5):
            some()
        gc.collect()
        self.assertEqual(sys.getrefcount(data), counts)
        self.assertLess(resident() - before, 3 << 20)

    def test_a_kernel_looks_like_its_function(self) -> None:
        self.assertIsInstance(increased, Kernel)
        self.assertEqual(increased.__name__, "increased")
        self.assertEqual(increased.__module__, __name__)
        self.assertEqual(increased.__wrapped__(1), 2)
        self.assertEqual(copy.copy(increased)(1), 2)

    def test_a_kernel_goes_to_other_processes(self) -> None:
        self.assertEqual(pickle.loads(pickle.dumps(increased))(4), 5)
        if "pyxidium" not in Path(sys.executable).name:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                self.assertEqual(pool.map(increased, [1, 2**200]), [2, 2**200 + 1])


if __name__ == "__main__":
    unittest.main()

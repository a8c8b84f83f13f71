"""What stays after kernels and their calls are gone: nothing. What goes to other processes."""

import copy
import gc
import multiprocessing
import pickle
import sys
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

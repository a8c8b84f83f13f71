"""What stays after kernels are gone: nothing. What goes elsewhere: source and types."""

import copy
import gc
import pickle
import subprocess
import sys
import unittest
import weakref
from pathlib import Path

from fuzzing.runner import here
from pyxidium.compute import Kernel, kernel

SOURCE = """
from pyxidium.compute import kernel

@kernel
def scaled(x, y: float = 2.0):
    total = 0.0
    for i in range(100):
        total += x * y + i + {number}
    return total
"""


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@kernel
def increased(x: int) -> int:
    return x + 1


class Life(unittest.TestCase):
    def make(self, number: int) -> Kernel:
        folder = Path(self.enterContext(_folder()))
        file = folder / f"life{number}.py"
        file.write_text(SOURCE.format(number=number))
        names: dict[str, Kernel] = {"__name__": "life"}
        exec(compile(file.read_text(), str(file), "exec"), names)
        return names["scaled"]

    def test_kernels_are_freed_with_their_code(self) -> None:
        def some(count: int) -> None:
            for number in range(count):
                made = self.make(number)
                made(1)
                made(1.5)
                last = weakref.ref(made)
                del made
            gc.collect()
            self.assertIsNone(last())

        some(50)
        before = resident()
        some(300)
        self.assertLess(resident() - before, 6 << 20)

    def test_calls_leave_nothing(self) -> None:
        data = memoryview(bytearray(1000))
        made = self.make(0)

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

    def test_a_kernel_is_pickled(self) -> None:
        again = pickle.loads(pickle.dumps(increased))
        self.assertEqual(again(4), 5)

    def test_a_kernel_goes_to_a_process_that_has_no_such_module(self) -> None:
        made = self.make(7)
        program = (
            "import sys, pickle; k = pickle.load(sys.stdin.buffer); print(repr(k(3)), k.__name__)"
        )
        done = subprocess.run(
            [*here(), "-c", program], input=pickle.dumps(made), capture_output=True, check=False
        )
        self.assertEqual(done.stderr, b"")
        self.assertEqual(done.stdout.decode().split(), [repr(made(3)), "scaled"])


def _folder() -> object:
    import tempfile

    return tempfile.TemporaryDirectory()


if __name__ == "__main__":
    unittest.main()

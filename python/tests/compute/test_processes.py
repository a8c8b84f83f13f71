"""Plain functions on processes: in order, with progress, ended when something goes wrong."""

import os
import signal
import threading
import time
import unittest
from multiprocessing import active_children, get_context
from unittest.mock import patch

import interrupts
from pyxidium import Cancelled
from pyxidium.compute import _processes
from pyxidium.compute._processes import on_processes


def squared(n: int) -> int:
    return n * n


def slowly(n: int) -> int:
    time.sleep(0.05 * (n % 3))
    return os.getpid()


def inverse(n: int) -> float:
    return 1 / n


def never(_n: int) -> None:
    time.sleep(1000)


def gone(_n: int) -> None:
    os._exit(3)


def nested(n: int) -> list[int]:
    return on_processes(squared, range(n))


class Processes(unittest.TestCase):
    def test_results_are_in_order(self) -> None:
        self.assertEqual(on_processes(squared, range(101)), [n * n for n in range(101)])
        self.assertEqual(on_processes(squared, iter([3])), [9])
        self.assertEqual(on_processes(squared, []), [])
        self.assertEqual(on_processes(squared, range(9), keep=False), [])

    def test_as_many_processes_as_are_asked_for(self) -> None:
        for count in (1, 3):
            used = set(on_processes(slowly, range(30), processes=count))
            self.assertNotIn(os.getpid(), used)
            self.assertTrue(min(count, 2) <= len(used) <= count, used)
        with self.assertRaisesRegex(ValueError, "1 or more, not 0"):
            on_processes(squared, [1], processes=0)

    def test_progress_goes_up_to_the_end(self) -> None:
        seen: list[float] = []
        on_processes(squared, range(100), progress=seen.append)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(seen[-1], 1.0)

    def test_the_first_failure_is_raised(self) -> None:
        with self.assertRaisesRegex(ZeroDivisionError, "division by zero"):
            on_processes(inverse, [3, 2, 1, 0, 4])
        self.assertEqual(on_processes(squared, [4]), [16])

    def test_a_function_that_others_cannot_have(self) -> None:
        with self.assertRaisesRegex(TypeError, r"cannot have .*<lambda>: define it at the top"):
            on_processes(lambda n: n, [1])

    def test_a_process_that_dies_is_told(self) -> None:
        with self.assertRaisesRegex(Exception, "terminated abruptly"):
            on_processes(gone, [1, 2])
        self.assertEqual(on_processes(squared, [4]), [16])

    def ended(self) -> None:
        """No process is left that never ends."""
        deadline = time.monotonic() + 5
        while active_children() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(active_children(), [])

    def test_an_interrupt_ends_them(self) -> None:
        interrupts.heard(self)
        # At rest, so that the signal finds the wait.
        on_processes(squared, range(2), processes=2)
        thread = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            on_processes(never, range(2), processes=2)
        thread.join()
        self.ended()

    def test_the_page_can_cancel(self) -> None:
        cancelled = patch.object(_processes, "check_cancelled", side_effect=Cancelled)
        with cancelled, self.assertRaises(Cancelled):
            on_processes(never, range(2))
        self.ended()

    def test_in_a_process_that_may_have_no_children(self) -> None:
        with get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.apply(nested, (4,)), [0, 1, 4, 9])


if __name__ == "__main__":
    unittest.main()

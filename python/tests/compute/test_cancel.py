"""A page that cancels stops the kernel that works for it, soon."""

import sys
import threading
import time
import types
import unittest
from array import array
from collections.abc import Callable
from unittest import mock

from pyxidium import Cancelled
from pyxidium.compute import kernel, prange, watch


@kernel
def forever(n: int) -> int:
    x = 1
    while x:
        x = x % 7 + n
    return x


@kernel
def parallel(n: int) -> int:
    x = 0
    for i in prange(n):
        for j in range(n):
            x += (i * j) & 3
    return x


@kernel
def elementwise(a: array[float], n: int) -> None:
    for _ in range(n):
        for i in range(len(a)):
            a[i] = a[i] * 0.5 + 1.0


class Token:
    """What the bridge has for a call of a page."""

    def __init__(self) -> None:
        self.cancelled = False

    def is_cancelled(self) -> bool:
        return self.cancelled


class Cancel(unittest.TestCase):
    def setUp(self) -> None:
        self.token = Token()
        bridge = types.ModuleType("_pyxidium_bridge")
        vars(bridge)["token"] = lambda: self.token
        patch = mock.patch.dict(sys.modules, {"_pyxidium_bridge": bridge})
        patch.start()
        self.addCleanup(patch.stop)

    def latency(self, call: Callable[[], object]) -> float:
        cancelled_at = 0.0

        def cancel() -> None:
            nonlocal cancelled_at
            time.sleep(0.1)
            cancelled_at = time.monotonic()
            self.token.cancelled = True

        thread = threading.Thread(target=cancel)
        thread.start()
        with self.assertRaises(Cancelled):
            call()
        ended = time.monotonic()
        thread.join()
        self.token.cancelled = False
        return ended - cancelled_at

    def check(self, call: Callable[[], object]) -> None:
        # The machine may be busy: what counts is what the kernel itself needs.
        best = min(self.latency(call) for _ in range(5))
        self.assertLess(best, 0.05)

    def test_a_loop_without_end(self) -> None:
        self.check(lambda: forever(1))

    def test_a_parallel_loop(self) -> None:
        self.check(lambda: parallel(10**9))

    def test_an_elementwise_loop(self) -> None:
        a = array("d", [1.0]) * 10_000_000
        self.check(lambda: elementwise(a, 10**9))

    def test_on_another_thread_than_the_first(self) -> None:
        found: list[float] = []
        thread = threading.Thread(
            target=lambda: found.append(self.latency(lambda: parallel(10**9)))
        )
        thread.start()
        thread.join()
        self.assertLess(found[0], 0.5)

    def test_what_is_not_cancelled_ends(self) -> None:
        self.assertEqual(parallel(3), 5)


class Progress(unittest.TestCase):
    def test_a_parallel_loop_says_how_far_it_is(self) -> None:
        heard: list[float] = []
        with watch(progress=heard.append):
            parallel(3000)
        self.assertEqual(heard[-1], 1.0)
        self.assertEqual(heard, sorted(heard))
        self.assertTrue(all(0 < x <= 1 for x in heard))

    def test_threads_change_nothing(self) -> None:
        answers = set()
        for threads in (1, 2, 3, 7):
            with watch(threads=threads):
                answers.add(parallel(500))
        self.assertEqual(len(answers), 1)

    def test_threads_must_be_there(self) -> None:
        with self.assertRaisesRegex(ValueError, "threads must be 1 or more"), watch(threads=0):
            pass


if __name__ == "__main__":
    unittest.main()

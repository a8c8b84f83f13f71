"""Kernels on threads: one answer whatever their number, the GIL free, an end when one is asked."""

import os
import signal
import threading
import time
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import sqrt

import interrupts
from pyxidium.compute import kernel, parallel_for, parallel_map, prange, random, threads, watch


@kernel
def chance(seed: int, count: int) -> float:
    total = 0.0
    for i in prange(count):
        stream = random.stream(seed, i)
        total += stream.random() + stream.gauss(0.0, 1.0) * stream.uniform(1.0, 2.0)
    return total


@kernel
def roots(n: int, start: float) -> float:
    total = start
    for i in range(n):
        total += sqrt(i)
    return total


@kernel
def nested(n: int) -> float:
    total = 0.0
    for i in prange(n):
        total += roots(i, 0.0) + chance(i, 3)
    return total


@kernel
def fails(n: int, at: int) -> int:
    total = 0
    for i in prange(n):
        total += 1 // (i - at)
    return total


@kernel
def endless(a):
    i = 0
    while a[0] == 0:
        i += 1
        i &= 1023
    return i


@kernel
def endless_everywhere(a, n: int):
    for i in prange(n):
        j = 0
        while a[i] == 0:
            j += 1
            j &= 1023


class Threads(unittest.TestCase):
    def test_the_answer_does_not_depend_on_the_number_of_threads(self) -> None:
        for function, arguments in ((chance, (7, 5000)), (nested, (300,))):
            answers = set()
            for number in (1, 2, 3, 8):
                with watch(threads=number):
                    answers.add(function(*arguments).hex())
            self.assertEqual(len(answers), 1, answers)
            self.assertEqual(answers, {function(*arguments).hex()})

    def test_the_error_is_that_of_the_first_iteration_that_fails(self) -> None:
        for number in (1, 2, 8):
            with watch(threads=number):
                for at in (0, 1, 777, 4999):
                    with self.assertRaisesRegex(ZeroDivisionError, "division"):
                        fails(5000, at)
                self.assertEqual(fails(5000, -1), 1)

    def test_many_python_threads_call_at_once(self) -> None:
        expected = [roots.__wrapped__(n, 0.5) for n in range(64)]
        with ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                self.assertEqual(list(pool.map(lambda n: roots(n, 0.5), range(64))), expected)

    def test_first_calls_of_many_threads_at_once(self) -> None:
        @kernel
        def fresh(x):
            return x * 3 + 1

        given = [1, 2.5, True, 2**70, 1j] * 8
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(fresh, given))
        self.assertEqual([repr(v) for v in found], [repr(fresh.__wrapped__(v)) for v in given])

    def test_other_python_threads_go_on(self) -> None:
        flag = bytearray(1)
        steps = 0
        thread = threading.Thread(target=endless, args=(flag,))
        thread.start()
        for _ in range(100):
            steps += 1
            time.sleep(0)
        flag[0] = 1
        thread.join(10)
        self.assertFalse(thread.is_alive())
        self.assertEqual(steps, 100)

    def interrupted(self, call: Callable[[], object]) -> float:
        """Seconds from Ctrl+C to the exception."""
        interrupts.heard(self)
        sent = 0.0

        def send() -> None:
            nonlocal sent
            time.sleep(0.1)
            sent = time.perf_counter()
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            with self.assertRaises(KeyboardInterrupt):
                call()
            return time.perf_counter() - sent
        finally:
            thread.join()

    def test_an_interrupt_ends_a_kernel_within_50_ms(self) -> None:
        calls: dict[str, Callable[[], object]] = {
            "alone": lambda: endless(bytearray(1)),
            "on all threads": lambda: endless_everywhere(bytearray(64), 64),
        }
        for name, call in calls.items():
            with self.subTest(name):
                waited = min(self.interrupted(call) for _ in range(3))
                self.assertLess(waited, 0.05)
        self.assertEqual(roots(3, 0.0), roots.__wrapped__(3, 0.0))

    def test_progress_goes_up_to_the_end(self) -> None:
        seen: list[float] = []
        with watch(progress=seen.append):
            nested(2000)
        self.assertEqual(seen, sorted(seen))
        self.assertTrue(seen and seen[-1] == 1.0, seen[-3:])

    def test_parallel_map_keeps_the_order(self) -> None:
        expected = [n * n for n in range(500)]
        for number in (1, 2, 8):
            self.assertEqual(parallel_map(squared, range(500), threads=number), expected)
        self.assertEqual(parallel_map(squared, []), [])
        self.assertEqual(parallel_map(plainly_squared, range(50)), expected[:50])

    def test_parallel_map_raises_what_the_first_item_raises(self) -> None:
        for number in (1, 2, 8):
            with self.assertRaisesRegex(ZeroDivisionError, "^division by zero$"):
                parallel_map(inverse, [1, 2, 0, 2**2000, 4], threads=number)
        with self.assertRaisesRegex(ZeroDivisionError, "^division by zero$"):
            parallel_map(plain_inverse, [1, 2, 0, 4])

    def test_parallel_for_is_for_what_it_does(self) -> None:
        data = bytearray(300)

        @kernel
        def filled(item):
            item[0] = 7

        view = memoryview(data)
        parallel_for(filled, [view[n:] for n in range(300)])
        self.assertEqual(data, bytes([7]) * 300)

    def test_an_interrupt_ends_a_map(self) -> None:
        flags = [bytearray(1) for _ in range(9)]
        waited = min(self.interrupted(lambda: parallel_map(endless, flags)) for _ in range(3))
        self.assertLess(waited, 0.05)

    def test_how_many_threads(self) -> None:
        self.assertGreaterEqual(threads(), 1)
        with watch(threads=3):
            self.assertEqual(threads(), 3)


@kernel
def squared(n: int) -> int:
    return n * n


@kernel
def inverse(n: int) -> float:
    return 1 / n


def plainly_squared(n: int) -> int:
    return n * n


def plain_inverse(n: int) -> float:
    return 1 / n


if __name__ == "__main__":
    unittest.main()

"""parallel_map and parallel_for: in order, the first error, ended soon; kernels that travel."""

import copy
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
import types
import unittest
from array import array
from concurrent.futures import ProcessPoolExecutor
from typing import Any
from unittest.mock import patch

import interrupts
from pyxidium import Cancelled
from pyxidium.compute import (
    Kernel,
    Unsupported,
    _processes,
    kernel,
    parallel_for,
    parallel_map,
    prange,
    watch,
)

FACTOR = 3


@kernel
def scaled(n: int) -> int:
    return n * FACTOR


@kernel
def power(base: int, exponent: int = 2) -> int:
    result: int = base**exponent
    return result


@kernel
def inverse(n: int) -> float:
    return 1 / n


@kernel
def put(a: array[float], i: int) -> None:
    a[i] = i * 0.5


@kernel
def sizes(t: tuple[int, int]) -> int:
    return t[0] * t[1]


@kernel
def forever(n: int) -> int:
    while n > 0:
        n = n % 7 + 1
    return n


@kernel
def blocks(n: int) -> int:
    total = 0
    for i in prange(n):
        total += i
    return total


@kernel
def fibonacci(n: int) -> int:
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)  # type: ignore[no-any-return]


def squared(n: int) -> int:
    return n * n


def added(a: int, b: int = 10) -> int:
    return a + b


def local(factor: int) -> Kernel:
    """A kernel that has no name to be found by."""

    @kernel
    def times(n: int, more: int = 1) -> int:
        total = n * factor + more
        return total // 1

    return times  # type: ignore[no-any-return]


def itself() -> Kernel:
    @kernel
    def own(n: int) -> int:
        if n < 2:
            return n
        return own(n - 1) + own(n - 2)  # type: ignore[no-any-return]

    return own  # type: ignore[no-any-return]


class Threads(unittest.TestCase):
    def test_results_are_in_order_on_any_number_of_threads(self) -> None:
        expected = [n * 3 for n in range(1000)]
        for threads in (None, 1, 2, 7):
            self.assertEqual(parallel_map(scaled, range(1000), threads=threads), expected)
        self.assertEqual(parallel_map(scaled, iter([2])), [6])
        self.assertEqual(parallel_map(scaled, []), [])

    def test_one_parameter_takes_the_item_several_take_tuples(self) -> None:
        self.assertEqual(parallel_map(power, [3, (2, 5), (7,)]), [9, 32, 49])
        self.assertEqual(parallel_map(sizes, [(2, 5), (3, 3)]), [10, 9])
        with self.assertRaisesRegex(TypeError, "takes 2 arguments but 3 were given") as caught:
            parallel_map(power, [(1, 2), (1, 2, 3)])
        self.assertIn("item 1 of parallel_map", "\n".join(caught.exception.__notes__))

    def test_answers_are_those_of_single_calls(self) -> None:
        items = [0, 2**31, 2**62, 2**63, 2**126, 2**200, -1]
        self.assertEqual(parallel_map(scaled, items), [n * 3 for n in items])
        self.assertEqual(
            parallel_map(power, [(2, n) for n in range(300)]), [2**n for n in range(300)]
        )
        self.assertEqual(parallel_map(power, [(2, -1), (2, 1)]), [0.5, 2])

    def test_arrays_are_shared(self) -> None:
        numbers = array("d", bytes(800))
        parallel_for(put, [(numbers, i) for i in range(100)])
        self.assertEqual(list(numbers), [i * 0.5 for i in range(100)])

    def test_the_first_items_error_is_raised_on_any_number_of_threads(self) -> None:
        items = [2] * 500 + [0] + [1] * 100 + [0] * 20
        for threads in (1, 2, 5):
            try:
                parallel_map(inverse, items, threads=threads)
            except ZeroDivisionError:
                shown = traceback.format_exc()
            self.assertIn("return 1 / n", shown)
            self.assertIn("item 500 of parallel_map", shown)

    def test_items_are_looked_at_before_anything_runs(self) -> None:
        numbers = array("d", [0.0])
        with self.assertRaises(TypeError):
            parallel_for(put, [(numbers, 0), ([1.0], 0)])

        @kernel
        def longer(a, i):  # type: ignore[no-untyped-def]
            a[0] = 7.0
            return len(i)

        with self.assertRaises(Unsupported):
            parallel_for(longer, [(numbers, numbers), (numbers, 2.5)])
        self.assertEqual(numbers[0], 0.0)

    def test_loops_inside_are_parallel_too(self) -> None:
        self.assertEqual(parallel_map(blocks, [10, 100000] * 4), [45, 4999950000] * 4)

    def test_progress_goes_up_to_the_end(self) -> None:
        heard: list[float] = []
        parallel_map(blocks, [3_000_000] * 200, progress=heard.append)
        self.assertEqual((heard[-1], heard), (1.0, sorted(heard)))
        heard.clear()
        with watch(progress=heard.append):
            parallel_for(scaled, range(5))
        self.assertEqual(heard, [1.0])

    def test_what_progress_raises_is_shown(self) -> None:
        def wrong(_fraction: float) -> None:
            raise LookupError("no place to show it")

        with patch("sys.unraisablehook") as hook:
            self.assertEqual(parallel_map(scaled, [1], progress=wrong), [3])
        self.assertIs(hook.call_args.args[0].exc_type, LookupError)

    def test_a_page_that_cancels_ends_it_soon(self) -> None:
        best = cancelled_at = 1000.0
        token = types.SimpleNamespace(is_cancelled=lambda: time.monotonic() > cancelled_at)
        bridge = types.SimpleNamespace(token=lambda: token)
        with patch.dict(sys.modules, {"_pyxidium_bridge": bridge}):
            for _ in range(5):
                cancelled_at = time.monotonic() + 0.1
                with self.assertRaises(Cancelled):
                    parallel_map(forever, range(1, 40))
                best = min(best, time.monotonic() - cancelled_at)
            self.assertLess(best, 0.05)
            cancelled_at = time.monotonic() + 1000
            self.assertEqual(parallel_map(scaled, [4]), [12])

    def test_progress_of_a_page_may_cancel(self) -> None:
        def cancel(_fraction: float) -> None:
            raise Cancelled

        with self.assertRaises(Cancelled):
            parallel_map(blocks, [10_000_000] * 10_000, progress=cancel)

    def test_an_interrupt_ends_it_soon(self) -> None:
        parallel_map(scaled, range(10))
        best = min(self.interrupted() for _ in range(5))
        self.assertLess(best, 0.05)
        self.assertEqual(parallel_map(scaled, [4]), [12])

    def interrupted(self) -> float:
        interrupts.heard(self)
        sent = 0.0

        def interrupt() -> None:
            nonlocal sent
            time.sleep(0.1)
            sent = time.monotonic()
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            parallel_map(forever, range(1, 40))
        ended = time.monotonic()
        thread.join()
        return ended - sent

    def test_the_threads_are_released(self) -> None:
        counted = 0

        def count() -> None:
            nonlocal counted
            while not done.is_set():
                counted += 1

        done = threading.Event()
        thread = threading.Thread(target=count)
        thread.start()
        before = counted
        parallel_map(blocks, [20_000_000] * 10)
        done.set()
        thread.join()
        self.assertGreater(counted - before, 100)

    def test_many_python_threads_at_once(self) -> None:
        outcomes: list[list[int]] = []

        def work() -> None:
            outcomes.append(parallel_map(power, [(n, 30) for n in range(200)]))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(outcomes, [[n**30 for n in range(200)]] * 8)


class Processes(unittest.TestCase):
    def test_plain_functions_run_on_processes(self) -> None:
        pids = set(parallel_map(os.getpgid, [0] * 8, processes=2))
        self.assertEqual(pids, {os.getpgid(0)})
        self.assertEqual(parallel_map(squared, range(50)), [n * n for n in range(50)])
        self.assertEqual(parallel_map(added, [1, (2, 3)]), [11, 5])
        parallel_for(squared, range(5))

    def test_progress(self) -> None:
        heard: list[float] = []
        with watch(progress=heard.append):
            parallel_map(squared, range(50))
        self.assertEqual((heard[-1], heard), (1.0, sorted(heard)))

    def test_the_page_can_cancel(self) -> None:
        cancelled = patch.object(_processes, "check_cancelled", side_effect=Cancelled)
        with cancelled, self.assertRaises(Cancelled):
            parallel_map(time.sleep, [100, 100])

    def test_kernels_that_run_as_python_run_on_processes(self) -> None:
        with self.assertWarnsRegex(RuntimeWarning, "the function runs as Python"):
            items = [(array("d", [n]), array("d", [2.0])) for n in (1.0, 3.0)]
            self.assertEqual(list(map(list, parallel_map(joined, items))), [[1, 2], [3, 2]])


@kernel(fallback="python")
def joined(a, b):  # type: ignore[no-untyped-def]
    return a + b


class Arguments(unittest.TestCase):
    def test_kind_errors(self) -> None:
        call: Any = parallel_map
        for kind, message, given, options in (
            (TypeError, "say threads=4", (scaled, [1]), {"processes": 4}),
            (TypeError, "say processes=4, or make it a @k", (squared, [1]), {"threads": 4}),
            (TypeError, "first argument is the function, not list", ([1], scaled), {}),
            (ValueError, "threads must be 1 or more, not 0", (scaled, [1]), {"threads": 0}),
            (TypeError, "an int, not float", (scaled, [1]), {"threads": 2.0}),
            (TypeError, "int cannot be called", (scaled, [1]), {"progress": 1}),
            (TypeError, "at the top level of a module", (lambda n: n, [1]), {}),
        ):
            with self.subTest(message), self.assertRaisesRegex(kind, message):
                call(*given, **options)


class Travel(unittest.TestCase):
    def test_by_name(self) -> None:
        self.assertIs(pickle.loads(pickle.dumps(scaled)), scaled)
        self.assertIs(copy.deepcopy(fibonacci), fibonacci)

    def test_what_has_no_name_goes_as_source(self) -> None:
        sent = pickle.dumps(local(5))
        times = pickle.loads(sent)
        self.assertEqual((times(7), times(7, more=3)), (36, 38))
        self.assertEqual(times.__wrapped__(7), 36)
        # Compiled once, however often it comes.
        self.assertIs(pickle.loads(sent), times)
        self.assertEqual(pickle.loads(pickle.dumps(local(6)))(7), 43)
        self.assertEqual(pickle.loads(pickle.dumps(itself()))(20), 6765)

    def test_errors_are_at_the_same_line(self) -> None:
        @kernel
        def failing(n: int) -> float:
            return 1 / n

        lines = []
        for one in (failing, pickle.loads(pickle.dumps(failing))):
            try:
                one(0)
            except ZeroDivisionError as error:
                lines.append(traceback.extract_tb(error.__traceback__)[-1])
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(lines[0].line, "return 1 / n")

    def test_to_other_processes(self) -> None:
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            self.assertEqual(list(pool.map(scaled, range(5))), [0, 3, 6, 9, 12])
            self.assertEqual(list(pool.map(local(2), range(3))), [1, 3, 5])


if __name__ == "__main__":
    unittest.main()

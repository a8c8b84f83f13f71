"""One function, five ways to run it: Bruce Eckel's experiment.

Nothing here knows of the window, so that other processes load no more than this.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from math import sqrt
from multiprocessing import get_context

from pyxidium.compute import kernel, parallel_map

type Report = Callable[[float], object]


def in_python(n: int, iterations: int) -> float:
    """The sum of sqrt(i³ + i² + i·n)."""
    result = 0.0
    for i in range(iterations):
        result += sqrt(i**3 + i**2 + i * n)
    return result


@kernel
def as_kernel(n: int, iterations: int) -> float:
    """The same lines, compiled."""
    result = 0.0
    for i in range(iterations):
        result += sqrt(i**3 + i**2 + i * n)
    return result


def serial(calls: range, iterations: int, report: Report) -> list[float]:
    """One call after another, in one Python."""
    sums = []
    for n in calls:
        report(n / len(calls))
        sums.append(in_python(n, iterations))
    return sums


def on_processes(
    function: Callable[[int, int], float], calls: range, iterations: int, report: Report
) -> list[float]:
    """In a pool of processes, as the standard library has it."""
    # An app with a window has threads, and must not be forked.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(function, n, iterations) for n in calls]
        try:
            while pending := [future for future in futures if not future.done()]:
                # Ends here when the page's button was pressed.
                report(1 - len(pending) / len(futures))
                wait(pending, 0.1, FIRST_COMPLETED)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def on_threads(calls: range, iterations: int, report: Report) -> list[float]:
    """On Rust threads, with the GIL released."""
    return parallel_map(as_kernel, [(n, iterations) for n in calls], progress=report)


def by_hand(calls: range, iterations: int, _report: Report) -> list[float]:
    """The same, written in Rust: see src/main.rs beside this folder."""
    import by_hand

    return by_hand.cpu_intensive(list(calls), iterations)


RUNGS: dict[str, Callable[[range, int, Report], list[float]]] = {
    "python": serial,
    "processes": lambda *rest: on_processes(in_python, *rest),
    "kernel-processes": lambda *rest: on_processes(as_kernel, *rest),
    "kernel-threads": on_threads,
    "rust": by_hand,
}

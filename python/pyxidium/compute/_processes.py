"""Plain Python functions on all cores: on processes of the file that runs.

They are started anew, never forked, since a process with threads (a window has many) must not be.
What kernels need is elsewhere: they run on threads.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from pyxidium._commands import check_cancelled

_PARTS = 8
"""How many parts each process gets, one after another: few enough to cost little, enough for
progress and for items that take longer than others."""

_SECONDS = 0.02
"""How often a caller who waits looks whether the page has cancelled its call."""

_lock = threading.Lock()
_kept: tuple[int, ProcessPoolExecutor] | None = None


def on_processes(
    function: Callable[..., Any],
    items: Iterable[Any],
    *,
    keep: bool = True,
    spread: bool = False,
    progress: Callable[[float], object] | None = None,
    processes: int | None = None,
) -> list[Any]:
    """Call a function with each item; its results in the items' order, or none unless ``keep``.

    With ``spread``, items that are tuples are the arguments.
    Raises what the function raised for the first item that failed, and TypeError for a function
    that other processes cannot have. When it raises, the processes are ended.
    """
    given = list(items)
    if processes is not None and processes < 1:
        message = f"processes must be 1 or more, not {processes}"
        raise ValueError(message)
    count = min(processes or os.process_cpu_count() or 1, len(given))
    if multiprocessing.current_process().daemon:
        # Such a process may have no children.
        return _here(function, given, keep, spread, progress)
    sent = _pickled(function)
    size = max(1, len(given) // (count * _PARTS)) if given else 1
    parts = [given[at : at + size] for at in range(0, len(given), size)]
    pool = _pool(count) if parts else None
    futures: list[Future[list[Any]]] = []
    try:
        if pool is not None:
            futures = [pool.submit(_part, sent, part, keep, spread) for part in parts]
        _wait(futures, progress)
        return [result for future in futures for result in future.result()]
    except BaseException:
        if pool is not None:
            _end(pool)
        raise


def _here(
    function: Callable[..., Any],
    given: Sequence[Any],
    keep: bool,
    spread: bool,
    progress: Callable[[float], object] | None,
) -> list[Any]:
    results = []
    for number, item in enumerate(given, 1):
        result = _call(function, item, spread)
        if keep:
            results.append(result)
        if progress is not None:
            progress(number / len(given))
    return results


def _pickled(function: Callable[..., Any]) -> bytes:
    try:
        return pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        name = getattr(function, "__qualname__", repr(function))
        message = (
            f"other processes cannot have {name}: define it at the top level of a module, "
            "or make it a @kernel, which runs on threads"
        )
        raise TypeError(message) from error


def _pool(count: int) -> ProcessPoolExecutor:
    """The processes of the last call, if it had as many."""
    global _kept
    with _lock:
        if _kept is not None and _kept[0] == count:
            return _kept[1]
        if _kept is not None:
            _kept[1].shutdown(wait=False)
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(count, context, initializer=_begin)
        _kept = (count, pool)
        return pool


def _end(pool: ProcessPoolExecutor) -> None:
    """Ends processes in the middle of what they do."""
    global _kept
    with _lock:
        if _kept is not None and _kept[1] is pool:
            _kept = None
    # Python 3.14 has a method for it.
    running = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.terminate()


def _wait(futures: Sequence[Future[list[Any]]], progress: Callable[[float], object] | None) -> None:
    """Until all are done, or the first of them that fails has failed."""
    pending, ready = set(futures), 0
    while pending:
        done, pending = wait(pending, _SECONDS, FIRST_COMPLETED)
        check_cancelled()
        while ready < len(futures) and futures[ready].done():
            futures[ready].result()
            ready += 1
        if done and progress is not None:
            progress(1 - len(pending) / len(futures))


def _begin() -> None:
    # Ctrl+C goes to all processes of a terminal; ours says when they end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@functools.lru_cache(maxsize=1)
def _loaded(sent: bytes) -> Callable[..., Any]:
    function: Callable[..., Any] = pickle.loads(sent)
    return function


def _part(sent: bytes, part: Sequence[Any], keep: bool, spread: bool) -> list[Any]:
    function = _loaded(sent)
    if keep:
        return [_call(function, item, spread) for item in part]
    for item in part:
        _call(function, item, spread)
    return []


def _call(function: Callable[..., Any], item: Any, spread: bool) -> Any:
    return function(*item) if spread and isinstance(item, tuple) else function(item)

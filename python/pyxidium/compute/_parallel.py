"""``parallel_map`` and ``parallel_for``: one function, many items, all cores."""

from __future__ import annotations

from pyxidium.compute import _compute
from pyxidium.compute._kernel import Kernel
from pyxidium.compute._watch import current_progress, current_threads

# As `typing` has it, whose import takes longer than all that is here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def parallel_map(
    function: Callable[..., Any],
    items: Iterable[Any],
    *,
    progress: Callable[[float], object] | None = None,
    threads: int | None = None,
    processes: int | None = None,
) -> list[Any]:
    """``[function(item) for item in items]``, on all cores; results are in the items' order.

    Kernels run on Rust threads, without the GIL: items are converted before the first call,
    results after the last. Any other function runs on processes of the same sealed file, which are
    kept for the next call; it must be at the top level of a module, and items and results must be
    picklable.

    A function of one parameter gets the item, whatever it is. One of several parameters gets the
    items of each tuple: ``parallel_map(power, [(2, 3), (2, 4)])`` calls ``power(2, 3)``.

    Ctrl-C, a page that cancels its call, and an error end it at once. The error is that of the
    first item that has one, on however many threads.

    Args:
        function: What is called; must not depend on what other calls do.
        items: Anything that can be iterated; read to its end before the first call.
        progress: Called with the fraction that is done, from 0 to 1, from any thread; as
            ``px.Progress`` is. Without it, that of the ``watch`` around is.
        threads: For kernels: how many threads, instead of one for each core.
        processes: For other functions: how many processes, instead of one for each core.

    Raises:
        TypeError: Other processes cannot have the function, or it is no function.
        Unsupported: A kernel cannot be compiled for such items.
    """
    return _run(function, items, True, progress, threads, processes)


def parallel_for(
    function: Callable[..., Any],
    items: Iterable[Any],
    *,
    progress: Callable[[float], object] | None = None,
    threads: int | None = None,
    processes: int | None = None,
) -> None:
    """Call a function with each item, on all cores, and forget the results.

    For what kernels write into arrays, and what functions write into files. Arguments and errors
    are those of ``parallel_map``.
    """
    _run(function, items, False, progress, threads, processes)


def _run(
    function: Callable[..., Any],
    items: Iterable[Any],
    keep: bool,
    progress: Callable[[float], object] | None,
    threads: int | None,
    processes: int | None,
) -> list[Any]:
    _check(function, progress, threads, processes)
    given = list(items)
    progress = progress or current_progress()
    if isinstance(function, Kernel):
        results = _compute.map_kernel(function, given, keep, progress, threads or current_threads())
        if results is not None:
            return results
        # It was said that it runs as Python.
        spread, function = _parameters(function) > 1, AsPython(function)
    else:
        spread = _parameters(function) > 1
    from pyxidium.compute._processes import on_processes

    return on_processes(
        function, given, keep=keep, spread=spread, progress=progress, processes=processes
    )


class AsPython:
    """A kernel that could not be compiled, for other processes."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def __call__(self, *args: Any) -> Any:
        return self._kernel.__wrapped__(*args)


def _check(function: object, progress: object, threads: int | None, processes: int | None) -> None:
    name = getattr(function, "__name__", type(function).__name__)
    if not callable(function):
        message = f"the first argument is the function, not {name}"
        raise TypeError(message)
    if progress is not None and not callable(progress):
        message = f"progress is called with a fraction; {type(progress).__name__} cannot be called"
        raise TypeError(message)
    if isinstance(function, Kernel):
        if processes is not None:
            message = f"{name} is a kernel, which runs on threads: say threads={processes}"
            raise TypeError(message)
    elif threads is not None:
        message = (
            f"{name} is plain Python, which runs on processes: say processes={threads}, "
            "or make it a @kernel"
        )
        raise TypeError(message)
    for what, count in (("threads", threads), ("processes", processes)):
        if count is None:
            continue
        if not isinstance(count, int):
            message = f"{what} is how many, an int, not {type(count).__name__}"
            raise TypeError(message)
        if count < 1:
            message = f"{what} must be 1 or more, not {count}"
            raise ValueError(message)


def _parameters(function: Any) -> int:
    """How many a function has; 1 for what is not written in Python."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return 1
    own = hasattr(function, "__self__")
    count: int = code.co_argcount + code.co_kwonlyargcount - own
    return count

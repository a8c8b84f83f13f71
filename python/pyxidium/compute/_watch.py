"""What computations on this thread are watched by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_progress: ContextVar[Callable[[float], object] | None] = ContextVar("progress", default=None)
_threads: ContextVar[int | None] = ContextVar("threads", default=None)


def current_progress() -> Callable[[float], object] | None:
    """Who wants to know how far computations are."""
    return _progress.get()


def current_threads() -> int | None:
    """How many threads computations may use, if that was said."""
    return _threads.get()


@contextmanager
def watch(
    *, progress: Callable[[float], object] | None = None, threads: int | None = None
) -> Iterator[None]:
    """Watch the kernels that are called inside the ``with``, compiled ones and ready-made ones.

    ``progress`` is called with a fraction from 0 to 1 now and then, from any thread: how much of an
    outermost ``prange``, or of a ready-made kernel's work, is done. ``threads`` is how many threads
    may work. What takes a moment only is done at once, by the thread that calls.
    """
    if threads is not None and threads < 1:
        message = f"threads must be 1 or more, not {threads}"
        raise ValueError(message)
    tokens = _progress.set(progress), _threads.set(threads)
    try:
        yield
    finally:
        _progress.reset(tokens[0])
        _threads.reset(tokens[1])


def threads() -> int:
    """Say how many threads computations that start here may use."""
    from pyxidium.compute import _compute

    return _compute.threads()

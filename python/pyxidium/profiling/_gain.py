"""A function's real calls, as Python and as a kernel: how long each takes, whether they agree."""

from __future__ import annotations

import copy
import importlib
import math
import time
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyxidium.profiling._checking import as_defined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Seconds that the calls may take as Python; what took longer was timed when it was recorded.
BUDGET = 4.0
#: A call is repeated until that many seconds are over, and the fastest counts.
LEAST = 0.05
#: But not more often.
MOST = 1000


class NotMeasured(Exception):
    """The function cannot be measured; the text says why."""


@dataclass(frozen=True)
class Call:
    """One call of a function: what it was given, and what came of it where that is known."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    #: How long it took as Python; None: not known, or not to be trusted.
    seconds: float | None = None
    #: What it answered, in a tuple of one.
    answer: tuple[Any] | None = None

    def __str__(self) -> str:
        given = [described(value) for value in self.args]
        given += [f"{name}={described(value)}" for name, value in self.kwargs.items()]
        return ", ".join(given)


@dataclass(frozen=True)
class Gain:
    """What ``@kernel`` would bring. Times are seconds, summed over the calls."""

    name: str
    #: The calls, as a person reads them.
    calls: list[str]
    python: float
    kernel: float
    #: The first call of the kernel, compilation included.
    first: float
    #: ``python / kernel``.
    factor: float
    #: Whether every answer was the same, with its type, to the last bit.
    equal: bool
    difference: str | None = None


def measure_gain(
    function: Callable[..., Any],
    calls: Sequence[Call | tuple[Any, ...]],
    *,
    compiler: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
) -> Gain:
    """Compare a plain function with what ``@kernel`` makes of it.

    ``calls`` are what it is called with: tuples of arguments, or :class:`Call`. Every call gets
    copies, so that a function may write into its arrays. Raises :class:`NotMeasured` where the
    function cannot be a kernel.
    """
    if not calls:
        message = "there is no call to measure it on"
        raise NotMeasured(message)
    given = [call if isinstance(call, Call) else Call(tuple(call)) for call in calls]
    function = getattr(function, "__wrapped__", function)
    compiled, first = _compiled(function, given[0], compiler)
    python = kernel = 0.0
    difference: str | None = None
    for number, call in enumerate(given, 1):
        seconds, answer, arguments = _as_python(function, call, BUDGET / len(given))
        python += seconds
        try:
            seconds, other, others = _timed(compiled, call)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            message = f"as a kernel, call {number} raises {reason}"
            raise NotMeasured(message) from error
        kernel += seconds
        if difference is None and not same(answer, other):
            difference = f"call {number}: Python answers {answer!r:.80}, the kernel {other!r:.80}"
        elif difference is None and arguments is not None and not same(arguments, others):
            difference = f"call {number}: the arguments are changed in different ways"
    return Gain(
        name=getattr(function, "__qualname__", str(function)),
        calls=[f"{function.__name__}({call})" for call in given],
        python=python,
        kernel=kernel,
        first=first,
        factor=python / kernel if kernel > 0 else math.inf,
        equal=difference is None,
        difference=difference,
    )


def _compiled(
    function: Callable[..., Any],
    call: Call,
    compiler: Callable[[Callable[..., Any]], Callable[..., Any]] | None,
) -> tuple[Callable[..., Any], float]:
    """Compile, and give the time until the first answer."""
    if compiler is None:
        try:
            compiler = importlib.import_module("pyxidium.compute").kernel
        except (ImportError, AttributeError) as error:
            message = "this Pyxidium has no compiler of kernels"
            raise NotMeasured(message) from error
    assert compiler is not None
    args, kwargs = _copies(call)
    start = time.perf_counter()
    try:
        plain = as_defined(function) if isinstance(function, types.FunctionType) else function
        compiled = compiler(plain)
        # As after `@kernel`, for what the kernel leaves to Python.
        if plain is not function:
            plain.__globals__[plain.__name__] = compiled
        compiled(*args, **kwargs)
    except Exception as error:
        message = f"{error}" if isinstance(error, TypeError) else f"{type(error).__name__}: {error}"
        raise NotMeasured(message) from error
    return compiled, time.perf_counter() - start


def _as_python(
    function: Callable[..., Any], call: Call, budget: float
) -> tuple[float, Any, tuple[Any, Any] | None]:
    """Time a call as Python, unless it took long when it was recorded, which is exact enough."""
    if call.seconds is not None and call.answer is not None and call.seconds > budget:
        return call.seconds, call.answer[0], None
    return _timed(function, call)


def _timed(function: Callable[..., Any], call: Call) -> tuple[float, Any, tuple[Any, Any]]:
    """Call until it is known how long that takes. The time, the answer, the arguments then."""
    clock = time.perf_counter
    best, spent, times = math.inf, 0.0, 0
    while times == 0 or (spent < LEAST and times < MOST):
        args, kwargs = _copies(call)
        start = clock()
        answer = function(*args, **kwargs)
        took = clock() - start
        best, spent, times = min(best, took), spent + took, times + 1
    return best, answer, (args, kwargs)


def _copies(call: Call) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return tuple(map(copied, call.args)), {k: copied(v) for k, v in call.kwargs.items()}


def copied(value: Any) -> Any:
    """Copy an argument. Raises whatever ``copy.deepcopy`` does for what cannot be copied."""
    if type(value) in (int, float, bool, complex, str, bytes, type(None)):
        return value
    if isinstance(value, memoryview):
        whole: Any = memoryview(bytearray(value.tobytes()))
        whole = whole.cast(value.format, value.shape) if value.nbytes else value
        return whole.toreadonly() if value.readonly else whole
    return copy.deepcopy(value)


def size(value: Any) -> int:
    """Roughly, the bytes of an argument."""
    number = getattr(value, "nbytes", None)
    if isinstance(number, int):
        return number
    if isinstance(value, list | tuple | set | frozenset):
        return 8 * len(value) + sum(size(item) for item in value)
    if isinstance(value, dict):
        return sum(size(k) + size(v) for k, v in value.items())
    if hasattr(value, "itemsize") and hasattr(value, "__len__"):
        return int(len(value) * value.itemsize)
    return len(value) if isinstance(value, str | bytes | bytearray) else 32


def same(one: Any, other: Any) -> bool:
    """Whether two answers are the same: type, sign of zero and all; NaN is as good as NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if hasattr(one, "tolist"):
        shapes = getattr(one, "shape", None), getattr(other, "shape", None)
        return shapes[0] == shapes[1] and (
            one.tobytes() == other.tobytes() or same(one.tolist(), other.tolist())
        )
    return bool(one == other)


def described(value: Any) -> str:
    """Say what an argument is, in a few words."""
    shape = getattr(value, "shape", None)
    if shape is not None and shape != ():
        kind = getattr(value, "dtype", None) or getattr(value, "format", "?")
        return f"{kind}[{' x '.join(map(str, shape))}]"
    if hasattr(value, "typecode") and hasattr(value, "__len__"):
        return f"array {value.typecode}[{len(value)}]"
    if isinstance(value, list | dict | set | bytes | bytearray) and len(value) > 8:
        return f"{type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"

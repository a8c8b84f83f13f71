"""The decorator ``kernel``: from a Python function to compiled code."""

from __future__ import annotations

import linecache

from pyxidium.compute import _compute
from pyxidium.compute._errors import Unsupported, unsupported, warn_of_fallback
from pyxidium.compute._parameters import check_parameters

# As `typing` has it, whose import takes longer than all that is here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any, Literal

_ONLY_AST = 0x400
_trees: dict[str, tuple[list[str], Any]] = {}


def prange(start: int, stop: int | None = None, step: int = 1, /) -> range:
    """Like ``range``; in a kernel, iterations run on all threads.

    Iterations must not depend on each other, except for combining into a variable: ``x += …``,
    ``x *= …``, ``x = min(x, …)``, ``x = max(x, …)``, ``x &= …``, ``x |= …``, ``x ^= …``. Ranges are
    cut into blocks by their length alone and combined in order, so that the answer is the same on
    any number of threads; sums of floats are rounded block by block, not from first to last.
    """
    return range(start) if stop is None else range(start, stop, step)


class Kernel(_compute.Kernel):
    """A function that is compiled for the types it is called with. Made by ``kernel``."""

    def __reduce__(self) -> tuple[Any, ...]:
        # By name, as functions are; if it is not there, as source.
        module, name = self.__wrapped__.__module__, self.__wrapped__.__qualname__
        if _of_name(module, name) is self:
            return (_imported, (module, name))
        from pyxidium.compute._pickling import reduced

        return reduced(self)


def _imported(module: str, name: str) -> object:
    import importlib

    importlib.import_module(module)
    return _of_name(module, name)


def _of_name(module: str, name: str) -> object:
    import sys

    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def kernel(
    function: Callable[..., Any] | None = None, /, *, fallback: Literal["python"] | None = None
) -> Any:
    """Compile a function to machine code, which runs without the GIL.

    The function is compiled at its first call, for the types of its arguments: int, float, bool,
    complex, tuples of them, and arrays of one to three dimensions (numpy, ``array.array``, any
    buffer).
    The answer is CPython's, always: ints never wrap, and errors are the same, at the same line.

    With ``fallback="python"`` a function that cannot be compiled runs as Python, with a warning.

    Raises:
        Unsupported: The function has a part that kernels cannot do; says which, and what to write.
    """
    if fallback not in (None, "python"):
        message = f'fallback is "python" or None, not {fallback!r}'
        raise ValueError(message)

    def make(function: Callable[..., Any]) -> Any:
        if isinstance(function, Kernel):
            return function
        try:
            made = _make(function, fallback is not None)
        except Unsupported as error:
            if fallback is None:
                raise
            warn_of_fallback(error)
            return function
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(made, name, getattr(function, name))
        return made

    return make if function is None else make(function)


def _make(function: Callable[..., Any], fallback: bool) -> Kernel:
    plain, filename = _plain(function)
    definition = definition_of(plain, filename)
    check_parameters(plain, definition, filename)
    return Kernel(plain, definition, filename, fallback)


def _plain(function: Callable[..., Any]) -> tuple[FunctionType, str]:
    code = getattr(function, "__code__", None)
    if code is None:
        message = f"kernel takes a function written in Python, not {type(function).__name__}"
        raise TypeError(message)
    plain: Any = function
    return plain, code.co_filename


def definition_of(function: FunctionType, filename: str) -> Any:
    """The syntax tree of a function: found by its first line in its file's."""
    code = function.__code__
    first = code.co_firstlineno
    lines = linecache.getlines(filename, function.__globals__)
    if not lines:
        problem = f"the source of {function.__name__} is not there"
        hint = "a kernel is compiled from its source: keep it in a file, and in the sealed app"
        raise unsupported(filename, [((first, 0, first, 0), problem, hint)])
    known = _trees.get(filename)
    if known is None or known[0] != lines:
        known = lines, compile("".join(lines), filename, "exec", _ONLY_AST, dont_inherit=True)
        _trees[filename] = known
    waiting = [known[1]]
    while waiting:
        node = waiting.pop()
        kind = type(node).__name__
        if kind in ("FunctionDef", "AsyncFunctionDef"):
            starts = [node.lineno, *(d.lineno for d in node.decorator_list)]
            if node.name == code.co_name and first in starts:
                return _plain_definition(node, filename)
        elif kind == "Lambda" and node.lineno == first and code.co_name == "<lambda>":
            hint = "define a function: def f(x): return …"
            span = (first, node.col_offset, node.end_lineno, node.end_col_offset)
            problem = "kernels are functions with a name"
            raise unsupported(filename, [(span, problem, hint)])
        for field in ("body", "orelse", "finalbody", "handlers", "value", "args", "cases"):
            inside = getattr(node, field, None)
            if isinstance(inside, list):
                waiting.extend(inside)
            elif hasattr(inside, "_fields"):
                waiting.append(inside)
    problem = f"the source of {function.__name__} is not where it was"
    hint = "the file was changed after it was loaded: start again"
    raise unsupported(filename, [((first, 0, first, 0), problem, hint)])


def _plain_definition(node: Any, filename: str) -> Any:
    if type(node).__name__ == "AsyncFunctionDef":
        span = (node.lineno, node.col_offset, node.lineno, node.col_offset + 9)
        hint = "a kernel computes and does not wait: call it from the async function"
        raise unsupported(filename, [(span, "kernels are no async functions", hint)])
    return node

"""Kernels on their way to other processes that cannot find them by name.

They go as source, with the values of the names in it.

Types need no room of their own: they are in the source, as annotations, and in the arguments.
"""

from __future__ import annotations

import copy
import functools
import importlib
import linecache
import pickle
import types
from typing import Any

from pyxidium.compute._kernel import Kernel, definition_of

_AST, _NO_ANNOTATIONS = 0x400, 0x1000000


class _Module(str):
    """The name of a module."""

    __slots__ = ()


def reduced(kernel: Kernel) -> tuple[Any, ...]:
    """What ``pickle`` asks for."""
    function: Any = kernel.__wrapped__
    module, name = function.__module__, function.__qualname__
    code = function.__code__
    first, file = code.co_firstlineno, code.co_filename
    last = definition_of(function, file).end_lineno
    lines = linecache.getlines(file, function.__globals__)[first - 1 : last]
    values = {
        n: _Module(value.__name__) if isinstance(value, types.ModuleType) else value
        for n, value in _values(function).items()
        if value is not kernel
    }
    defaults = function.__defaults__, function.__kwdefaults__
    names = module, name, function.__doc__
    try:
        whole = pickle.dumps((lines, file, first, names, values, defaults, kernel.fallback))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        message = f"other processes cannot have the kernel {name}: {error}"
        raise pickle.PicklingError(message) from error
    return (restored, (whole,))


def _values(function: types.FunctionType) -> dict[str, Any]:
    """What the names in a function stand for."""
    found: dict[str, Any] = {}
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        found |= {n: function.__globals__[n] for n in code.co_names if n in function.__globals__}
        waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return found | {name: cell.cell_contents for name, cell in cells}


@functools.lru_cache(maxsize=256)
def restored(whole: bytes) -> Kernel:
    """Make a kernel; the same again each time it comes, so that it is compiled once."""
    lines, file, first, names, values, defaults, fallback = pickle.loads(whole)
    indent = len(lines[0]) - len(lines[0].lstrip())
    # Lines keep their numbers, for tracebacks.
    text = "\n" * (first - 1) + "".join(line[indent:] or "\n" for line in lines)
    tree: Any = compile(text, file, "exec", _AST, dont_inherit=True)
    definition = tree.body[0]
    alone = copy.deepcopy(definition)
    # What they were worth comes with it.
    alone.decorator_list = []
    alone.args.defaults, alone.args.kw_defaults = [], [None] * len(alone.args.kwonlyargs)
    tree.body = [alone]
    scope = {
        name: importlib.import_module(value) if isinstance(value, _Module) else value
        for name, value in values.items()
    }
    scope["__name__"] = names[0]
    exec(compile(tree, file, "exec", _NO_ANNOTATIONS, dont_inherit=True), scope)
    # The name is the kernel's, should it call itself.
    function: Any = scope.pop(definition.name)
    function.__defaults__, function.__kwdefaults__ = defaults
    made: Any = Kernel(function, definition, file, fallback)
    made.__module__, made.__qualname__, made.__doc__ = names
    made.__name__ = definition.name
    scope[definition.name] = made
    kernel: Kernel = made
    return kernel

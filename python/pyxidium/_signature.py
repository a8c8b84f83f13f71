"""What a function's signature says to the bridge."""

from __future__ import annotations

import collections.abc
import functools
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin

from pyxidium._progress import Progress
from pyxidium._schema import Row, Schema

if TYPE_CHECKING:
    from collections.abc import Callable

_STREAMS = {
    collections.abc.Iterator,
    collections.abc.Generator,
}
_ASYNC_STREAMS = {
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
}

_PASSING = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "rest",
    inspect.Parameter.VAR_KEYWORD: "more",
}


class Parameter(NamedTuple):
    """A parameter, and how it is passed; without a type it gets the call's progress."""

    name: str
    passing: str
    type: int | None
    has_default: bool
    default: object


class Command(NamedTuple):
    """A function's signature; ``crates/bridge/src/command.rs`` reads it."""

    is_async: bool
    is_stream: bool
    parameters: list[Parameter]
    returns: int | None
    rows: list[Row]


def compile_command(function: Callable[..., Any]) -> Command:
    """Understand a function's annotations.

    Raises ``TypeError``, which names the function and the parameter, for an annotation that has no
    form in JSON; ``NameError`` for one that names what is not defined (yet).
    """
    schema = Schema()
    hints = _hints(function)
    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        passing = _PASSING[parameter.kind]
        hint = hints.get(parameter.name, Any)
        has_default = parameter.default is not inspect.Parameter.empty
        default = parameter.default if has_default else None
        number = None
        if not _is_progress(hint):
            if passing == "rest":
                hint = types.GenericAlias(list, (hint,))
            number = _of(schema, hint, function, f"parameter '{parameter.name}'")
        parameters.append(Parameter(parameter.name, passing, number, has_default, default))

    returns = hints.get("return", Any)
    is_stream, is_async = _kind(function, returns)
    if is_stream:
        args = get_args(returns)
        returns = args[0] if args else Any
    number = _of(schema, returns, function, "result") if "return" in hints else None
    return Command(is_async, is_stream, parameters, number, schema.rows)


def _hints(function: Any) -> dict[str, Any]:
    # Annotations are on the function itself, whatever callable was marked.
    target = function
    while isinstance(target, functools.partial):
        target = target.func
    if isinstance(target, type):
        target = vars(target).get("__init__", target)
    elif not hasattr(target, "__annotations__"):
        target = type(target).__call__
    return typing.get_type_hints(target, include_extras=True)


def _kind(function: Any, returns: Any) -> tuple[bool, bool]:
    origin = get_origin(returns) or returns
    generates = inspect.isgeneratorfunction(function)
    generates_async = inspect.isasyncgenfunction(function)
    is_async = inspect.iscoroutinefunction(function) or generates_async
    is_stream = generates or generates_async or _in(origin, _STREAMS | _ASYNC_STREAMS)
    return is_stream, is_async or _in(origin, _ASYNC_STREAMS)


def _in(origin: Any, known: set[Any]) -> bool:
    return isinstance(origin, type) and origin in known


def _is_progress(hint: Any) -> bool:
    return hint is Progress or (Progress in get_args(hint))


def _of(schema: Schema, hint: Any, function: Any, what: str) -> int:
    try:
        return schema.of(hint)
    except TypeError as error:
        name = getattr(function, "__name__", function)
        message = f"{what} of {name}: {error}"
        raise TypeError(message) from None

"""Annotations as a table of types, by which the bridge converts values.

Each row is a tuple: what kind of type, what messages call it, and what else the kind needs. Rows
refer to each other by number, so that a type may contain itself. ``crates/bridge/src/schema.rs``
reads them; ``pyxidium.types`` writes TypeScript from them.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import pathlib
import types
import typing
import uuid
from typing import Any, Literal, Union, get_args, get_origin

from pyxidium import _plain

Row = tuple[Any, ...]

_SIMPLE: dict[object, tuple[str, ...]] = {
    Any: ("any", "any value"),
    object: ("any", "any value"),
    None: ("none", "None"),
    type(None): ("none", "None"),
    typing.NoReturn: ("none", "None"),
    typing.Never: ("none", "None"),
    bool: ("bool", "bool"),
    int: ("int", "int"),
    float: ("float", "float"),
    str: ("str", "str"),
    bytes: ("bytes", "bytes", "bytes"),
    bytearray: ("bytes", "bytearray", "bytearray"),
    memoryview: ("bytes", "memoryview", "memoryview"),
    collections.abc.Buffer: ("bytes", "bytes", "bytes"),
}

# What the page says, how it becomes a value, and how that is said again.
_CONVERTED: dict[object, tuple[object, Any, Any]] = {
    datetime.datetime: (str, datetime.datetime.fromisoformat, datetime.datetime.isoformat),
    datetime.date: (str, datetime.date.fromisoformat, datetime.date.isoformat),
    datetime.time: (str, datetime.time.fromisoformat, datetime.time.isoformat),
    datetime.timedelta: (float, _plain.seconds, datetime.timedelta.total_seconds),
    uuid.UUID: (str, uuid.UUID, str),
    decimal.Decimal: (str | int | float, _plain.decimal, str),
    pathlib.Path: (str, pathlib.Path, str),
    pathlib.PurePath: (str, pathlib.PurePath, str),
    pathlib.PurePosixPath: (str, pathlib.PurePosixPath, str),
    pathlib.PureWindowsPath: (str, pathlib.PureWindowsPath, str),
}


_CONTAINERS: dict[object, str] = {
    list: "list",
    collections.abc.Sequence: "list",
    collections.abc.MutableSequence: "list",
    collections.abc.Collection: "list",
    collections.abc.Iterable: "list",
    set: "set",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    frozenset: "frozenset",
}

_MAPPINGS = {dict, collections.abc.Mapping, collections.abc.MutableMapping}


class Schema:
    """A table that grows by the types it is asked for."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._known: dict[object, int] = {}

    def of(self, annotation: Any) -> int:
        """Give the number of an annotation's row.

        Raises ``TypeError`` for an annotation that has no form in JSON, ``NameError`` for one that
        names what is not defined (yet).
        """
        try:
            known = self._known.get(annotation)
        except TypeError:  # Not hashable: made anew each time.
            return self._add(self._row(annotation, None))
        if known is not None:
            return known
        # In place before its parts are looked at: one of them may be this type again.
        number = self._add(("any", _name(annotation)))
        self._known[annotation] = number
        try:
            self.rows[number] = self._row(annotation, number)
        except BaseException:
            del self._known[annotation]
            raise
        return number

    def label(self, number: int) -> str:
        """Give the name by which messages call a type."""
        return str(self.rows[number][1])

    def _add(self, row: Row) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def _row(self, annotation: Any, number: int | None) -> Row:
        if number is not None and annotation in _SIMPLE:
            return _SIMPLE[annotation]
        if number is not None and annotation in _CONVERTED:
            inner, load, dump = _CONVERTED[annotation]
            return self._convert(annotation.__name__, inner, load, annotation, dump)
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is typing.Annotated:
            return self._annotated(annotation, args)
        if origin in (Union, types.UnionType):
            return self._union(args)
        if origin is Literal:
            table = {("bool", value) if isinstance(value, bool) else value: value for value in args}
            return ("choice", " | ".join(map(repr, args)), table, None)
        if isinstance(annotation, typing.TypeAliasType):
            return self.rows[self.of(annotation.__value__)]
        if isinstance(origin, typing.TypeAliasType):
            return self.rows[self.of(origin.__value__[args])]
        if isinstance(annotation, typing.NewType):
            return self.rows[self.of(annotation.__supertype__)]
        if isinstance(annotation, typing.TypeVar):
            return self.rows[self.of(annotation.__bound__ or Any)]
        if origin in (typing.Required, typing.NotRequired, typing.Final, typing.ReadOnly):
            return self.rows[self.of(args[0])]
        if isinstance(annotation, str):
            message = f"the annotation {annotation!r} inside of another is text: write the type"
            raise TypeError(message)
        return self._class(annotation, origin or annotation, args)

    def _class(self, annotation: Any, origin: Any, args: tuple[Any, ...]) -> Row:
        if origin in _CONTAINERS:
            kind = _CONTAINERS[origin]
            item = self.of(args[0] if args else Any)
            return (kind, f"{_short(origin)}[{self.label(item)}]", item)
        if origin in _MAPPINGS:
            key, value = args or (Any, Any)
            return self._mapping("dict", key, value)
        if origin is tuple:
            return self._tuple((Any, ...) if annotation is tuple else args)
        if not isinstance(origin, type):
            raise _unsupported(annotation)
        if origin.__name__ == "ndarray" and origin.__module__ == "numpy":
            return self._array(args)
        if issubclass(origin, enum.Enum):
            return self._enum(origin)
        if hasattr(origin, "model_validate") and hasattr(origin, "model_dump"):
            load, dump = _plain.pydantic_model(origin)
            return self._convert(origin.__name__, Any, load, origin, dump)
        if dataclasses.is_dataclass(origin):
            return self._dataclass(origin, args)
        if hasattr(origin, "__total__") and issubclass(origin, dict):
            return self._typed_dict(origin)
        if issubclass(origin, tuple) and hasattr(origin, "_fields"):
            hints = typing.get_type_hints(origin, include_extras=True)
            fields: Any = tuple(hints.get(name, Any) for name in origin._fields)
            make: Any = origin
            inner = types.GenericAlias(tuple, fields)
            return self._convert(origin.__name__, inner, make._make, origin, tuple)
        if issubclass(origin, (collections.deque, collections.Counter, collections.OrderedDict)):
            return self._collection(origin, args)
        if issubclass(origin, collections.defaultdict):
            key, value = args or (Any, Any)
            return self._convert("defaultdict", dict[key, value], dict, origin, dict)  # type: ignore[valid-type]
        raise _unsupported(annotation)

    def _convert(self, label: str, inner: Any, load: Any, cls: Any, dump: Any) -> Row:
        return ("convert", label, self.of(inner), load, cls, dump)

    def _collection(self, origin: Any, args: tuple[Any, ...]) -> Row:
        inner: Any
        if issubclass(origin, collections.deque):
            inner = list[args[0] if args else Any]  # type: ignore[misc]
            return self._convert(origin.__name__, inner, origin, origin, list)
        if issubclass(origin, collections.Counter):
            args = (args[0] if args else Any, int)
        key, value = args or (Any, Any)
        inner = dict[key, value]  # type: ignore[valid-type]
        return self._convert(origin.__name__, inner, origin, origin, dict)

    def _annotated(self, annotation: Any, args: tuple[Any, ...]) -> Row:
        modules = {type(extra).__module__.partition(".")[0] for extra in args[1:]}
        if "pydantic" in modules or "annotated_types" in modules:
            adapter = _plain.pydantic_adapter(annotation)
            if adapter is not None:
                inner = self.of(args[0])
                load, dump = adapter
                return ("convert", self.label(inner), self.of(Any), load, object, dump)
        return self.rows[self.of(args[0])]

    def _union(self, args: tuple[Any, ...]) -> Row:
        members = [self.of(arg) for arg in args]
        label = " | ".join(dict.fromkeys(map(self.label, members)))
        if len(members) == 1:
            return self.rows[members[0]]
        if "int" in (self.rows[member][0] for member in members):
            # `float` before `int` would take the integers away from it.
            members.sort(key=lambda member: self.rows[member][0] == "float")
        return ("union", label, members)

    def _mapping(self, name: str, key: Any, value: Any) -> Row:
        key, value = self.of(key), self.of(value)
        self._check_key(key)
        return ("dict", f"{name}[{self.label(key)}, {self.label(value)}]", key, value)

    def _check_key(self, key: int) -> None:
        row = self.rows[key]
        fine = {"any", "str", "int", "float", "bool", "choice"}
        if row[0] == "convert":
            self._check_key(row[2])
        elif row[0] == "union":
            for member in row[2]:
                self._check_key(member)
        elif row[0] not in fine:
            message = f"a page cannot have {row[1]} as the key of an object"
            raise TypeError(message)

    def _tuple(self, args: tuple[Any, ...]) -> Row:
        if len(args) == 2 and args[1] is Ellipsis:
            item = self.of(args[0])
            return ("vartuple", f"tuple[{self.label(item)}, ...]", item)
        items = [self.of(arg) for arg in args]
        return ("tuple", f"tuple[{', '.join(map(self.label, items)) or '()'}]", items)

    def _array(self, args: tuple[Any, ...]) -> Row:
        dtype = None
        for arg in get_args(args[1]) if len(args) == 2 else ():
            dtype = getattr(arg, "__name__", None)
        names = {"float64", "float32", "bool", "bool_", "generic", "Any", None}
        if dtype not in names and not (dtype or "").removeprefix("u").startswith("int"):
            message = f"a page has no arrays of {dtype}: use float64, float32 or int8 to uint64"
            raise TypeError(message)
        dtype = {"bool": "uint8", "bool_": "uint8", "generic": None, "Any": None}.get(
            dtype or "", dtype
        )
        return ("array", f"an array of {dtype}" if dtype else "an array", dtype)

    def _enum(self, cls: type[enum.Enum]) -> Row:
        values = [member.value for member in cls]
        if issubclass(cls, enum.Flag):
            return self._convert(cls.__name__, int, cls, cls, _plain.value_of)
        if not all(isinstance(value, (str, int, float, type(None))) for value in values):
            message = f"the values of {cls.__name__} must be text, numbers, truth values or None"
            raise TypeError(message)
        table = {
            ("bool", member.value) if isinstance(member.value, bool) else member.value: member
            for member in cls
        }
        return ("choice", " | ".join(map(repr, values)), table, cls)

    def _dataclass(self, cls: Any, args: tuple[Any, ...]) -> Row:
        hints = typing.get_type_hints(cls, include_extras=True)
        bound = dict(zip(getattr(cls, "__type_params__", ()), args, strict=False))
        fields = []
        for field in cls.__dataclass_fields__.values():
            hint = hints[field.name]
            if get_origin(hint) is typing.ClassVar or hint is typing.ClassVar or not field.init:
                continue
            if isinstance(hint, dataclasses.InitVar):
                hint = hint.type
            missing = dataclasses.MISSING
            required = field.default is missing and field.default_factory is missing
            fields.append((field.name, self.of(bound.get(hint, hint)), required))
        return ("record", cls.__name__, cls, fields)

    def _typed_dict(self, cls: Any) -> Row:
        fields = []
        for name, hint in typing.get_type_hints(cls, include_extras=True).items():
            required = name in cls.__required_keys__
            # Textual annotations hide these from `__required_keys__`.
            while (origin := get_origin(hint)) in _QUALIFIERS:
                if origin is not typing.ReadOnly:
                    required = origin is typing.Required
                hint = get_args(hint)[0]
            fields.append((name, self.of(hint), required))
        return ("record", cls.__name__, None, fields)


_QUALIFIERS = {typing.Required, typing.NotRequired, typing.ReadOnly}


def _short(origin: Any) -> str:
    return str(getattr(origin, "__name__", origin))


def _name(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", annotation))


def _unsupported(annotation: Any) -> TypeError:
    return TypeError(
        f"a page has no values for {_name(annotation)}: use what JSON has, a dataclass, a "
        "TypedDict, an Enum, bytes, a numpy array, or a type of datetime, pathlib, uuid or decimal"
    )

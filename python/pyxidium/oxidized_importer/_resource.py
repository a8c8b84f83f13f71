"""`OxidizedResource`: one name, and everything that is known under it.

What can be large may be given as a `Later`, which is asked each time somebody wants it. Nothing
here knows where resources come from or how they are written down.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self, overload

# Bytes that are fetched when they are wanted.
Later = partial


class Field[T]:
    """An attribute that takes only what it is meant for, and cannot be deleted."""

    __slots__ = ("_accept", "_default", "_name")

    def __init__(self, accept: Callable[[Any], T], default: T) -> None:
        self._accept = accept
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: OxidizedResource, owner: type) -> T: ...
    def __get__(self, resource: OxidizedResource | None, owner: type) -> Self | T:
        if resource is None:
            return self
        value = resource.values.get(self._name, self._default)
        if isinstance(value, Later):
            value = value()
        # Changing what was given away changes nothing here.
        return value.copy() if isinstance(value, dict | list) else value  # type: ignore[return-value]

    def __set__(self, resource: OxidizedResource, value: object) -> None:
        try:
            resource.values[self._name] = self._accept(value)
        except TypeError as error:
            msg = f"{self._name}: {error}"
            raise TypeError(msg) from None

    def __delete__(self, resource: OxidizedResource) -> None:
        msg = f"{self._name} cannot be deleted; set it to None or False"
        raise AttributeError(msg)


def _refuse(value: object, wanted: str) -> TypeError:
    return TypeError(f"{wanted} is needed, not {type(value).__name__}")


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _refuse(value, "a bool")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refuse(value, "a str")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _refuse(value, "something like bytes")
    return bytes(value)


def _path(value: object) -> Path:
    if not isinstance(value, str | bytes | os.PathLike):
        raise _refuse(value, "a path")
    return Path(os.fsdecode(value))


def _optional[T](accept: Callable[[object], T]) -> Field[T | None]:
    return Field(lambda value: None if value is None else accept(value), None)


def _texts(value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _refuse(value, "a list of str")
    return [_text(item) for item in value]


def _by_name[T](accept: Callable[[object], T]) -> Callable[[object], dict[str, T]]:
    def accept_all(value: object) -> dict[str, T]:
        if not isinstance(value, Mapping):
            raise _refuse(value, "a dict")
        return {_text(name): accept(item) for name, item in value.items()}

    return accept_all


class OxidizedResource:
    """A module, a package with its files, a distribution's metadata, a shared library.

    New ones have the name ``""``; everything else is None or False.
    """

    __slots__ = ("values",)

    def __init__(self) -> None:
        # What was set, by attribute. Not part of what programs use.
        self.values: dict[str, object] = {}

    name = Field(_text, "")

    is_module = Field(_flag, default=False)
    is_builtin_extension_module = Field(_flag, default=False)
    is_frozen_module = Field(_flag, default=False)
    is_extension_module = Field(_flag, default=False)
    is_shared_library = Field(_flag, default=False)
    is_utf8_filename_data = Field(_flag, default=False)

    is_package = Field(_flag, default=False)
    is_namespace_package = Field(_flag, default=False)

    in_memory_source = _optional(_bytes)
    in_memory_bytecode = _optional(_bytes)
    in_memory_bytecode_opt1 = _optional(_bytes)
    in_memory_bytecode_opt2 = _optional(_bytes)
    in_memory_extension_module_shared_library = _optional(_bytes)
    in_memory_package_resources = _optional(_by_name(_bytes))
    in_memory_distribution_resources = _optional(_by_name(_bytes))
    in_memory_shared_library = _optional(_bytes)
    shared_library_dependency_names = _optional(_texts)

    relative_path_module_source = _optional(_path)
    relative_path_module_bytecode = _optional(_path)
    relative_path_module_bytecode_opt1 = _optional(_path)
    relative_path_module_bytecode_opt2 = _optional(_path)
    relative_path_extension_module_shared_library = _optional(_path)
    relative_path_package_resources = _optional(_by_name(_path))
    relative_path_distribution_resources = _optional(_by_name(_path))

    file_executable = Field(_flag, default=False)
    file_data_embedded = _optional(_bytes)
    file_data_utf8_relative_path = _optional(_path)

    def __repr__(self) -> str:
        return f'<OxidizedResource name="{self.name}">'


def make(name: str, **values: object) -> OxidizedResource:
    """A resource of values that need no check: `Later`s among them."""
    resource = OxidizedResource()
    resource.values = {"name": name, **values}
    return resource


def copy(resource: OxidizedResource) -> OxidizedResource:
    """Another one with the same values."""
    return make(resource.name, **{k: v for k, v in resource.values.items() if k != "name"})


def merge(into: OxidizedResource, resource: OxidizedResource) -> None:
    """What `resource` says replaces what `into` says; flags are never taken back."""
    said = (
        item for item in resource.values.items() if item[1] is not None and item[1] is not False
    )
    into.values.update(said)

"""Values that have no form in JSON, as values that have: rarely needed, so not in Rust."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import decimal as decimals
import enum
import os
import uuid
from typing import Any


class Invalid(ValueError):
    """A value that does not fit, and the place inside of it."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.path = path


def plain(value: Any) -> Any:
    """Give the same in types that the bridge converts itself, at least at the outermost level.

    Raises ``TypeError`` for what a page cannot have.
    """
    match value:
        case enum.Enum():
            return value.value
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case os.PathLike():
            return os.fsdecode(value)
        case uuid.UUID() | decimals.Decimal():
            return str(value)
        case collections.abc.Mapping():
            return dict(value)
        case collections.abc.Sequence() | collections.abc.Set() | collections.deque():
            return list(value)
        case collections.abc.MappingView():
            return list(value)  # type: ignore[call-overload]
    if hasattr(value, "model_dump"):
        return value.model_dump(by_alias=True)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return _numpy_scalar(value)
    name = type(value).__qualname__
    hint = "make a list of it" if hasattr(value, "__iter__") else "return its parts"
    message = f"{name} has no form that a page could have: {hint}"
    raise TypeError(message)


def _numpy_scalar(value: Any) -> Any:
    item = value.item()
    if type(item).__module__ == "numpy" or isinstance(item, complex):
        message = f"{type(value).__name__} has no form that a page could have"
        raise TypeError(message)
    return item


def value_of(member: enum.Enum) -> Any:
    """Give the value of an ``Enum``'s member."""
    return member.value


def seconds(value: float) -> datetime.timedelta:
    """Make a ``timedelta`` of seconds."""
    return datetime.timedelta(seconds=value)


def decimal(value: str | float) -> decimals.Decimal:
    """Make a ``Decimal`` of the digits that the page wrote."""
    try:
        return decimals.Decimal(str(value))
    except decimals.InvalidOperation:
        message = f"expected Decimal, got the string {value!r}"
        raise ValueError(message) from None


def pydantic_model(cls: Any) -> tuple[Any, Any]:
    """Give how a pydantic model is made of, and made into, plain values."""

    def load(value: Any) -> Any:
        try:
            return cls.model_validate(value)
        except ValueError as error:
            raise _invalid(error) from error

    def dump(model: Any) -> Any:
        return model.model_dump(by_alias=True)

    return load, dump


def pydantic_adapter(annotation: Any) -> tuple[Any, Any] | None:
    """Give the same for an annotation with pydantic's constraints; None without pydantic."""
    try:
        from pydantic import TypeAdapter  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    adapter: Any = TypeAdapter(annotation)

    def load(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValueError as error:
            raise _invalid(error) from error

    return load, adapter.dump_python


def _invalid(error: ValueError) -> ValueError:
    """Turn pydantic's first complaint into ours."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return error
    first = errors()[0]
    return Invalid(first["msg"], tuple(first["loc"]))

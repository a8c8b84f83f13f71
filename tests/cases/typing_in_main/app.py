from __future__ import annotations

import dataclasses
import enum
import functools
import typing


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass(slots=True, kw_only=True)
class Thing:
    color: Color
    next: Thing | None = None


class Shape(typing.Protocol):
    def area(self) -> float: ...


@functools.singledispatch
def show(x: object) -> str:
    return "object"


@show.register
def _(x: int) -> str:
    return "int"


assert typing.get_type_hints(Thing) == {"color": Color, "next": Thing | None}
assert show(1) == "int" and show("") == "object"
assert repr(Thing(color=Color.RED)) == "Thing(color=<Color.RED: 1>, next=None)"
type Pair[T] = tuple[T, T]
assert Pair[int].__args__ == (int,)
print("ok")

"""Commands of every kind, for `tests/e2e/bridge`."""

import asyncio
import gc
import sys
import threading
import time
from array import array
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time as clock, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, TypedDict
from uuid import UUID

import pyxidium as px


# -- Types -----------------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Rights(Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Item:
    name: str
    price: float = 1.5
    tags: list[str] = field(default_factory=list)
    parts: "list[Item]" = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.price < 0:
            raise ValueError("the price must not be negative")


class Options(TypedDict):
    depth: int
    name: NotRequired[str]


UserId = NewType("UserId", int)
type Json = None | bool | int | float | str | list[Json] | dict[str, Json]


def both_ways(name: str, annotation: Any) -> None:
    """A command that takes and gives this type, and says what it got."""

    def echo(value: Any) -> Any:
        print(name, "got", repr(value), flush=True)
        return value

    echo.__annotations__ = {"value": annotation, "return": annotation}
    px.command(name=name)(echo)


KINDS: dict[str, Any] = {
    "Any": Any,
    "None": None,
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "list[int]": list[int],
    "Sequence[str]": Sequence[str],
    "Mapping[str, int]": Mapping[str, int],
    "tuple[int, str]": tuple[int, str],
    "tuple[int, ...]": tuple[int, ...],
    "set[int]": set[int],
    "frozenset[str]": frozenset[str],
    "dict[str, int]": dict[str, int],
    "dict[int, str]": dict[int, str],
    "dict[Colour, int]": dict[Colour, int],
    "deque[int]": deque[int],
    "Counter[str]": Counter[str],
    "Literal": Literal["a", 1, True, None],
    "Colour": Colour,
    "Level": Level,
    "Rights": Rights,
    "Point": Point,
    "Item": Item,
    "Options": Options,
    "int | str": int | str,
    "float | int": float | int,
    "Item | None": Item | None,
    "Item | list[Item]": Item | list[Item],
    "datetime": datetime,
    "date": date,
    "time": clock,
    "timedelta": timedelta,
    "Path": Path,
    "UUID": UUID,
    "Decimal": Decimal,
    "UserId": UserId,
    "Annotated": Annotated[int, "a note"],
    "Json": Json,
}
for name, kind in KINDS.items():
    both_ways(name, kind)


# -- Signatures ------------------------------------------------------------------------------------


@px.command
def signature(
    first: int, /, second: int = 2, *rest: int, only: str, other: str = "o", **more: float
) -> dict[str, object]:
    return {
        "first": first,
        "second": second,
        "rest": rest,
        "only": only,
        "other": other,
        "more": more,
    }


@px.command
def nothing() -> None:
    pass


@px.command(name="by another name")
def renamed(a, b=3):
    return [a, b]


# -- Results and errors ----------------------------------------------------------------------------


@px.command
def wrong_result(how: str) -> dict[str, list[int]]:
    return {
        "text": "no dict",
        "item": {"a": [1, "two"]},
        "key": {1: [1]},
        "set": {"a": {1}},
    }[how]  # type: ignore[return-value]


@px.command
def any_result(how: str):
    cycle: list[object] = []
    cycle.append(cycle)
    return {
        "object": object(),
        "generator": (i for i in ()),
        "cycle": cycle,
        "key": {(1, 2): 3},
        "complex": 1j,
        "mixed": [Colour.RED, Path("/a"), {1: date(2026, 1, 2)}, Item("i"), {3}, range(3)],
        "keys": {True: 1, 2.5: 2, Colour.BLUE: 3},
        "surrogate": "a\udc80b",
        "big": [2**53 - 1, 2**53, -(2**70)],
        "special": [float("nan"), float("inf"), float("-inf"), -0.0, 1e300],
    }[how]


class NotFound(px.Error):
    pass


@px.command
def fail(how: str) -> None:
    match how:
        case "value":
            raise ValueError("bad value: é")
        case "app":
            raise NotFound("no such file", code="not-found", data={"path": "a.txt"})
        case "exit":
            sys.exit(3)
        case "unprintable":

            class Odd(Exception):
                def __str__(self) -> str:
                    raise RuntimeError

            raise Odd
        case "deep":
            return fail(how)


@px.command
async def fail_async() -> None:
    raise KeyError("missing")


# -- Streams ---------------------------------------------------------------------------------------

made = Counter[str]()
log: list[str] = []


@px.command
def count(to: int, size: int = 0, name: str = "count") -> Iterator[dict[str, object]]:
    thread = threading.get_ident()
    try:
        for number in range(to):
            made[name] += 1
            assert threading.get_ident() == thread
            yield {"number": number, "filler": "x" * size}
    finally:
        log.append(f"{name} ended")


@px.command
async def count_async(to: int, name: str = "async") -> AsyncIterator[int]:
    try:
        for number in range(to):
            made[name] += 1
            await asyncio.sleep(0)
            yield number
    finally:
        log.append(f"{name} ended")


@px.command
async def slow_async(name: str) -> AsyncIterator[int]:
    try:
        yield 1
        await asyncio.sleep(60)
        yield 2
    finally:
        log.append(f"{name} ended")


@px.command
def broken_stream() -> Iterator[int]:
    yield 1
    yield 2
    raise ValueError("no more")


@px.command
def wrong_stream() -> Iterator[int]:
    yield 1
    yield "two"  # type: ignore[misc]


@px.command
def pictures(number: int) -> Iterator[dict[str, object]]:
    for index in range(number):
        yield {"index": index, "bytes": bytes([index]) * 5}
        yield {"index": index, "bytes": None}


@px.command
def stats() -> dict[str, object]:
    return {"made": dict(made), "log": log}


# -- Progress and cancellation ---------------------------------------------------------------------


@px.command
def work(steps: int, seconds: float, progress: px.Progress) -> str:
    for step in range(steps):
        progress(step / steps, f"step {step}")
        time.sleep(seconds / steps)
    progress.update(1.0, "last")
    return "done"


@px.command
def track(progress: px.Progress) -> int:
    return sum(progress.track([1, 2, 3]))


@px.command
def held(progress: px.Progress) -> str:
    """The second update comes too soon, and then nothing for long."""
    progress(0.1, "first")
    progress(0.2, "second")
    time.sleep(1.5)
    return "done"


@px.command
def endless(name: str) -> None:
    log.append(f"{name} began")
    try:
        while True:
            px.check_cancelled()
            time.sleep(0.001)
    except Exception:
        log.append("caught by `except Exception`")
    finally:
        log.append(f"{name} ended")


@px.command
def endless_progress(name: str, progress: px.Progress) -> None:
    log.append(f"{name} began")
    try:
        while True:
            progress(None)
            time.sleep(0.001)
    except px.Cancelled:
        log.append(f"{name} ended")
        raise


@px.command
async def endless_async(name: str) -> None:
    log.append(f"{name} began")
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        log.append(f"{name} ended")
        raise


@px.command
async def busy_async(name: str) -> None:
    """Looks for itself, in a thread too."""

    def check() -> None:
        while True:
            px.check_cancelled()
            time.sleep(0.001)

    log.append(f"{name} began")
    try:
        await asyncio.to_thread(check)
    finally:
        log.append(f"{name} ended")


@px.command
def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return threading.current_thread().name


@px.command
def stuck() -> None:
    while True:
        pass


# -- Binary data -----------------------------------------------------------------------------------


@px.command
def length(data: bytes) -> int:
    return len(data)


@px.command
def zeros(size: int) -> bytes:
    return bytes(size)


@px.command
def views() -> dict[str, object]:
    return {
        "bytes": b"ab",
        "bytearray": bytearray(b"cd"),
        "memoryview": memoryview(b"efgh")[::2],
        "array": array("d", [1.5, 2.5]),
        "shorts": memoryview(array("h", [1, 2, 3])),
        "empty": b"",
    }


# -- Events ----------------------------------------------------------------------------------------

heard: list[object] = []


@px.on("note")
def hear(data: int) -> None:
    heard.append(data)


@px.on("note-async")
async def hear_async(data: dict[str, int]) -> None:
    heard.append(data)


@px.on("bare")
def hear_bare() -> None:
    heard.append("bare")


@px.on("slow")
def hear_slowly() -> None:
    log.append("slow began")
    time.sleep(5)


@px.command
def heard_so_far() -> list[object]:
    return heard


@px.command
def send(event: str, data: Any = None, window: str | None = None, times: int = 1) -> None:
    for _ in range(times):
        px.emit(event, data, window)


# -- The process -----------------------------------------------------------------------------------


@px.command
def process() -> dict[str, object]:
    thread = threading.current_thread()
    return {
        "thread": thread.name,
        "daemon": thread.daemon,
        "main": threading.main_thread() is thread,
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "commands": len(px.commands()),
    }


@px.command
async def on_the_loop() -> str:
    return threading.current_thread().name


@px.command
def objects() -> int:
    log.clear()
    made.clear()
    time.sleep(0.2)  # Until what was cancelled has ended.
    gc.collect()
    return len(gc.get_objects())

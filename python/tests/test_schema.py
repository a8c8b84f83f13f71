"""Annotations as the bridge and TypeScript see them; `python -m unittest discover python/tests`."""

import enum
import typing
import unittest
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

import pyxidium as px
from pyxidium._schema import Schema
from pyxidium._signature import compile_command
from pyxidium.types import Declarations


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Node:
    name: str
    children: "list[Node]" = field(default_factory=list)


@dataclass
class Plain:
    x: int
    y: float | None


class Options(TypedDict):
    depth: int
    name: NotRequired[str]


def label(annotation: Any) -> str:
    schema = Schema()
    return schema.label(schema.of(annotation))


class SchemaTest(unittest.TestCase):
    def test_labels_are_what_people_write(self) -> None:
        for annotation, expected in [
            (dict[str, list[int]], "dict[str, list[int]]"),
            (Node | None, "Node | None"),
            (Literal["a", 1], "'a' | 1"),
            (tuple[int, ...], "tuple[int, ...]"),
            (tuple[int, str], "tuple[int, str]"),
            (tuple[()], "tuple[()]"),
            (Colour, "'red' | 'blue'"),
            (typing.Annotated[int, []], "int"),
        ]:
            with self.subTest(expected):
                self.assertEqual(label(annotation), expected)

    def test_what_has_no_form_is_refused(self) -> None:
        for annotation, message in [
            (complex, "a page has no values for complex"),
            (dict[bytes, int], "a page cannot have bytes as the key"),
            (list["int"], "the annotation 'int' inside of another is text"),
            (type, "a page has no values for type"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(TypeError, message):
                label(annotation)

    def test_a_type_may_contain_itself(self) -> None:
        schema = Schema()
        number = schema.of(Node)
        children = schema.rows[number][3][1][1]
        self.assertEqual(schema.rows[children], ("list", "list[Node]", number))

    def test_a_failed_type_leaves_no_trace(self) -> None:
        schema = Schema()
        for _ in range(2):
            with self.assertRaises(TypeError):
                schema.of(list[complex])


class SignatureTest(unittest.TestCase):
    def test_kinds(self) -> None:
        def plain() -> int: ...
        async def coroutine() -> int: ...
        def generator():
            yield 1

        async def async_generator() -> AsyncIterator[int]:
            yield 1

        def gives_iterator() -> Iterator[int]: ...
        def gives_async() -> AsyncIterator[int]: ...
        def gives_list() -> list[int]: ...

        for function, expected in [
            (plain, (False, False)),
            (coroutine, (True, False)),
            (generator, (False, True)),
            (async_generator, (True, True)),
            (gives_iterator, (False, True)),
            (gives_async, (True, True)),
            (gives_list, (False, False)),
        ]:
            command = compile_command(function)
            with self.subTest(function.__name__):
                self.assertEqual((command.is_async, command.is_stream), expected)

    def test_progress_is_no_argument(self) -> None:
        def command(a: int, progress: px.Progress | None = None) -> None: ...

        types = [parameter.type for parameter in compile_command(command).parameters]
        self.assertEqual(types, [0, None])

    def test_errors_name_the_place(self) -> None:
        def command(a: int, z: complex) -> None: ...

        with self.assertRaisesRegex(TypeError, "parameter 'z' of command: a page has no values"):
            compile_command(command)


class WithoutAWindowTest(unittest.TestCase):
    def test_everything_can_be_called(self) -> None:
        @px.command
        def double(x: int) -> int:
            return 2 * x

        @px.command(name="other name")
        async def other() -> None: ...

        @px.on("event")
        def heard(data: int) -> int:
            return data

        self.assertEqual(double(2), 4)
        self.assertEqual(heard(3), 3)
        self.assertLessEqual({"double", "other name"}, set(px.commands()))
        px.emit("event", 1)
        px.check_cancelled()

    def test_progress_can_be_watched(self) -> None:
        seen: list[tuple[float | None, str]] = []
        progress = px.Progress(lambda fraction, message: seen.append((fraction, message)))
        self.assertEqual(list(progress.track("ab", message="m")), ["a", "b"])
        self.assertEqual(list(progress.track(iter("a"))), ["a"])
        px.Progress()(0.5)
        self.assertEqual(seen, [(0.0, "m"), (0.5, "m"), (1.0, "m"), (None, ""), (1.0, "")])

    def test_a_mistake_is_explained(self) -> None:
        with self.assertRaisesRegex(TypeError, "for another name"):
            px.command("name")  # type: ignore[call-overload]
        with self.assertRaisesRegex(AttributeError, "no attribute 'comand'"):
            px.comand  # noqa: B018


class DeclarationsTest(unittest.TestCase):
    maxDiff = None

    def test_a_whole_file(self) -> None:
        def search(query: str, *, limit: int = 5, kind: Colour | None = None) -> Iterator[Node]: ...
        def save(node: Node, at: datetime, *rest: int, progress: px.Progress) -> None: ...
        def plain(p: Plain, o: Options, data: bytes) -> tuple[Plain, dict[int, Decimal]]: ...
        def anything(**more: float): ...

        commands: dict[str, Any] = {
            "search": search,
            "save all": save,
            "plain": plain,
            "anything": anything,
        }
        self.assertEqual(
            Declarations().declare(commands),
            """\
// Made by `pyxidium types`: run it again when a command changes.

import type {} from "pyxidium";

declare module "pyxidium" {
  interface Commands {
    anything: { args: { [more: string]: number }; result: unknown };
    plain: { args: { p: Plain; o: Options; data: Uint8Array | ArrayBuffer }; result: [Plain, Record<number, string>] };
    "save all": { args: { node: NodeInput; at: string | Date; rest?: number[] }; result: null };
    search: { args: { query: string; limit?: number; kind?: "red" | "blue" | null }; item: Node };
  }
}

export interface Node {
  name: string;
  children: Node[];
}

export interface NodeInput {
  name: string;
  children?: NodeInput[];
}

export interface Options {
  depth: number;
  name?: string;
}

export interface Plain {
  x: number;
  y: number | null;
}
""",  # noqa: E501
        )


if __name__ == "__main__":
    unittest.main()

"""TypeScript declarations of an app's commands: ``python -m pyxidium.types APP``.

``APP`` is a script, a folder with a ``__main__.py``, or ``-m`` and a module's name. It is imported
without a bridge and a window, so what it does beyond that when it is imported, it does here too.
"""

from __future__ import annotations

import importlib.util
import json
import pathlib
import sys
import types
from typing import TYPE_CHECKING, Any

from pyxidium import _commands
from pyxidium._signature import Command, compile_command

if TYPE_CHECKING:
    from collections.abc import Callable

# What pages see and what they may say, where that is not the same.
_LEAVES = {
    "any": ("unknown", "unknown"),
    "none": ("null", "null"),
    "bool": ("boolean", "boolean"),
    "int": ("number", "number"),
    "float": ("number", "number"),
    "str": ("string", "string"),
    "bytes": ("Uint8Array", "Uint8Array | ArrayBuffer"),
}
_CONVERTED = {
    "datetime": ("string", "string | Date"),
    "date": ("string", "string"),
    "Decimal": ("string", "string | number"),
}
_ARRAYS = {
    "int8": "Int8Array",
    "uint8": "Uint8Array",
    "int16": "Int16Array",
    "uint16": "Uint16Array",
    "int32": "Int32Array",
    "uint32": "Uint32Array",
    "int64": "BigInt64Array",
    "uint64": "BigUint64Array",
    "float32": "Float32Array",
    "float64": "Float64Array",
}
_ANY_ARRAY = " | ".join(dict.fromkeys(_ARRAYS.values()))

_HEAD = """\
// Made by `pyxidium types`: run it again when a command changes.

import type {} from "pyxidium";
"""


class Declarations:
    """Collects the types that commands use, and says each once."""

    def __init__(self) -> None:
        self._interfaces: dict[str, str] = {}
        self._owners: dict[str, object] = {}

    def declare(self, commands: dict[str, Callable[..., Any]]) -> str:
        """Give the text of a declaration file."""
        entries = [self._command(name, function) for name, function in sorted(commands.items())]
        body = "".join(f"    {entry};\n" for entry in entries)
        merged = f'\ndeclare module "pyxidium" {{\n  interface Commands {{\n{body}  }}\n}}\n'
        interfaces = "".join(f"\n{text}" for _, text in sorted(self._interfaces.items()))
        return _HEAD + merged + interfaces

    def _command(self, name: str, function: Callable[..., Any]) -> str:
        command = compile_command(function)
        writer = _Writer(self, command)
        args = []
        for parameter in command.parameters:
            if parameter.type is None:
                continue
            optional = "?" if parameter.has_default or parameter.passing == "rest" else ""
            name_shown = f"{_key(parameter.name)}{optional}"
            if parameter.passing == "more":
                name_shown = "[more: string]"
            args.append(f"{name_shown}: {writer.type(parameter.type, 1)}")
        shown = f"{{ {'; '.join(args)} }}" if args else "Record<string, never>"
        result = "unknown" if command.returns is None else writer.type(command.returns, 0)
        what = "item" if command.is_stream else "result"
        return f"{_key(name)}: {{ args: {shown}; {what}: {result} }}"

    def interface(self, name: str, owner: object, text: Callable[[str], str]) -> str:
        """Give the name of a declared type, which may be another's already."""
        unique, number = name, 2
        while self._owners.setdefault(unique, owner) != owner:
            unique, number = f"{name}{number}", number + 1
        if unique not in self._interfaces:
            self._interfaces[unique] = ""  # It may refer to itself.
            self._interfaces[unique] = text(unique)
        return unique


class _Writer:
    """Writes the types of one command's table. ``side`` is 0 for results, 1 for arguments."""

    def __init__(self, declarations: Declarations, command: Command) -> None:
        self._declarations = declarations
        self._rows = command.rows

    def type(self, number: int, side: int) -> str:
        row = self._rows[number]
        kind = row[0]
        match kind:
            case "array":
                return _ARRAYS.get(row[2] or "", _ANY_ARRAY)
            case "list" | "set" | "frozenset" | "vartuple":
                return f"{_grouped(self.type(row[2], side))}[]"
            case "tuple":
                return f"[{', '.join(self.type(item, side) for item in row[2])}]"
            case "dict":
                return f"Record<{self._key_type(row[2])}, {self.type(row[3], side)}>"
            case "union":
                parts = [self.type(member, side) for member in row[2]]
                split = [part for text in parts for part in _members(text)]
                return " | ".join(dict.fromkeys(split))
            case "choice":
                values = [v[1] if isinstance(v, tuple) else v for v in row[2]]
                return " | ".join(json.dumps(value) for value in values)
            case "record":
                return self._record(number, side)
            case "convert":
                known = _CONVERTED.get(row[1])
                return known[side] if known else self.type(row[2], side)
        return _LEAVES[kind][side]

    def _key_type(self, number: int) -> str:
        row = self._rows[number]
        if row[0] == "choice":
            return " | ".join(json.dumps(str(value)) for value in row[2])
        return "number" if row[0] in ("int", "float") else "string"

    def _record(self, number: int, side: int) -> str:
        _, label, cls, fields = self._rows[number]
        differs = side == 1 and self._differs(number, set())
        name = f"{label}Input" if differs else label
        # A TypedDict has no class in its row: its fields tell it from others.
        owner = cls or tuple((field, required) for field, _, required in fields)

        def text(unique: str) -> str:
            lines = []
            for field, kind, required in fields:
                # What Python fills in, a page may leave out, and always gets.
                optional = "" if required or (cls is not None and not differs) else "?"
                lines.append(f"  {_key(field)}{optional}: {self.type(kind, side)};\n")
            return f"export interface {unique} {{\n{''.join(lines)}}}\n"

        return self._declarations.interface(name, (owner, differs), text)

    def _differs(self, number: int, seen: set[int]) -> bool:
        """Whether what a page may say is more than what it is told."""
        if number in seen:
            return False
        seen.add(number)
        row = self._rows[number]
        match row[0]:
            case "record":
                defaults = row[2] is not None and any(not field[2] for field in row[3])
                return defaults or any(self._differs(field[1], seen) for field in row[3])
            case "list" | "set" | "frozenset" | "vartuple":
                return self._differs(row[2], seen)
            case "dict":
                return self._differs(row[3], seen)
            case "tuple" | "union":
                return any(self._differs(member, seen) for member in row[2])
            case "convert":
                known = _CONVERTED.get(row[1])
                return known[0] != known[1] if known else self._differs(row[2], seen)
        leaf = _LEAVES.get(row[0])
        return leaf is not None and leaf[0] != leaf[1]


def _members(text: str) -> list[str]:
    """Split a union's text, where it is one."""
    return text.split(" | ") if not any(c in text for c in "<[{(") else [text]


def _grouped(text: str) -> str:
    return f"({text})" if " | " in text and len(_members(text)) > 1 else text


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def main(arguments: list[str]) -> int:
    """Import an app and print its declarations."""
    match arguments:
        case ["-m", name]:
            _run_module(name)
        case [path]:
            place = pathlib.Path(path).resolve()
            script = place / "__main__.py" if place.is_dir() else place
            sys.path.insert(0, str(script.parent))
            _run(compile(script.read_bytes(), script, "exec"), __file__=str(script))
        case _:
            print("usage: python -m pyxidium.types (SCRIPT | FOLDER | -m MODULE)", file=sys.stderr)
            return 2
    sys.stdout.write(Declarations().declare(_commands.marked()))
    return 0


def _run_module(name: str) -> None:
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    loader: Any = spec and spec.loader
    if spec is None or not hasattr(loader, "get_code"):
        sys.exit(f"there is no module {name} to run")
    _run(
        loader.get_code(spec.name),
        __file__=spec.origin,
        __package__=spec.parent,
        __spec__=spec,
    )


def _run(code: types.CodeType, **names: object) -> None:
    # It must stay: annotations may be looked up in it later.
    main_module = types.ModuleType("__main__")
    main_module.__dict__.update(names)
    sys.modules["__main__"] = main_module
    sys.argv = [str(names["__file__"])]
    exec(code, main_module.__dict__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

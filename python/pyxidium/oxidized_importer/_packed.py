r"""Packed resources, version 3 (``pyembed\x03``): resources as one run of bytes.

After the magic bytes come four numbers (sections, length of their index, resources, length of their
index), the index of sections, the index of resources, and then the sections: one per kind of
field, each the values of all resources one after the other. Numbers are little-endian.

Bytes that come from anywhere are read here: what does not fit is a ValueError that says where.
Values stay where they are until somebody asks for them.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from ._resource import Later, OxidizedResource, make

MAGIC = b"pyembed\x03"
_HEADER = struct.Struct("<BIII")

_END, _START, _END_OF_ENTRY = 0x00, 0x01, 0xFF

# Of the index of sections.
_SECTION_FIELD, _SECTION_LENGTH, _SECTION_PADDING = 0x02, 0x03, 0x04
_PADDINGS = {1: 0, 2: 1}

_NAME = 0x03
_FLAGS = {
    0x04: "is_package",
    0x05: "is_namespace_package",
    0x16: "is_module",
    0x17: "is_builtin_extension_module",
    0x18: "is_frozen_module",
    0x19: "is_extension_module",
    0x1A: "is_shared_library",
    0x1B: "is_utf8_filename_data",
    0x1C: "file_executable",
}
# One value each: the attribute, and how its length is written.
_BYTES = {
    0x06: ("in_memory_source", "<I"),
    0x07: ("in_memory_bytecode", "<I"),
    0x08: ("in_memory_bytecode_opt1", "<I"),
    0x09: ("in_memory_bytecode_opt2", "<I"),
    0x0A: ("in_memory_extension_module_shared_library", "<I"),
    0x0D: ("in_memory_shared_library", "<Q"),
    0x1D: ("file_data_embedded", "<Q"),
}
_PATHS = {
    0x0F: "relative_path_module_source",
    0x10: "relative_path_module_bytecode",
    0x11: "relative_path_module_bytecode_opt1",
    0x12: "relative_path_module_bytecode_opt2",
    0x13: "relative_path_extension_module_shared_library",
    0x1E: "file_data_utf8_relative_path",
}
_NAMES = {0x0E: "shared_library_dependency_names"}
# Names and values by turns: the attribute, how both lengths are written, whether values are paths.
_TABLES = {
    0x0B: ("in_memory_package_resources", "<HQ", False),
    0x0C: ("in_memory_distribution_resources", "<HQ", False),
    0x14: ("relative_path_package_resources", "<HI", True),
    0x15: ("relative_path_distribution_resources", "<HI", True),
}


def read(data: memoryview) -> Iterator[OxidizedResource]:
    """The resources in `data`, which must stay as it is for as long as they are used."""
    if len(data) < len(MAGIC):
        msg = f"error reading 8 byte header: there are only {len(data)} bytes"
        raise ValueError(msg)
    if data[: len(MAGIC)] != MAGIC:
        msg = "unrecognized file format: these are no packed resources of version 3"
        raise ValueError(msg)
    return _Reader(data).resources()


class _Section:
    def __init__(self, at: int, length: int, padding: int) -> None:
        self.at = at
        self.end = at + length
        self.padding = padding


class _Reader:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = len(MAGIC)
        self.sections: dict[int, _Section] = {}

    def number(self, form: str) -> int:
        return self.numbers(form)[0]

    def numbers(self, form: str) -> tuple[int, ...]:
        try:
            found: tuple[int, ...] = struct.unpack_from(form, self.data, self.at)
        except struct.error:
            self.fail("the index ends here")
        self.at += struct.calcsize(form)
        return found

    def fail(self, what: str) -> NoReturn:
        msg = f"packed resources, byte {self.at}: {what}"
        raise ValueError(msg) from None

    def resources(self) -> Iterator[OxidizedResource]:
        section_count, section_length, count, length = self.numbers(_HEADER.format)
        blobs = self.at + section_length + length
        if blobs > len(self.data):
            self.fail("the indexes reach behind the end")
        if section_length:
            self.read_sections(section_count, blobs)
        found = 0
        while length:
            code = self.number("<B")
            if code == _END:
                break
            if code != _START:
                self.fail(f"{code:#04x} is no beginning of a resource")
            found += 1
            yield self.resource()
        if found != count:
            self.fail(f"{found} resources were found, {count} announced")

    def read_sections(self, count: int, at: int) -> None:
        while (code := self.number("<B")) != _END:
            if code != _START:
                self.fail(f"{code:#04x} is no beginning of a section")
            field = length = None
            padding = 0
            while (code := self.number("<B")) != _END_OF_ENTRY:
                if code == _SECTION_FIELD:
                    field = self.number("<B")
                elif code == _SECTION_LENGTH:
                    length = self.number("<Q")
                elif code == _SECTION_PADDING and (kind := self.number("<B")) in _PADDINGS:
                    padding = _PADDINGS[kind]
                else:
                    self.fail(f"{code:#04x} is no field of a section")
            if field is None or length is None:
                self.fail("a section without a field or a length")
            self.sections[field] = _Section(at, length, padding)
            at += length
            if at > len(self.data):
                self.fail("a section reaches behind the end")
        if len(self.sections) != count:
            self.fail(f"{len(self.sections)} sections were found, {count} announced")

    def resource(self) -> OxidizedResource:
        values: dict[str, object] = {}
        while (code := self.number("<B")) != _END_OF_ENTRY:
            if code == _NAME:
                values["name"] = self.text(code, self.number("<H"))
            elif name := _FLAGS.get(code):
                values[name] = True
            elif found := _BYTES.get(code):
                values[found[0]] = Later(bytes, self.value(code, self.number(found[1])))
            elif name := _PATHS.get(code):
                values[name] = self.path(code, self.number("<I"))
            elif name := _NAMES.get(code):
                lengths = [self.number("<H") for _ in range(self.number("<H"))]
                values[name] = [self.text(code, length) for length in lengths]
            elif table := _TABLES.get(code):
                values[table[0]] = self.table(code, table[1], paths=table[2])
            else:
                self.fail(f"{code:#04x} is no field of a resource")
        if "name" not in values:
            self.fail("a resource without a name")
        return make(**values)  # type: ignore[arg-type]

    def table(self, code: int, form: str, *, paths: bool) -> object:
        sizes = [self.numbers(form) for _ in range(self.number("<I"))]
        if paths:
            return {self.text(code, name): self.path(code, length) for name, length in sizes}
        return Later(
            _all_bytes, {self.text(code, name): self.value(code, length) for name, length in sizes}
        )

    def value(self, code: int, length: int) -> memoryview:
        section = self.sections.get(code)
        if section is None and length == 0:
            return self.data[:0]
        if section is None or section.at + length > section.end:
            self.fail(f"a value of {length} bytes does not fit into section {code:#04x}")
        at = section.at
        section.at += length + section.padding
        return self.data[at : at + length]

    def text(self, code: int, length: int) -> str:
        try:
            return str(self.value(code, length), "utf-8")
        except UnicodeDecodeError:
            self.fail("a name that is not UTF-8")

    def path(self, code: int, length: int) -> Path:
        return Path(os.fsdecode(bytes(self.value(code, length))))


def _all_bytes(views: dict[str, memoryview]) -> dict[str, bytes]:
    return {name: bytes(view) for name, view in views.items()}


def write(resources: Iterable[OxidizedResource]) -> bytes:
    """The bytes from which `read` makes the same resources again: always the same for the same."""
    index = bytearray()
    sections: dict[int, list[bytes]] = {}
    count = 0
    for resource in sorted(resources, key=lambda r: r.name):
        count += 1
        index.append(_START)
        for code, head, values in _fields(resource):
            index.append(code)
            index += head
            if values:
                sections.setdefault(code, []).extend(values)
        index.append(_END_OF_ENTRY)
    index.append(_END)

    section_index = bytearray()
    for code in sorted(sections):
        length = sum(map(len, sections[code]))
        section_index += struct.pack(
            "<BBBBQB", _START, _SECTION_FIELD, code, _SECTION_LENGTH, length, _END_OF_ENTRY
        )
    section_index.append(_END)
    header = _HEADER.pack(len(sections), len(section_index), count, len(index))
    blobs = (value for code in sorted(sections) for value in sections[code])
    return b"".join([MAGIC, header, section_index, index, *blobs])


def _fields(resource: OxidizedResource) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """What a resource has: code, numbers of the index, values."""

    def packed(form: str, *numbers: int) -> bytes:
        try:
            return struct.pack(form, *numbers)
        except struct.error:
            msg = f"{resource.name}: too long for packed resources"
            raise ValueError(msg) from None

    def get(name: str) -> object:
        return getattr(resource, name)

    def items(name: str, encode: Callable[..., bytes]) -> list[tuple[bytes, bytes]]:
        table = get(name)
        assert isinstance(table, dict)
        return [(key.encode(), encode(table[key])) for key in sorted(table)]

    name = resource.name.encode()
    yield _NAME, packed("<H", len(name)), [name]
    for code, flag in _FLAGS.items():
        if get(flag):
            yield code, b"", []
    for code, (attribute, form) in _BYTES.items():
        if (value := get(attribute)) is not None:
            assert isinstance(value, bytes)
            yield code, packed(form, len(value)), [value]
    for code, attribute in _PATHS.items():
        if (path := get(attribute)) is not None:
            assert isinstance(path, Path)
            yield code, packed("<I", len(os.fsencode(path))), [os.fsencode(path)]
    for code, attribute in _NAMES.items():
        if (names := get(attribute)) is not None:
            assert isinstance(names, list)
            texts = [text.encode() for text in names]
            head = packed("<H", len(texts)) + b"".join(packed("<H", len(t)) for t in texts)
            yield code, head, texts
    for code, (attribute, form, paths) in _TABLES.items():
        if get(attribute) is not None:
            table = items(attribute, os.fsencode if paths else bytes)
            head = packed("<I", len(table)) + b"".join(
                packed(form, len(k), len(v)) for k, v in table
            )
            yield code, head, [part for item in table for part in item]

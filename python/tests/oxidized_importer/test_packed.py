"""Packed resources: the bytes as they are written down, what comes back, and damaged ones."""

import random
import struct
import unittest
from pathlib import Path

from pyxidium import oxidized_importer as o
from support import Case

# A package with a source and a file, and a library that needs another: byte by byte.
GOLDEN = b"".join(
    [
        b"pyembed\x03",
        struct.pack("<BIII", 5, 5 * 13 + 1, 2, 48),
        *(
            b"\x01\x02" + bytes([field]) + b"\x03" + struct.pack("<Q", length) + b"\xff"
            for field, length in ((0x03, 9), (0x06, 4), (0x0B, 7), (0x0D, 3), (0x0E, 6))
        ),
        b"\x00",
        b"\x01",
        b"\x03" + struct.pack("<H", 6) + b"\x1a",
        b"\x0d" + struct.pack("<Q", 3),
        b"\x0e" + struct.pack("<HH", 1, 6),
        b"\xff",
        b"\x01",
        b"\x03" + struct.pack("<H", 3) + b"\x04\x16",
        b"\x06" + struct.pack("<I", 4),
        b"\x0b" + struct.pack("<IHQ", 1, 3, 4),
        b"\xff",
        b"\x00",
        b"lib.sopkg",
        b"pass",
        b"a.bdata",
        b"ELF",
        b"other.",
    ]
)


def package() -> o.OxidizedResource:
    resource = o.OxidizedResource()
    resource.name = "pkg"
    resource.is_module = resource.is_package = True
    resource.in_memory_source = b"pass"
    resource.in_memory_package_resources = {"a.b": b"data"}
    return resource


def library() -> o.OxidizedResource:
    resource = o.OxidizedResource()
    resource.name = "lib.so"
    resource.is_shared_library = True
    resource.in_memory_shared_library = b"ELF"
    resource.shared_library_dependency_names = ["other."]
    return resource


def values(finder: o.OxidizedFinder) -> dict[str, dict[str, object]]:
    names = [
        n for n in dir(o.OxidizedResource) if n.startswith(("is_", "in_", "rel", "shared", "file"))
    ]
    return {r.name: {n: getattr(r, n) for n in names} for r in finder.indexed_resources()}


class Packed(Case):
    def test_the_bytes(self) -> None:
        finder = o.OxidizedFinder()
        finder.add_resources([package(), library()])
        self.assertEqual(finder.serialize_indexed_resources(), GOLDEN)

    def test_every_field_comes_back(self) -> None:
        resource = package()
        for level in ("", "_opt1", "_opt2"):
            setattr(resource, f"in_memory_bytecode{level}", b"b" + level.encode())
            setattr(resource, f"relative_path_module_bytecode{level}", f"lib/x{level}.pyc")
        resource.in_memory_extension_module_shared_library = b""
        resource.in_memory_distribution_resources = {"METADATA": b"Name: pkg\n", "é": b""}
        resource.relative_path_module_source = Path("lib/x.py")
        resource.relative_path_extension_module_shared_library = "lib/x.so"
        resource.relative_path_package_resources = {"d/e": "lib/d/e", "a": "lib/a"}
        resource.relative_path_distribution_resources = {"RECORD": "lib/RECORD"}
        resource.is_namespace_package = resource.is_extension_module = True
        resource.file_executable = resource.is_utf8_filename_data = True
        resource.file_data_embedded = b"file"
        resource.file_data_utf8_relative_path = "bin/file"
        one, two = o.OxidizedFinder(), o.OxidizedFinder()
        one.add_resource(resource)
        two.index_bytes(one.serialize_indexed_resources())
        self.assertEqual(values(two), values(one))

    def test_memory_and_file(self) -> None:
        file = self.lay({"packed": GOLDEN}) / "packed"
        mapped, memory = o.OxidizedFinder(), o.OxidizedFinder()
        mapped.index_file_memory_mapped(file)
        buffer = bytearray(GOLDEN)
        memory.index_bytes(buffer)
        buffer[:] = bytes(len(buffer))
        self.assertEqual(values(mapped), values(memory))
        self.assertEqual(values(mapped)["pkg"]["in_memory_source"], b"pass")
        with self.assertRaisesRegex(ValueError, "missing: No such file"):
            mapped.index_file_memory_mapped(self.folder / "missing")

    def test_padding_between_values(self) -> None:
        index = b"\x01\x02\x03\x03" + struct.pack("<Q", 4) + b"\x04\x02\xff\x00"
        entry = b"\x01\x03" + struct.pack("<H", 1) + b"\xff"
        data = b"pyembed\x03" + struct.pack("<BIII", 1, len(index), 2, 2 * len(entry) + 1)
        finder = o.OxidizedFinder()
        finder.index_bytes(data + index + entry + entry + b"\x00" + b"a\0b\0")
        self.assertEqual([r.name for r in finder.indexed_resources()], ["a", "b"])

    def test_a_second_index_adds_to_the_first(self) -> None:
        finder, other = o.OxidizedFinder(), o.OxidizedFinder()
        more = o.OxidizedResource()
        more.name = "pkg"
        more.in_memory_source = b"raise"
        more.in_memory_bytecode = b"code"
        other.add_resource(more)
        finder.index_bytes(GOLDEN)
        finder.index_bytes(other.serialize_indexed_resources())
        found = values(finder)["pkg"]
        self.assertEqual(
            (found["in_memory_source"], found["in_memory_bytecode"]), (b"raise", b"code")
        )
        self.assertTrue(found["is_package"])
        self.assertEqual(found["in_memory_package_resources"], {"a.b": b"data"})

    def test_built_in_and_frozen_stay_out_unless_wanted(self) -> None:
        finder, other = o.OxidizedFinder(), o.OxidizedFinder()
        finder.index_interpreter_builtins()
        other.index_bytes(finder.serialize_indexed_resources())
        self.assertEqual(other.indexed_resources(), [])
        other.index_bytes(finder.serialize_indexed_resources(ignore_builtin=False))
        self.assertTrue(values(other)["sys"]["is_builtin_extension_module"])
        self.assertNotIn("_frozen_importlib", values(other))
        other.index_bytes(finder.serialize_indexed_resources(ignore_frozen=False))
        self.assertTrue(values(other)["_frozen_importlib"]["is_frozen_module"])

    def test_damaged_bytes_are_told_and_leave_nothing(self) -> None:
        for data, message in (
            (b"foo", "there are only 3 bytes"),
            (b"pyembed\x01" + GOLDEN[8:], "no packed resources of version 3"),
            (GOLDEN[:40], "reach behind the end"),
            (GOLDEN[:-3], "byte .*: a section reaches behind the end"),
            (GOLDEN.replace(b"\x01\x03\x03\x00\x04", b"\x02\x03\x03\x00\x04"), "no beginning of a"),
            (GOLDEN.replace(b"\x03\x00\x04\x16", b"\x03\x00\x04\x77"), "0x77 is no field of a"),
            (GOLDEN.replace(b"\x06\x04\x00", b"\x06\x05\x00"), "5 bytes does not fit into section"),
            (GOLDEN.replace(b"lib.so", b"\xff\xff\xff\xff\xff\xff"), "a name that is not UTF-8"),
        ):
            finder = o.OxidizedFinder()
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                finder.index_bytes(data)
            self.assertEqual(finder.indexed_resources(), [])

    def test_random_damage_is_never_worse_than_a_value_error(self) -> None:
        chance = random.Random(1)
        for _ in range(3000):
            data = bytearray(GOLDEN)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(8, len(data))] = chance.randrange(256)
            if chance.random() < 0.5:
                del data[chance.randrange(len(data)) :]
            finder = o.OxidizedFinder()
            try:
                finder.index_bytes(data)
            except ValueError:
                continue
            values(finder)


if __name__ == "__main__":
    unittest.main()

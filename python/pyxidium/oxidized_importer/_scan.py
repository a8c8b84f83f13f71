"""What lies in a folder, as Python sees it: `find_resources_in_path` and the types that it gives.

Contents of files are read when they are asked for.
"""

from __future__ import annotations

import email.parser
import importlib.util
import os
import re
from collections.abc import Callable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

from ._index import PYC_HEADER, decode


class _Found:
    """Something in a folder. `_read` fetches its bytes."""

    _read: Callable[[], bytes]

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read


class PythonModuleSource(_Found):
    """A module's source."""

    def __init__(self, module: str, read: Callable[[], bytes], *, is_package: bool) -> None:
        super().__init__(read)
        self.module = module
        self.is_package = is_package

    @property
    def source(self) -> bytes:
        """The text as it is in the file."""
        return self._read()

    def __repr__(self) -> str:
        return f'<PythonModuleSource module="{self.module}">'


class PythonModuleBytecode(_Found):
    """A module's bytecode."""

    def __init__(
        self, module: str, read: Callable[[], bytes], optimize_level: int, *, is_package: bool
    ) -> None:
        super().__init__(read)
        self.module = module
        self.optimize_level = optimize_level
        self.is_package = is_package

    @property
    def bytecode(self) -> bytes:
        """What `marshal` made of the code, without the header of the file."""
        return self._read()

    def __repr__(self) -> str:
        return f'<PythonModuleBytecode module="{self.module}" optimize_level={self.optimize_level}>'


class PythonExtensionModule(_Found):
    """An extension module: a shared library."""

    def __init__(
        self, name: str, read: Callable[[], bytes], suffix: str, *, is_package: bool
    ) -> None:
        super().__init__(read)
        self._name = name
        self._suffix = suffix
        self._is_package = is_package

    @property
    def name(self) -> str:
        """The module's dotted name."""
        return self._name

    def __repr__(self) -> str:
        return f'<PythonExtensionModule module="{self.name}">'


class PythonPackageResource(_Found):
    """A file in a package that is no module."""

    def __init__(self, package: str, name: str, read: Callable[[], bytes]) -> None:
        super().__init__(read)
        self.package = package
        self.name = name

    @property
    def data(self) -> bytes:
        """The file's content."""
        return self._read()

    def __repr__(self) -> str:
        return f'<PythonPackageResource package="{self.package}" name="{self.name}">'


class PythonPackageDistributionResource(_Found):
    """A file of a distribution's metadata."""

    def __init__(self, package: str, version: str, name: str, read: Callable[[], bytes]) -> None:
        super().__init__(read)
        self.package = package
        self.version = version
        self.name = name

    @property
    def data(self) -> bytes:
        """The file's content."""
        return self._read()

    def __repr__(self) -> str:
        return (
            f'<PythonPackageDistributionResource package="{self.package}" '
            f'version="{self.version}" name="{self.name}">'
        )


type Resource = (
    PythonModuleSource
    | PythonModuleBytecode
    | PythonExtensionModule
    | PythonPackageResource
    | PythonPackageDistributionResource
)


def find_resources_in_path(path: str | os.PathLike[str]) -> list[Resource]:
    """Everything that Python could use in a folder and below; ValueError for what is no folder."""
    root = Path(path)
    if not root.is_dir():
        msg = f"path is not a directory: {root}"
        raise ValueError(msg)
    scan = _Scan()
    scan.folder(root, ())
    return [*scan.found, *scan.package_files()]


# foo.cpython-313.pyc, foo.cpython-313.opt-1.pyc
_PYC = re.compile(r"(?P<stem>[^.]+)\.(?P<tag>[^.]+)(\.opt-(?P<level>[12]))?\.pyc")
_METADATA = (".dist-info", ".egg-info")


class _Scan:
    def __init__(self) -> None:
        self.found: list[Resource] = []
        self.packages: set[tuple[str, ...]] = set()
        # Those of which it is known only later to which package they belong.
        self.files: list[tuple[tuple[str, ...], Path]] = []

    def folder(self, folder: Path, inside: tuple[str, ...]) -> None:
        for entry in sorted(folder.iterdir(), key=lambda p: p.name):
            name = entry.name
            if entry.is_dir():
                if name.endswith(_METADATA):
                    self.metadata(entry)
                elif name == "__pycache__":
                    self.bytecode(entry, inside)
                elif name == "site-packages":
                    # What is in it is at the top.
                    self.folder(entry, ())
                elif not name.endswith(".egg"):
                    self.folder(entry, (*inside, name))
            elif name.endswith(".py"):
                self.module(name.removesuffix(".py"), inside, entry)
            elif suffix := next((s for s in EXTENSION_SUFFIXES if name.endswith(s)), None):
                module, package = _module(name.removesuffix(suffix), inside)
                self.found.append(
                    PythonExtensionModule(module, entry.read_bytes, suffix, is_package=package)
                )
            elif not name.endswith((".pyc", ".pth", ".egg-link")):
                self.files.append((inside, entry))

    def module(self, stem: str, inside: tuple[str, ...], file: Path) -> None:
        if "." in stem:
            return
        module, package = _module(stem, inside)
        if package:
            self.packages.add(inside)
        if module:
            self.found.append(PythonModuleSource(module, file.read_bytes, is_package=package))

    def bytecode(self, cache: Path, inside: tuple[str, ...]) -> None:
        for file in sorted(cache.iterdir(), key=lambda p: p.name):
            match = _PYC.fullmatch(file.name)
            if match is None or f"{match['stem']}." not in file.name:
                continue
            tag = importlib.util.cache_from_source("x.py").split(".")[1]
            if match["tag"] != tag:
                # Of another Python.
                continue
            module, package = _module(match["stem"], inside)
            if package:
                self.packages.add(inside)
            read = _after_header(file)
            level = int(match["level"] or 0)
            if module:
                self.found.append(PythonModuleBytecode(module, read, level, is_package=package))

    def metadata(self, folder: Path) -> None:
        name, version = _name_and_version(folder)
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                inside = file.relative_to(folder).as_posix()
                self.found.append(
                    PythonPackageDistributionResource(name, version, inside, file.read_bytes)
                )

    def package_files(self) -> Iterator[PythonPackageResource]:
        for inside, file in self.files:
            for at in range(len(inside), 0, -1):
                if inside[:at] in self.packages:
                    name = "/".join([*inside[at:], file.name])
                    yield PythonPackageResource(".".join(inside[:at]), name, file.read_bytes)
                    break


def _module(stem: str, inside: tuple[str, ...]) -> tuple[str, bool]:
    """A module's dotted name, and whether it is a package."""
    if stem == "__init__":
        return ".".join(inside), bool(inside)
    return ".".join([*inside, stem]), False


def _after_header(file: Path) -> Callable[[], bytes]:
    return lambda: file.read_bytes()[PYC_HEADER:]


def _name_and_version(folder: Path) -> tuple[str, str]:
    """What a distribution's metadata says, else what the name of its folder says."""
    for name in ("METADATA", "PKG-INFO"):
        if (file := folder / name).is_file():
            with file.open(encoding="utf-8", errors="replace") as text:
                head = email.parser.HeaderParser().parse(text)
            if head["Name"] and head["Version"]:
                return head["Name"], head["Version"]
    name, _, version = folder.stem.partition("-")
    return name, version.partition("-")[0]


def decode_source(io_module: ModuleType, source_bytes: bytes) -> str:
    """A source's text, by its own declaration; does without its first argument, the module `io`."""
    return decode(bytes(source_bytes))

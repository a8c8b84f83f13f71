"""`OxidizedZipFinder`: modules out of a zip archive."""

from __future__ import annotations

import importlib.abc
import io
import marshal
import os
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import IO, NamedTuple, Self

from ._index import PYC_HEADER, decode

type AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class _Module(NamedTuple):
    source: str | None
    bytecode: str | None
    is_package: bool


class OxidizedZipFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the ``.py`` and ``.pyc`` files of one archive; paths begin with the archive's.

    Bytecode is taken as it is, whatever the source beside it says.
    """

    _archive: zipfile.ZipFile
    _path: str

    @classmethod
    def from_zip_data(cls, source: bytes, path: AnyPath | None = None) -> Self:
        """A finder for an archive in memory; without a path it seems to be the executable."""
        return cls._of(io.BytesIO(source), sys.executable if path is None else os.fsdecode(path))

    @classmethod
    def from_path(cls, path: AnyPath) -> Self:
        """A finder for an archive on disk, which must stay as it is."""
        name = os.fsdecode(path)
        try:
            file = Path(name).open("rb")  # noqa: SIM115
        except OSError as error:
            msg = f"failed to open path {name}: {error.strerror}"
            raise ValueError(msg) from error
        return cls._of(file, name)

    @classmethod
    def _of(cls, file: IO[bytes], path: str) -> Self:
        self = cls()
        try:
            self._archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile as error:
            file.close()
            msg = f"error indexing zip data: {error}"
            raise ValueError(msg) from error
        self._path = path
        return self

    def _module(self, fullname: str) -> _Module | None:
        base = fullname.replace(".", "/")
        for stem, is_package in ((f"{base}/__init__", True), (base, False)):
            names = (f"{stem}.py", f"{stem}.pyc")
            source, bytecode = (n if n in self._archive.NameToInfo else None for n in names)
            if source or bytecode:
                return _Module(source, bytecode, is_package)
        return None

    def _existing(self, fullname: str) -> _Module:
        module = self._module(fullname)
        if module is None:
            msg = f"module not found in zip archive {self._path}"
            raise ImportError(msg, name=fullname)
        return module

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of a module in the archive; else None."""
        module = self._module(fullname)
        if module is None:
            return None
        origin = os.path.join(self._path, *(module.source or module.bytecode or "").split("/"))  # noqa: PTH118
        spec = ModuleSpec(fullname, self, origin=origin, is_package=module.is_package)
        spec.has_location = True
        if module.is_package:
            spec.submodule_search_locations = [os.path.dirname(origin)]  # noqa: PTH120
        return spec

    def find_module(self, fullname: str, path: Sequence[str] | None = None) -> Self | None:
        """The same finder, if it has the module, as `importlib` asked for it before Python 3.12."""
        return None if self._module(fullname) is None else self

    def invalidate_caches(self) -> None:
        """Nothing is cached."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """None: modules are made as always."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, fullname: str) -> CodeType:
        """A module's code: its bytecode's, else its source's."""
        module = self._existing(fullname)
        if module.bytecode is not None:
            code = marshal.loads(self._archive.read(module.bytecode)[PYC_HEADER:])
            if isinstance(code, CodeType):
                return code
            msg = f"{module.bytecode} holds no code"
            raise ImportError(msg, name=fullname)
        assert module.source is not None
        origin = os.path.join(self._path, *module.source.split("/"))  # noqa: PTH118
        return compile(self._archive.read(module.source), origin, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str | None:
        """A module's source; None if only its bytecode is there."""
        source = self._existing(fullname).source
        return None if source is None else decode(self._archive.read(source))

    def is_package(self, fullname: str) -> bool:
        """Whether a module is a package."""
        return self._existing(fullname).is_package

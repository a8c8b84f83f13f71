"""What an `OxidizedFinder` knows: resources by name, and what can be got out of them.

Nothing here is on ``sys.meta_path``; nothing is looked for on disk but at the relative paths that
resources name.
"""

from __future__ import annotations

import errno
import io
import marshal
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from ._resource import OxidizedResource

# Length of what stands before the code in a .pyc file.
PYC_HEADER = 16


class Kind:
    """How a module comes about."""

    BUILTIN: Final = "builtin"
    FROZEN: Final = "frozen"
    EXTENSION: Final = "extension"
    CODE: Final = "code"


class Index:
    """Resources by name."""

    def __init__(self, origin: str, executable: str) -> None:
        self.origin = origin
        # In front of the paths that modules in memory have.
        self.executable = executable
        self.resources: dict[str, OxidizedResource] = {}

    def module(self, name: str) -> tuple[OxidizedResource, str] | None:
        """What can be imported under a name; ``package.__init__`` is the package."""
        resource = self.resources.get(name.removesuffix(".__init__"))
        if resource is None:
            return None
        if resource.is_builtin_extension_module:
            return resource, Kind.BUILTIN
        if resource.is_frozen_module:
            return resource, Kind.FROZEN
        if resource.is_extension_module:
            return resource, Kind.EXTENSION
        if resource.is_module and self._has_code(resource):
            return resource, Kind.CODE
        return None

    def modules_in(self, package: str | None) -> Iterator[tuple[str, bool]]:
        """The modules right below a package, or at the top, as (name, is package)."""
        for name in sorted(self.resources):
            if is_right_below(name, package) and (found := self.module(name)):
                yield name.rpartition(".")[2], found[0].is_package

    # -- code --

    @staticmethod
    def _has_code(resource: OxidizedResource) -> bool:
        return any(
            name in resource.values and resource.values[name] is not None
            for name in (
                f"in_memory_bytecode{_LEVEL}",
                f"relative_path_module_bytecode{_LEVEL}",
                "in_memory_source",
                "relative_path_module_source",
            )
        )

    def source(self, resource: OxidizedResource) -> bytes | None:
        """A module's source, from wherever it is."""
        if (source := resource.in_memory_source) is not None:
            return source
        if (path := resource.relative_path_module_source) is not None:
            return self.file(path).read_bytes()
        return None

    def code(self, resource: OxidizedResource) -> CodeType | None:
        """A module's code: of its bytecode, else of its source."""
        bytecode: bytes | None = getattr(resource, f"in_memory_bytecode{_LEVEL}")
        path: Path | None = getattr(resource, f"relative_path_module_bytecode{_LEVEL}")
        if bytecode is None and path is not None:
            bytecode = self.file(path).read_bytes()[PYC_HEADER:]
        if bytecode is not None:
            code = marshal.loads(bytecode)
            if not isinstance(code, CodeType):
                msg = f"the bytecode of {resource.name!r} holds no code"
                raise ImportError(msg, name=resource.name)
            return code
        source = self.source(resource)
        if source is None:
            return None
        name = self.origin_of(resource) or resource.name
        return compile(source, name, "exec", dont_inherit=True)

    def origin_of(self, resource: OxidizedResource) -> str | None:
        """The file that a module is loaded from; None if it is in memory."""
        for path in (
            resource.relative_path_extension_module_shared_library,
            resource.relative_path_module_source,
            getattr(resource, f"relative_path_module_bytecode{_LEVEL}"),
        ):
            if path is not None:
                return str(self.file(path))
        return None

    def file(self, relative: Path) -> Path:
        """The file at a relative path."""
        return Path(self.origin, relative)

    # -- files of packages, metadata of distributions --

    def package_files(self, package: str) -> list[str]:
        """Names of a package's files, sorted."""
        return self._names(package, "package")

    def distribution_files(self, package: str) -> list[str]:
        """Names of the files of a distribution's metadata, sorted."""
        return self._names(package, "distribution")

    def _names(self, package: str, of: str) -> list[str]:
        resource = self.resources.get(package)
        if resource is None:
            return []
        memory = getattr(resource, f"in_memory_{of}_resources") or {}
        files = getattr(resource, f"relative_path_{of}_resources") or {}
        return sorted({*memory, *files})

    def open_package_file(self, package: str, name: str) -> BinaryIO | None:
        """A package's file, opened; None if it has none of that name."""
        return self._open(package, name, "package")

    def distribution_file(self, package: str, name: str) -> bytes | None:
        """A file of a distribution's metadata; None if it has none of that name."""
        file = self._open(package, name, "distribution")
        if file is None:
            return None
        with file:
            return file.read()

    def _open(self, package: str, name: str, of: str) -> BinaryIO | None:
        resource = self.resources.get(package)
        if resource is None:
            return None
        memory = getattr(resource, f"in_memory_{of}_resources") or {}
        if name in memory:
            return io.BytesIO(memory[name])
        files = getattr(resource, f"relative_path_{of}_resources") or {}
        return self.file(files[name]).open("rb") if name in files else None

    def distributions(self) -> list[str]:
        """Names of the resources that have metadata, sorted."""
        return [name for name in sorted(self.resources) if self.distribution_files(name)]

    def data(self, path: str) -> bytes:
        """The package's file that a path stands for, as a loader's ``get_data`` gives it.

        Below the executable are files in memory, below the origin those that have a relative path.
        """
        for base, attribute in (
            (self.executable, "in_memory_package_resources"),
            (self.origin, "relative_path_package_resources"),
        ):
            if not path.startswith((f"{base}/", base + os.sep)):
                continue
            parts = path[len(base) + 1 :].replace(os.sep, "/").split("/")
            # Only the innermost package is asked.
            places = ((".".join(parts[:at]), at) for at in range(len(parts) - 1, 0, -1))
            known = ((self.resources[name], at) for name, at in places if name in self.resources)
            for resource, at in known:
                found = (getattr(resource, attribute) or {}).get("/".join(parts[at:]))
                if found is not None:
                    return found if isinstance(found, bytes) else self.file(found).read_bytes()
                break
            # A prefix before the package, as `__file__` has it.
            if attribute.startswith("relative") and self._is_named(Path(*parts)):
                return self.file(Path(*parts)).read_bytes()
        raise FileNotFoundError(errno.ENOENT, "not a file of an indexed package", path)

    def _is_named(self, path: Path) -> bool:
        tables = (r.relative_path_package_resources for r in self.resources.values())
        return any(path in table.values() for table in tables if table)


# The part of attribute names that says for which `python -O` bytecode is.
_LEVEL = ("", "_opt1", "_opt2")[min(sys.flags.optimize, 2)]


def decode(source: bytes) -> str:
    """A source's text, by its own declaration, with plain ends of lines."""
    from importlib.util import decode_source

    return decode_source(source)


def plain(name: str) -> str:
    """A distribution's name as it is indexed."""
    return name.lower().replace("-", "_")


def is_right_below(name: str, package: str | None) -> bool:
    """Whether a dotted name is one step below a package, or at the top."""
    return name.rpartition(".")[0] == (package or "") and bool(name)


def is_below(name: str, package: str | None) -> bool:
    """Whether a dotted name is anywhere below a package."""
    return package is None or name.startswith(f"{package}.")


def in_folder(names: Iterable[str], folder: str) -> list[str]:
    """Last parts of those names whose folder is this one, sorted."""
    folder = folder.replace("\\", "/").rstrip("/")
    split = (name.rpartition("/") for name in names)
    return sorted(last for above, _, last in split if above == folder)


def is_folder(names: Iterable[str], folder: str) -> bool:
    """Whether anything is below a folder of that name."""
    folder = folder.replace("\\", "/").rstrip("/")
    return bool(folder) and any(name.startswith(f"{folder}/") for name in names)

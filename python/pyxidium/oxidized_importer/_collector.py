"""`OxidizedResourceCollector`: what a scan found, turned into what a finder indexes."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ._index import plain
from ._resource import Later, OxidizedResource, make
from ._scan import (
    PythonExtensionModule,
    PythonModuleBytecode,
    PythonModuleSource,
    PythonPackageDistributionResource,
    PythonPackageResource,
    Resource,
)

IN_MEMORY = "in-memory"
FILESYSTEM_RELATIVE = "filesystem-relative"

# A file to be written: where, what, whether it can be executed.
type FileInstall = tuple[Path, bytes, bool]


class OxidizedResourceCollector:
    """Gathers resources, each for memory or for a path beside the origin.

    `allowed_locations` are ``in-memory`` and ``filesystem-relative``.
    """

    def __init__(self, allowed_locations: Iterable[str]) -> None:
        self._allowed = list(allowed_locations)
        for location in self._allowed:
            if location not in {IN_MEMORY, FILESYSTEM_RELATIVE}:
                msg = f"{location!r} is no location: {IN_MEMORY!r} and {FILESYSTEM_RELATIVE!r} are"
                raise ValueError(msg)
        self._resources: dict[str, OxidizedResource] = {}
        self._files: dict[Path, tuple[Callable[[], bytes], bool]] = {}

    @property
    def allowed_locations(self) -> list[str]:
        """Where resources may be put."""
        return list(self._allowed)

    def add_in_memory(self, resource: Resource) -> None:
        """Have a resource loaded from memory."""
        self._check(IN_MEMORY, resource)
        match resource:
            case PythonModuleSource():
                into = self._module(resource.module, is_package=resource.is_package)
                into["in_memory_source"] = Later(resource._read)
            case PythonModuleBytecode():
                into = self._module(resource.module, is_package=resource.is_package)
                into[f"in_memory_bytecode{_level(resource)}"] = Later(resource._read)
            case PythonExtensionModule():
                into = self._extension(resource)
                into["in_memory_extension_module_shared_library"] = Later(resource._read)
            case PythonPackageResource():
                into = self._module(resource.package, is_package=True)
                _add(into, "in_memory_package_resources", resource.name, resource._read)
            case PythonPackageDistributionResource():
                into = self._of(plain(resource.package))
                _add(into, "in_memory_distribution_resources", resource.name, resource._read)

    # The name in the documentation; programs use the other.
    add_in_memory_resource = add_in_memory

    def add_filesystem_relative(self, prefix: str, resource: Resource) -> None:
        """Have a resource loaded from a file below `prefix`, which `oxidize` gives out."""
        self._check(FILESYSTEM_RELATIVE, resource)
        read = resource._read
        match resource:
            case PythonModuleSource():
                path = _place(prefix, resource.module, ".py", is_package=resource.is_package)
                into = self._module(resource.module, is_package=resource.is_package)
                into["relative_path_module_source"] = path
            case PythonModuleBytecode():
                path = _place(prefix, resource.module, ".py", is_package=resource.is_package)
                path = Path(
                    importlib.util.cache_from_source(
                        path, optimization=resource.optimize_level or ""
                    )
                )
                into = self._module(resource.module, is_package=resource.is_package)
                into[f"relative_path_module_bytecode{_level(resource)}"] = path
                read = _as_pyc(read)
            case PythonExtensionModule():
                path = _place(
                    prefix, resource.name, resource._suffix, is_package=resource._is_package
                )
                into = self._extension(resource)
                into["relative_path_extension_module_shared_library"] = path
            case PythonPackageResource():
                path = Path(prefix, *resource.package.split("."), resource.name)
                into = self._module(resource.package, is_package=True)
                into.setdefault("relative_path_package_resources", {})[resource.name] = path
            case PythonPackageDistributionResource():
                folder = f"{resource.package}-{resource.version}.dist-info"
                path = Path(prefix, folder, resource.name)
                into = self._of(plain(resource.package))
                into.setdefault("relative_path_distribution_resources", {})[resource.name] = path
        self._files[path] = (read, isinstance(resource, PythonExtensionModule))

    def oxidize(
        self, python_exe: str | os.PathLike[str] | None = None
    ) -> tuple[list[OxidizedResource], list[FileInstall]]:
        """The resources to be indexed, and the files to be written, by name.

        No other Python is needed, so `python_exe` is of no consequence.
        """
        resources = [self._resources[name] for name in sorted(self._resources)]
        files = [(path, read(), executable) for path, (read, executable) in self._files.items()]
        return [_complete(r) for r in resources], sorted(files, key=lambda f: f[0])

    def _check(self, location: str, resource: object) -> None:
        if location not in self._allowed:
            msg = f"{resource!r}: {location!r} is not one of the locations {self._allowed}"
            raise ValueError(msg)
        if not isinstance(resource, Resource.__value__):
            msg = f"cannot operate on {type(resource).__name__} values"
            raise TypeError(msg)

    def _of(self, name: str) -> dict[str, Any]:
        return self._resources.setdefault(name, make(name)).values

    def _module(self, name: str, *, is_package: bool) -> dict[str, Any]:
        values = self._of(name)
        values["is_module"] = True
        if is_package:
            values["is_package"] = True
        return values

    def _extension(self, resource: PythonExtensionModule) -> dict[str, Any]:
        values = self._of(resource.name)
        values["is_extension_module"] = True
        if resource._is_package:
            values["is_package"] = True
        return values

    def __repr__(self) -> str:
        return "<OxidizedResourceCollector>"


def _add(values: dict[str, Any], attribute: str, name: str, read: Callable[[], bytes]) -> None:
    table = values.setdefault(attribute, Later(_read_all, {}))
    table.args[0][name] = read


def _read_all(table: dict[str, Callable[[], bytes]]) -> dict[str, bytes]:
    return {name: read() for name, read in table.items()}


def _complete(resource: OxidizedResource) -> OxidizedResource:
    """A copy that what is collected later does not change."""
    values = {
        key: Later(_read_all, dict(value.args[0]))
        if isinstance(value, Later) and value.func is _read_all
        else dict(value)
        if isinstance(value, dict)
        else value
        for key, value in resource.values.items()
    }
    return make(**values)  # type: ignore[arg-type]


def _level(resource: PythonModuleBytecode) -> str:
    return f"_opt{resource.optimize_level}" if resource.optimize_level else ""


def _place(prefix: str, module: str, suffix: str, *, is_package: bool) -> Path:
    parts = module.split(".")
    if is_package:
        parts.append("__init__")
    return Path(prefix, *parts[:-1], parts[-1] + suffix)


def _as_pyc(read: Callable[[], bytes]) -> Callable[[], bytes]:
    """The content of a .pyc that Python never compares with a source."""
    unchecked = (1).to_bytes(4, "little") + bytes(8)
    return lambda: importlib.util.MAGIC_NUMBER + unchecked + read()

"""What ``pkg_resources`` of setuptools needs to see an `OxidizedFinder`'s packages."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, BinaryIO, NoReturn

from ._finder import OxidizedFinder, OxidizedPathEntryFinder
from ._index import Index, in_folder, is_below, is_folder, is_right_below
from ._metadata import OxidizedDistribution


class OxidizedPkgResourcesProvider:
    """Metadata and files of a package, as ``pkg_resources`` asks for them."""

    def __init__(self, module: ModuleType) -> None:
        loader = module.__loader__
        if not isinstance(loader, OxidizedFinder):
            msg = f"{module.__name__} was not imported by an OxidizedFinder"
            raise TypeError(msg)
        self._index = loader.index
        self._package = module.__package__ or ""

    @classmethod
    def _of(cls, index: Index, package: str) -> OxidizedPkgResourcesProvider:
        self = cls.__new__(cls)
        self._index, self._package = index, package
        return self

    # -- metadata --

    def has_metadata(self, name: str) -> bool:
        """Whether the metadata has a file of that name."""
        return name in self._index.distribution_files(self._package)

    def get_metadata(self, name: str) -> str:
        """A file of the metadata; OSError if there is none of that name."""
        data = self._index.distribution_file(self._package, name)
        if data is None:
            raise FileNotFoundError(errno.ENOENT, "the metadata has no such file", name)
        return data.decode()

    def get_metadata_lines(self, name: str) -> Iterator[str]:
        """The lines of a file of the metadata that are neither empty nor comments."""
        lines: Iterator[str] = sys.modules["pkg_resources"].yield_lines(self.get_metadata(name))
        return lines

    def metadata_isdir(self, name: str) -> bool:
        """Whether the metadata has a folder of that name."""
        return is_folder(self._index.distribution_files(self._package), name)

    def metadata_listdir(self, name: str) -> list[str]:
        """Names of the files in a folder of the metadata."""
        return in_folder(self._index.distribution_files(self._package), name)

    def run_script(self, script_name: str, namespace: Any) -> NoReturn:
        """NotImplementedError: scripts are not indexed."""
        raise NotImplementedError

    # -- files --

    def get_resource_filename(self, manager: Any, resource_name: str) -> NoReturn:
        """NotImplementedError: what is in memory has no file name."""
        raise NotImplementedError

    def get_resource_stream(self, manager: Any, resource_name: str) -> BinaryIO:
        """A file of the package, opened; OSError if there is none of that name."""
        file = self._index.open_package_file(self._package, resource_name)
        if file is None:
            raise FileNotFoundError(errno.ENOENT, "the package has no such file", resource_name)
        return file

    def get_resource_string(self, manager: Any, resource_name: str) -> bytes:
        """A file of the package; OSError if there is none of that name."""
        with self.get_resource_stream(manager, resource_name) as file:
            return file.read()

    def has_resource(self, resource_name: str) -> bool:
        """Whether the package has a file of that name."""
        return resource_name in self._index.package_files(self._package)

    def resource_isdir(self, resource_name: str) -> bool:
        """Whether the package has a folder of that name."""
        return is_folder(self._index.package_files(self._package), resource_name)

    def resource_listdir(self, resource_name: str) -> list[str]:
        """Names of the files in a folder of the package."""
        return in_folder(self._index.package_files(self._package), resource_name)


def register_pkg_resources() -> None:
    """Make ``pkg_resources`` know these classes; as often as one likes."""
    import importlib

    register(importlib.import_module("pkg_resources"))


def register(pkg_resources: Any) -> None:
    """The same for a module that is imported already, or about to be."""
    pkg_resources.register_finder(OxidizedPathEntryFinder, pkg_resources_find_distributions)
    pkg_resources.register_loader_type(OxidizedFinder, OxidizedPkgResourcesProvider)


def pkg_resources_find_distributions(
    finder: OxidizedPathEntryFinder,
    path_item: str,
    only: bool = False,
) -> list[Any]:
    """The distributions of packages below that of a path entry; with `only`, right below it."""
    if not isinstance(finder, OxidizedPathEntryFinder) or path_item != finder.source_path:
        return []
    index, package = finder.finder.index, finder._package
    near = is_right_below if only else is_below
    make: Any = sys.modules["pkg_resources"].Distribution
    found = []
    for name in index.distributions():
        if not near(name, package):
            continue
        metadata = OxidizedDistribution(index, name).metadata
        found.append(
            make(
                location=f"{path_item}/{name.replace('.', '/')}",
                metadata=OxidizedPkgResourcesProvider._of(index, name),
                project_name=metadata["Name"],
                version=metadata["Version"],
            )
        )
    return found

"""`OxidizedDistribution`: metadata of packages, for `importlib.metadata`."""

from __future__ import annotations

# Imported by `importlib.metadata` when it is needed, which may be when nothing but an index is
# searched.
import importlib.metadata._adapters  # type: ignore[import-not-found]  # noqa: F401
from collections.abc import Iterator
from importlib.metadata import Distribution
from typing import TYPE_CHECKING, NoReturn

from ._index import plain

if TYPE_CHECKING:
    import os
    from importlib.metadata import PackageMetadata

    from ._index import Index


class OxidizedDistribution(Distribution):
    """A distribution whose metadata an `OxidizedFinder` has."""

    def __init__(self, index: Index, package: str) -> None:
        self._index = index
        self._package = package

    def read_text(self, filename: str | os.PathLike[str]) -> str | None:
        """A file of the metadata; None if there is none of that name."""
        data = self._index.distribution_file(self._package, str(filename))
        return None if data is None else data.decode().replace("\r\n", "\n")

    @property
    def metadata(self) -> PackageMetadata:
        """What METADATA or PKG-INFO says."""
        if not (self.read_text("METADATA") or self.read_text("PKG-INFO")):
            msg = f"{self._package}: package metadata not found"
            raise OSError(msg)
        return super().metadata

    @property
    def files(self) -> NoReturn:
        """NotImplementedError: the files of a distribution are not known."""
        raise NotImplementedError

    @property
    def locate_file(self) -> NoReturn:
        """AttributeError: what is in memory is nowhere."""
        msg = "an OxidizedDistribution has no files"
        raise AttributeError(msg)


def find(index: Index, name: str | None) -> Iterator[OxidizedDistribution]:
    """All distributions, or the one of a name."""
    for package in index.distributions():
        if name is None or plain(package) == plain(name):
            yield OxidizedDistribution(index, package)

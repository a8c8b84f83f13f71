"""`OxidizedResourceReader`: a package's files, for `importlib.resources`."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable, TraversableResources
from typing import IO, Any, BinaryIO, NoReturn

from ._index import is_folder


class OxidizedResourceReader(TraversableResources):
    """The files of one package, by names such as ``data/table.csv``."""

    def __init__(
        self, names: Callable[[], list[str]], open_file: Callable[[str], BinaryIO | None]
    ) -> None:
        self._names = names
        self._open = open_file

    def open_resource(self, resource: str) -> BinaryIO:  # type: ignore[override]
        """A file's content, opened; FileNotFoundError if there is none of that name."""
        file = self._open(resource)
        if file is None:
            raise _missing(resource)
        return file

    def resource_path(self, resource: str) -> NoReturn:
        """FileNotFoundError: nothing in memory has a path. `as_file` makes one."""
        raise _missing(resource)

    def is_resource(self, name: str) -> bool:
        """True for a file; FileNotFoundError if there is none of that name."""
        if name not in self._names():
            raise _missing(name)
        return True

    def contents(self) -> list[str]:  # type: ignore[override]
        """The names of all files, sorted."""
        return self._names()

    def files(self) -> Traversable:
        """The package's folder."""
        return _Place(self, "")


class _Place(Traversable):
    """A file or folder of a package."""

    def __init__(self, reader: OxidizedResourceReader, path: str) -> None:
        self._reader = reader
        self._path = path

    @property
    def name(self) -> str:
        return self._path.rpartition("/")[2]

    def is_file(self) -> bool:
        return self._path in self._reader.contents()

    def is_dir(self) -> bool:
        return not self._path or is_folder(self._reader.contents(), self._path)

    def iterdir(self) -> Iterator[Traversable]:
        above = f"{self._path}/" if self._path else ""
        below = (n.removeprefix(above) for n in self._reader.contents() if n.startswith(above))
        for name in sorted({name.partition("/")[0] for name in below}):
            yield _Place(self._reader, above + name)

    def joinpath(self, *descendants: Any) -> Traversable:
        parts = [
            p for d in (self._path, *descendants) for p in str(d).split("/") if p not in {"", "."}
        ]
        return _Place(self._reader, "/".join(parts))

    def __truediv__(self, child: Any) -> Traversable:
        return self.joinpath(child)

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        if mode not in {"r", "rb"}:
            msg = f"{mode!r}: the files of a package are read-only"
            raise ValueError(msg)
        file = self._reader.open_resource(self._path)
        return file if mode == "rb" else io.TextIOWrapper(file, *args, **kwargs)

    def read_bytes(self) -> bytes:
        with self._reader.open_resource(self._path) as file:
            return file.read()

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        with self.open(encoding=encoding or "utf-8", errors=errors) as file:
            text: str = file.read()
        return text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Place):
            return NotImplemented
        return self._reader is other._reader and self._path == other._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __repr__(self) -> str:
        return f"<file of a package {self._path!r}>"


def _missing(name: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "the package has no such file in memory", name)

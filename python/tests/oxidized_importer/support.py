"""What the tests share: the package under the name that apps know, and folders of files."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyxidium import oxidized_importer as o


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="oxidized-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def lay(self, files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.folder


def in_memory(folder: Path) -> o.OxidizedFinder:
    """A finder of all that lies in a folder, without the folder."""
    collector = o.OxidizedResourceCollector(["in-memory"])
    for resource in o.find_resources_in_path(folder):
        collector.add_in_memory(resource)
    finder = o.OxidizedFinder()
    finder.add_resources(collector.oxidize()[0])
    # What is read later would be read from the folder.
    other = o.OxidizedFinder()
    other.index_bytes(finder.serialize_indexed_resources())
    return other


@contextlib.contextmanager
def importing_with(finder: Any) -> Iterator[None]:
    """Imports go to this finder first; everything is as before afterwards."""
    modules, meta_path = dict(sys.modules), list(sys.meta_path)
    sys.meta_path.insert(0, finder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.meta_path[:] = meta_path
        sys.modules.clear()
        sys.modules.update(modules)


def below(*parts: str) -> str:
    """A path below the executable."""
    return os.path.join(sys.executable, *parts)  # noqa: PTH118

"""A sealed app's own modules, seen through an `OxidizedFinder`.

The importer of the sealed file stays what it is: it finds the app's modules, which have files, and
loaders of the standard library's kinds. In front of it comes a finder that has PyOxidizer's
methods, answers with what that importer finds, and takes further resources.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from ._finder import OxidizedFinder, OxidizedPathEntryFinder
from ._resource import Later, OxidizedResource

if TYPE_CHECKING:
    from importlib.metadata import Distribution, DistributionFinder

    from ._reader import OxidizedResourceReader


def install() -> None:
    """Put the finder into the place of the sealed file's importer; elsewhere nothing happens."""
    if "_pyxidium" not in sys.builtin_module_names:
        return
    import _pyxidium  # type: ignore[import-not-found]
    import _pyxidium_boot  # type: ignore[import-not-found]

    for at, finder in enumerate(sys.meta_path):
        if type(finder) is _pyxidium.OxidizedFinder:
            sys.meta_path[at] = AppFinder(finder, _pyxidium_boot.preferred_start_method)
            sys.oxidized = True  # type: ignore[attr-defined]
            if (pkg_resources := sys.modules.get("pkg_resources")) is not None:
                _register(pkg_resources)
            else:
                _pyxidium_boot.when_loaded("pkg_resources", _register)


def _register(pkg_resources: ModuleType) -> None:
    from ._pkg_resources import register

    register(pkg_resources)


class AppFinder(OxidizedFinder):
    """The first on ``sys.meta_path`` of a sealed app."""

    def __init__(self, importer: Any, start_method: str | None) -> None:
        super().__init__()
        self._importer = importer
        self._start_method = start_method

    @property
    def multiprocessing_set_start_method(self) -> str | None:
        """The start method that the app's settings name, if they do."""
        return self._start_method

    # -- finding --

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of an indexed module, else of one of the app or the interpreter."""
        found = super().find_spec(fullname, path, target)
        if found is None:
            found = self._importer.find_spec(fullname, path, target)
        if found is None:
            found = BuiltinImporter.find_spec(fullname, path, target)
        return found or FrozenImporter.find_spec(fullname, path, target)

    def find_below(self, fullname: str, path: Sequence[str]) -> ModuleSpec | None:
        """The spec of a module, wherever it is."""
        return self._locate(fullname)

    def _locate(self, fullname: str) -> ModuleSpec | None:
        """The spec of a module whose parents need not be imported."""
        parent = fullname.rpartition(".")[0]
        path: Sequence[str] | None = None
        if parent:
            above = self._locate(parent)
            if above is None or above.submodule_search_locations is None:
                return None
            path = above.submodule_search_locations
        # Namespace packages are the standard path finder's.
        return self.find_spec(fullname, path) or PathFinder.find_spec(fullname, path)

    def modules_in(self, package: str | None, prefix: str) -> list[tuple[str, bool]]:
        """The modules right below a package, indexed or the app's, as (name, is package)."""
        found = dict(self.index.modules_in(package))
        spec = None if package is None else self._locate(package)
        folders = sys.path if package is None else (spec and spec.submodule_search_locations) or []
        for folder in folders:
            for name, is_package in self._modules(folder):
                found.setdefault(name, is_package)
        return [(prefix + name, found[name]) for name in sorted(found)]

    def _modules(self, folder: str) -> list[tuple[str, bool]]:
        try:
            modules: list[tuple[str, bool]] = self._importer.path_hook(folder).iter_modules()
        except ImportError:
            return []
        return modules

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterator[Distribution]:
        """The app's distributions, and those that are indexed."""
        indexed = super().find_distributions(context)
        # `importlib.metadata` asks all finders in turn, and the path finder gives the app's.
        caller = sys._getframe(1).f_globals.get("__name__")
        if caller in {"importlib.metadata", "importlib_metadata"}:
            return indexed
        from importlib.metadata import DistributionFinder, MetadataPathFinder
        from itertools import chain

        name = context.name if context else None
        folders = self._folders(context.path if context else sys.path)
        ours = DistributionFinder.Context(name=name, path=folders)
        return chain(indexed, MetadataPathFinder.find_distributions(ours))

    def _folders(self, paths: Sequence[str]) -> list[str]:
        """Those of some folders that are in the sealed file."""
        root = f"{self.path_hook_base_str}/"
        return [path for path in paths if path.startswith(root)]

    # -- loading: what the loader of the sealed file says --

    def _loader(self, fullname: str) -> Any:
        spec = self._locate(fullname)
        if spec is None or spec.loader is None or spec.loader is self:
            return None
        return spec.loader

    def get_code(self, fullname: str) -> CodeType | None:
        """A module's code; None if there is none."""
        if self.index.module(fullname):
            return super().get_code(fullname)
        loader = self._loader(fullname)
        code: CodeType | None = loader and loader.get_code(fullname)
        return code

    def get_source(self, fullname: str) -> str | None:
        """A module's source; None if there is none."""
        if self.index.module(fullname):
            return super().get_source(fullname)
        loader = self._loader(fullname)
        source: str | None = loader and loader.get_source(fullname)
        return source

    def get_filename(self, fullname: str) -> str:
        """The file that a module is from; ImportError if it is in memory, built in or unknown."""
        loader = self._loader(fullname)
        if self.index.module(fullname) or not hasattr(loader, "get_filename"):
            return super().get_filename(fullname)
        filename: str = loader.get_filename(fullname)
        return filename

    def is_package(self, fullname: str) -> bool:
        """Whether a module is a package; ImportError if it is unknown."""
        loader = self._loader(fullname)
        if self.index.module(fullname) or loader is None:
            return super().is_package(fullname)
        return bool(loader.is_package(fullname))

    def get_data(self, path: str) -> bytes:
        """The file at a path below the executable, or a package's that is indexed; else OSError."""
        if self._folders([path]) and Path(path).is_file():
            return Path(path).read_bytes()
        return super().get_data(path)

    def get_resource_reader(self, fullname: str) -> OxidizedResourceReader | None:
        """The reader of a package's files; None for what is no package."""
        if self.index.module(fullname):
            return super().get_resource_reader(fullname)
        spec = self._locate(fullname)
        folders = self._folders((spec and spec.submodule_search_locations) or [])
        if not folders:
            return None
        from ._reader import OxidizedResourceReader

        files = {name: file for folder in reversed(folders) for name, file in _files(Path(folder))}
        return OxidizedResourceReader(
            lambda: sorted(files), lambda name: files[name].open("rb") if name in files else None
        )

    # -- the index --

    def indexed_resources(self) -> list[OxidizedResource]:
        """Everything that can be imported: what is indexed, the app, the interpreter."""
        found = {resource.name: resource for resource in super().indexed_resources()}
        for folder in self._folders(sys.path):
            if not Path(folder).is_dir():
                continue
            for resource in self._scan(folder):
                found.setdefault(resource.name, resource)
        interpreter = OxidizedFinder()
        interpreter.index_interpreter_builtins()
        for resource in interpreter.indexed_resources():
            found.setdefault(resource.name, resource)
        return list(found.values())

    def _scan(self, folder: str) -> list[OxidizedResource]:
        from ._collector import IN_MEMORY, OxidizedResourceCollector
        from ._scan import PythonModuleSource, find_resources_in_path

        collector = OxidizedResourceCollector([IN_MEMORY])
        sources = []
        for resource in find_resources_in_path(folder):
            collector.add_in_memory(resource)
            if isinstance(resource, PythonModuleSource):
                sources.append(resource.module)
        level = ("", "_opt1", "_opt2")[sys.flags.optimize]
        found = {resource.name: resource for resource in collector.oxidize()[0]}
        for module in sources:
            found[module].values[f"in_memory_bytecode{level}"] = Later(self._bytecode, module)
        return list(found.values())

    def _bytecode(self, module: str) -> bytes | None:
        try:
            code = self.get_code(module)
        except SyntaxError:
            # Packages carry sources of other Pythons, which nobody imports.
            return None
        return None if code is None else marshal.dumps(code)

    # -- sys.path_hooks --

    def path_hook(self, path: Any) -> OxidizedPathEntryFinder:
        """For a folder in the sealed file what is in it; else as for any `OxidizedFinder`."""
        if path != self.path_hook_base_str:
            try:
                folder = self._importer.path_hook(path)
            except ImportError:
                pass
            else:
                return _Folder.over(self, path, folder)
        return super().path_hook(path)


# Programs ask for the name of the class of what is first on `sys.meta_path`.
AppFinder.__name__ = AppFinder.__qualname__ = "OxidizedFinder"


class _Folder(OxidizedPathEntryFinder):
    """A folder in the sealed file."""

    _folder: Any

    @classmethod
    def over(cls, finder: AppFinder, path: str, folder: Any) -> _Folder:
        self = cls()
        self._finder, self.source_path, self._target = finder, path, None
        self._folder = folder
        return self

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        spec: ModuleSpec | None = self._folder.find_spec(fullname, target)
        return spec

    def iter_modules(self, prefix: str = "") -> list[tuple[str, bool]]:
        modules: list[tuple[str, bool]] = self._folder.iter_modules(prefix)
        return modules


def _files(package: Path) -> Iterator[tuple[str, Path]]:
    """A package's files that are no modules, and not those of a package in it."""
    from ._scan import PythonPackageResource, find_resources_in_path

    for resource in find_resources_in_path(package.parent):
        if isinstance(resource, PythonPackageResource) and resource.package == package.name:
            yield resource.name, package / resource.name

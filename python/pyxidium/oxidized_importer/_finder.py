"""`OxidizedFinder` and `OxidizedPathEntryFinder`: the importer of resources in an index.

They keep to the interfaces of `importlib.abc`. What a resource is and where its bytes are is
`_index`'s business; what the app itself holds, `_app`'s.
"""

from __future__ import annotations

import _imp
import importlib.abc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from . import _native, _packed
from ._index import Index, Kind, decode, is_right_below
from ._resource import OxidizedResource, copy, make, merge

if TYPE_CHECKING:
    from importlib.metadata import Distribution, DistributionFinder

    from ._reader import OxidizedResourceReader


class OxidizedFinder(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    """Imports what was indexed: modules, extension modules, files of packages, metadata.

    Relative paths start at `relative_path_origin`, or at the folder of the executable. Modules in
    memory have no ``__file__``; ``__path__`` of packages is below the executable's path.
    """

    def __init__(self, relative_path_origin: str | os.PathLike[str] | None = None) -> None:
        executable = sys.executable
        origin = relative_path_origin
        if origin is None:
            origin = os.path.dirname(executable)  # noqa: PTH120
        self.index = Index(os.fsdecode(origin), executable)

    # -- finding --

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of an indexed module, wherever ``path`` says to look; else None."""
        found = self.index.module(fullname)
        if found is None:
            return None
        resource, kind = found
        if kind is Kind.BUILTIN:
            return BuiltinImporter.find_spec(fullname)
        if kind is Kind.FROZEN:
            return FrozenImporter.find_spec(fullname, path, target)
        origin = self.index.origin_of(resource)
        # Not `fullname`, which may end in `.__init__`.
        spec = ModuleSpec(resource.name, self, origin=origin, is_package=resource.is_package)
        if origin is not None:
            spec.has_location = True
        if resource.is_package:
            folder = [self.index.executable, *resource.name.split(".")]
            inside = os.path.join(*folder) if origin is None else os.path.dirname(origin)  # noqa: PTH118, PTH120
            spec.submodule_search_locations = [inside]
        return spec

    def find_module(self, fullname: str, path: Sequence[str] | None = None) -> Any:
        """The loader of a module, as `importlib` asked for it before Python 3.12."""
        spec = self.find_spec(fullname, path)
        return None if spec is None else spec.loader

    def find_below(self, fullname: str, path: Sequence[str]) -> ModuleSpec | None:
        """`find_spec` for a path entry of ours, which is no folder of the machine."""
        return self.find_spec(fullname, path)

    def invalidate_caches(self) -> None:
        """Nothing is cached."""

    def iter_modules(self, prefix: str | None = None) -> list[tuple[str, bool]]:
        """The modules at the top as (name, is package), for `pkgutil.iter_modules`."""
        return self.modules_in(None, prefix or "")

    def modules_in(self, package: str | None, prefix: str) -> list[tuple[str, bool]]:
        """The modules right below a package as (name, is package)."""
        return [(prefix + name, found) for name, found in self.index.modules_in(package)]

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterator[Distribution]:
        """The distributions whose metadata is indexed; of a context, only its name counts."""
        from ._metadata import find

        return find(self.index, None if context is None else context.name)

    # -- loading --

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """An extension module, which comes from a shared library; others are made as always."""
        match self.index.module(spec.name):
            case (resource, Kind.EXTENSION):
                return _native.create(spec, resource, self.index.resources)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code, or initialise an extension module."""
        name = module.__spec__.name if module.__spec__ else module.__name__
        match self.index.module(name):
            case (resource, Kind.EXTENSION):
                _imp.exec_dynamic(module)
            case (resource, Kind.CODE):
                code = self.index.code(resource)
                if code is not None:
                    _call_with_frames_removed(exec, code, module.__dict__)
            case (_, Kind.FROZEN):
                FrozenImporter.exec_module(module)
            case (_, Kind.BUILTIN):
                BuiltinImporter.exec_module(module)
            case None:
                msg = f"{name!r} is not indexed"
                raise ImportError(msg, name=name)
        if name == "pkg_resources" and self.pkg_resources_import_auto_register:
            from ._pkg_resources import register

            register(module)

    def get_data(self, path: str) -> bytes:
        """The file of a package at a path below the executable or the origin; else OSError."""
        return self.index.data(path)

    def get_code(self, fullname: str) -> CodeType | None:
        """A module's code; None if it has none or is not indexed."""
        match self.index.module(fullname):
            case (resource, Kind.CODE):
                return self.index.code(resource)
            case (_, Kind.FROZEN):
                return FrozenImporter.get_code(fullname)
        return None

    def get_source(self, fullname: str) -> str | None:
        """A module's source; None if it has none or is not indexed."""
        found = self.index.module(fullname)
        source = None if found is None else self.index.source(found[0])
        if source is None:
            # Bytecode alone stands for a text of which nothing is left.
            bytecode_only = found is not None and found[1] is Kind.CODE
            return "" if bytecode_only else None
        return decode(source)

    def get_filename(self, fullname: str) -> str:
        """The file that a module is from; ImportError if it is in memory."""
        found = self.index.module(fullname)
        origin = None if found is None else self.index.origin_of(found[0])
        if origin is None:
            what = "not indexed" if found is None else "in memory"
            msg = f"{fullname!r} is {what}: there is no file"
            raise ImportError(msg, name=fullname)
        return origin

    def is_package(self, fullname: str) -> bool:
        """Whether a module is a package; ImportError if it is not indexed."""
        found = self.index.module(fullname)
        if found is None:
            msg = f"{fullname!r} is not indexed"
            raise ImportError(msg, name=fullname)
        return found[0].is_package

    def get_resource_reader(self, fullname: str) -> OxidizedResourceReader | None:
        """The reader of a package's files; None for what is no package."""
        found = self.index.module(fullname)
        if found is None or not found[0].is_package:
            return None
        from ._reader import OxidizedResourceReader

        package = found[0].name
        return OxidizedResourceReader(
            lambda: self.index.package_files(package),
            lambda name: self.index.open_package_file(package, name),
        )

    # -- what a finder says of itself --

    @property
    def multiprocessing_set_start_method(self) -> str | None:
        """The start method that `multiprocessing` gets as it is imported, if any."""
        return None

    @property
    def origin(self) -> str:
        """Where relative paths start."""
        return self.index.origin

    @property
    def path_hook_base_str(self) -> str:
        """The path that `path_hook` answers to, with what is below it."""
        return self.index.executable

    @property
    def pkg_resources_import_auto_register(self) -> bool:
        """Whether importing ``pkg_resources`` registers these classes there."""
        return True

    # -- the index --

    def index_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """Index packed resources; the bytes are used for as long as the finder is."""
        view = memoryview(data).cast("B")
        if not view.readonly:
            # What is indexed must not change.
            view = memoryview(bytes(view))
        self._index_all(_packed.read(view))

    def index_file_memory_mapped(self, path: str | os.PathLike[str]) -> None:
        """Index packed resources in a file, of which only what is used is read."""
        import mmap

        try:
            with Path(path).open("rb") as file:
                view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            msg = f"{os.fspath(path)}: {error.strerror}"
            raise ValueError(msg) from error
        self._index_all(_packed.read(view))

    def _index_all(self, resources: Iterable[OxidizedResource]) -> None:
        # All or nothing: damaged data leaves the index as it was.
        for resource in list(resources):
            known = self.index.resources.setdefault(resource.name, resource)
            if known is not resource:
                merge(known, resource)

    def index_interpreter_builtins(self) -> None:
        """Index what is compiled into the interpreter: built-in and frozen modules."""
        self.index_interpreter_builtin_extension_modules()
        self.index_interpreter_frozen_modules()

    def index_interpreter_builtin_extension_modules(self) -> None:
        """Index built-in extension modules, such as `sys`."""
        names = sys.builtin_module_names
        self._index_all(make(name, is_builtin_extension_module=True) for name in names)

    def index_interpreter_frozen_modules(self) -> None:
        """Index modules whose bytecode is part of the interpreter."""
        names: list[str] = _imp._frozen_module_names()  # type: ignore[attr-defined]
        for name in names:
            package = _imp.is_frozen_package(name) if _imp.is_frozen(name) else False
            self._index_all([make(name, is_frozen_module=True, is_package=package)])

    def indexed_resources(self) -> list[OxidizedResource]:
        """Everything that is indexed, as copies."""
        return [copy(resource) for resource in self.index.resources.values()]

    def add_resource(self, resource: OxidizedResource) -> None:
        """Index a copy of a resource, instead of what had its name."""
        if not isinstance(resource, OxidizedResource):
            msg = f"an OxidizedResource is needed, not {type(resource).__name__}"
            raise TypeError(msg)
        self.index.resources[resource.name] = copy(resource)

    def add_resources(self, resources: Iterable[OxidizedResource]) -> None:
        """Index copies of resources."""
        for resource in resources:
            self.add_resource(resource)

    def serialize_indexed_resources(
        self,
        ignore_builtin: bool = True,
        ignore_frozen: bool = True,
    ) -> bytes:
        """What is indexed as packed resources, which `index_bytes` takes."""
        return _packed.write(
            resource
            for resource in self.indexed_resources()
            if not (ignore_builtin and resource.is_builtin_extension_module)
            and not (ignore_frozen and resource.is_frozen_module)
        )

    # -- sys.path_hooks --

    def path_hook(self, path: str | bytes | os.PathLike[str]) -> OxidizedPathEntryFinder:
        """For `sys.path_hooks`: a path below the executable stands for a package."""
        try:
            package = _package_of(path, self.path_hook_base_str)
        except (TypeError, ValueError) as error:
            msg = "error running OxidizedFinder.path_hook"
            raise ImportError(msg) from error
        assert isinstance(path, str)
        return OxidizedPathEntryFinder._of(self, path, package)

    def __repr__(self) -> str:
        return f"<OxidizedFinder object at {id(self):#x}>"


def _package_of(path: object, base: str) -> str | None:
    """The package that a path stands for: None for `base` itself."""
    if not isinstance(path, str):
        msg = f"a str is needed, not {type(path).__name__}"
        raise TypeError(msg)
    if path == base:
        return None
    if not path.startswith((f"{base}/", f"{base}\\")):
        msg = f"{path!r} does not begin in {base!r}"
        raise ValueError(msg)
    if os.path.isdir(path):  # noqa: PTH112
        # Of a sealed file, whose own folders are below the executable's path, too.
        msg = f"{path!r} is a folder"
        raise ValueError(msg)
    parts = path[len(base) + 1 :].replace("\\", "/").split("/")
    # Dots separate names already; a part of two of them, or none, would name something else.
    if parts == [""] or any(not p or p[0] == "." or p[-1] == "." or ".." in p for p in parts):
        msg = f"{path!r} names no package"
        raise ValueError(msg)
    return ".".join(parts)


class OxidizedPathEntryFinder(importlib.abc.PathEntryFinder):
    """Finds the modules right below one package; `OxidizedFinder.path_hook` makes it."""

    _finder: OxidizedFinder
    source_path: str
    _target: str | None

    @classmethod
    def _of(cls, finder: OxidizedFinder, path: str, package: str | None) -> OxidizedPathEntryFinder:
        self = cls()
        self._finder, self.source_path, self._target = finder, path, package
        return self

    @property
    def finder(self) -> OxidizedFinder:
        """Where it looks."""
        return self._finder

    @property
    def _package(self) -> str | None:
        return self._target

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a module right below the package; else None."""
        if not is_right_below(fullname, self._target):
            return None
        return self._finder.find_below(fullname, [self.source_path])

    def invalidate_caches(self) -> None:
        """Whatever the finder does."""
        self._finder.invalidate_caches()

    def iter_modules(self, prefix: str = "") -> list[tuple[str, bool]]:
        """The modules right below the package as (name, is package)."""
        return self._finder.modules_in(self._target, prefix)


def _call_with_frames_removed(call: Callable[..., Any], *args: object) -> None:
    # Python leaves import machinery out of tracebacks by the names of this function and its file.
    call(*args)


for _hidden in (_call_with_frames_removed, OxidizedFinder.exec_module):
    _hidden.__code__ = _hidden.__code__.replace(
        co_filename="<frozen importlib._bootstrap_external>"
    )

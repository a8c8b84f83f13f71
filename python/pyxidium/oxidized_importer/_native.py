"""Extension modules out of memory: an anonymous file, which the dynamic loader maps.

Where the system forbids code in anonymous files, a private file takes its place until it is mapped.
"""

from __future__ import annotations

import _imp
import itertools
import os
import tempfile
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._resource import OxidizedResource

# Under which path the loader knows a library, by the hash of its content.
_loaded: dict[bytes, str] = {}
_serial = itertools.count(1)


def create(
    spec: ModuleSpec, resource: OxidizedResource, resources: Mapping[str, OxidizedResource]
) -> ModuleType:
    """The extension module of a resource, with the libraries loaded that it names."""
    _load_needed(resource, resources, set())
    library = resource.in_memory_extension_module_shared_library
    if library is None:
        if spec.origin is None:
            msg = f"{spec.name!r} is an extension module without a shared library"
            raise ImportError(msg, name=spec.name)
        return _imp.create_dynamic(spec)

    def create_from(path: str) -> ModuleType:
        return _imp.create_dynamic(ModuleSpec(spec.name, spec.loader, origin=path))

    module = _load(library, create_from)
    # A path that means nothing once the module is loaded.
    module.__dict__.pop("__file__", None)
    return module


def _load_needed(
    resource: OxidizedResource, resources: Mapping[str, OxidizedResource], seen: set[str]
) -> None:
    """Load what a library needs before it: the loader knows loaded libraries by their names."""
    for name in resource.shared_library_dependency_names or []:
        needed = resources.get(name)
        if name in seen or needed is None:
            continue
        seen.add(name)
        _load_needed(needed, resources, seen)
        if (library := needed.in_memory_shared_library) is not None:
            import ctypes

            _load(library, ctypes.CDLL)


def _load[T](library: bytes, use: Callable[[str], T]) -> T:
    from hashlib import blake2b

    key = blake2b(library, digest_size=32).digest()
    if (known := _loaded.get(key)) is not None:
        # The loader compares paths before it opens anything: this is the library that it has.
        return use(known)
    try:
        descriptor = os.memfd_create("oxidized_importer", os.MFD_CLOEXEC)
    except (AttributeError, OSError):
        return _load_file(library, use)
    with os.fdopen(descriptor, "wb") as file:
        file.write(library)
        file.flush()
        path = _unique_path(descriptor)
        try:
            result = use(path)
        except (ImportError, OSError) as error:
            if "failed to map segment" not in str(error):
                raise
            return _load_file(library, use)
    _loaded[key] = path
    return result


def _load_file[T](library: bytes, use: Callable[[str], T]) -> T:
    with tempfile.NamedTemporaryFile(suffix=".so") as file:
        file.write(library)
        file.flush()
        return use(file.name)


def _unique_path(descriptor: int) -> str:
    """A path to a descriptor that no other library had or will have.

    The loader takes libraries with equal paths for one, and descriptors are numbers that are used
    again. So a serial number is spelled into the path: ``./`` for one bits, ``/`` for zero bits.
    The sealed file's own loader spells its paths likewise, but without the ``..``.
    """
    bits = f"{next(_serial):b}".replace("0", "/").replace("1", "./")
    return f"/proc/self/fd/../fd/{bits}{descriptor}"

"""What programs written for PyOxidizer import as ``oxidized_importer``: importing from memory.

An app finds this package under that name if one of its sources names it, or
``oxidized-importer = true`` stands in ``[tool.pyxidium]``. In a sealed file the importer that is
first on ``sys.meta_path`` becomes an `OxidizedFinder` when this is imported, so that the app's own
modules can be asked for through it. Nothing else of Pyxidium uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._app import install
from ._finder import OxidizedFinder, OxidizedPathEntryFinder
from ._resource import OxidizedResource

if TYPE_CHECKING:
    from ._collector import OxidizedResourceCollector
    from ._metadata import OxidizedDistribution
    from ._pkg_resources import (
        OxidizedPkgResourcesProvider,
        pkg_resources_find_distributions,
        register_pkg_resources,
    )
    from ._reader import OxidizedResourceReader
    from ._scan import (
        PythonExtensionModule,
        PythonModuleBytecode,
        PythonModuleSource,
        PythonPackageDistributionResource,
        PythonPackageResource,
        decode_source,
        find_resources_in_path,
    )
    from ._zip import OxidizedZipFinder

__all__ = [
    "OxidizedDistribution",
    "OxidizedFinder",
    "OxidizedPathEntryFinder",
    "OxidizedPkgResourcesProvider",
    "OxidizedResource",
    "OxidizedResourceCollector",
    "OxidizedResourceReader",
    "OxidizedZipFinder",
    "PythonExtensionModule",
    "PythonModuleBytecode",
    "PythonModuleSource",
    "PythonPackageDistributionResource",
    "PythonPackageResource",
    "decode_source",
    "find_resources_in_path",
    "pkg_resources_find_distributions",
    "register_pkg_resources",
]

# Most programs import this for the finder alone; what needs `importlib.metadata`, `zipfile` and the
# like is imported when somebody asks for it.
_WHEN_ASKED = {
    "OxidizedDistribution": "_metadata",
    "OxidizedPkgResourcesProvider": "_pkg_resources",
    "OxidizedResourceCollector": "_collector",
    "OxidizedResourceReader": "_reader",
    "OxidizedZipFinder": "_zip",
    "PythonExtensionModule": "_scan",
    "PythonModuleBytecode": "_scan",
    "PythonModuleSource": "_scan",
    "PythonPackageDistributionResource": "_scan",
    "PythonPackageResource": "_scan",
    "decode_source": "_scan",
    "find_resources_in_path": "_scan",
    "pkg_resources_find_distributions": "_pkg_resources",
    "register_pkg_resources": "_pkg_resources",
}


def __getattr__(name: str) -> object:
    place = _WHEN_ASKED.get(name)
    if place is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    found: object = getattr(import_module(f".{place}", __name__), name)
    globals()[name] = _from_here(found)
    return found


def _from_here[T](found: T) -> T:
    # Programs print and compare where a class is from.
    found.__module__ = __name__
    return found


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


for _class in (OxidizedFinder, OxidizedPathEntryFinder, OxidizedResource):
    _from_here(_class)
install()

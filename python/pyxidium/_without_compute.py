"""Stands for ``pyxidium.compute`` in apps that were sealed without it.

The packager puts it there when no source of the app, and of no package in it, names that module.
"""

from __future__ import annotations

MESSAGE = (
    "this app was sealed without pyxidium.compute, since none of its sources names that module: "
    "write `import pyxidium.compute` in one of them and seal it again"
)

raise ModuleNotFoundError(MESSAGE, name="pyxidium.compute")

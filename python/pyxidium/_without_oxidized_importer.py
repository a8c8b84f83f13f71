"""Stands for ``oxidized_importer`` in apps that were sealed without it.

The packager puts it there when no source of the app, and of no package in it, names that module, or
when the project says that it is not wanted.
"""

from __future__ import annotations

MESSAGE = (
    "this app was sealed without oxidized_importer: write `import oxidized_importer` in one of its "
    "sources, or `oxidized-importer = true` in [tool.pyxidium], and seal it again"
)

raise ModuleNotFoundError(MESSAGE, name="oxidized_importer")

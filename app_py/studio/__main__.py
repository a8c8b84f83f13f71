"""Pyxidium Studio: sees what goes into an app's one file, seals it, runs it, looks into it.

The page is ``ui/`` of the repository; what it may call is in ``projects``, ``sealed``,
``speed`` and ``desktop``. What they do happens in Rust, in the module ``_pyxidium_studio``.
"""

import desktop  # noqa: F401 - marks its commands
import projects  # noqa: F401
import pyxidium as px
import sealed  # noqa: F401
import speed  # noqa: F401

px.window(title="Pyxidium Studio")

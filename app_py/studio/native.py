"""The module ``_pyxidium_studio`` of Studio's runtime, loaded when it is first used.

So the rest can be imported without it: by ``pyxidium types``, and by tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pyxidium_studio import *  # noqa: F403
else:

    def __getattr__(name: str) -> object:
        import _pyxidium_studio

        return getattr(_pyxidium_studio, name)

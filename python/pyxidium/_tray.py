"""Icons in the system tray."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyxidium import _events, _menu

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]

_ids = itertools.count(1)
_handlers: dict[str, Callable[[], object]] = {}


class Tray:
    """An icon in the system tray, shown at once. Needs the capability "tray".

    While there is one, closing the last window does not end the app: `px.quit()` does, and
    `px.window()` opens the main window again.

    Args:
        icon: A PNG file; the app's own icon if left out.
        tooltip: Shown when the mouse rests on it (not on Linux).
        menu: Items of the menu that it opens.
        on_click: Called on a thread of its own when it is clicked. On Linux, where a click opens
            the menu, it is called by a first item of the menu instead, which says `tooltip`.

    Raises:
        PermissionError: The app does not declare the capability.
        RuntimeError: This desktop has no system tray.
        ValueError: The icon is not a PNG file.
    """

    def __init__(
        self,
        icon: str | os.PathLike[str] | None = None,
        *,
        tooltip: str | None = None,
        menu: Sequence[_menu.Item] = (),
        on_click: Callable[[], object] | None = None,
    ) -> None:
        self._id = f"tray-{next(_ids)}"
        if _native is None:
            return
        if on_click is not None and sys.platform == "linux":
            menu = [_menu.MenuItem(tooltip or "Open", on_click), *menu]
        picture = None if icon is None else Path(icon).read_bytes()
        _native.show_tray(self._id, picture, tooltip, _menu.described(menu))
        _menu.listen(self._id, menu)
        if on_click is not None:
            _handlers[self._id] = on_click
            _events.handle("tray", _clicked)

    def set_icon(self, icon: str | os.PathLike[str]) -> None:
        """Show another picture: a PNG file."""
        if _native is not None:
            _native.change_tray(self._id, Path(icon).read_bytes(), None)

    def set_tooltip(self, tooltip: str) -> None:
        """Change the tooltip."""
        if _native is not None:
            _native.change_tray(self._id, None, tooltip)

    def remove(self) -> None:
        """Take it away. If there is neither another one nor a window, the app ends."""
        if _native is not None:
            _native.remove_tray(self._id)
        _handlers.pop(self._id, None)


def _clicked(event: dict[str, Any]) -> None:
    handler = _handlers.get(event["id"])
    if handler is not None:
        _events.run(handler)

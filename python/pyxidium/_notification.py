"""Notifications."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]


def notify(title: str, body: str = "", *, icon: str | os.PathLike[str] | None = None) -> None:
    """Show a notification, and return at once. Needs the capability "notification".

    Args:
        title: Its first line.
        body: More text.
        icon: A picture file, or the name of an icon of the desktop; the app's own if left out.
            A path is a `Path` or contains a slash.

    Raises:
        PermissionError: The app does not declare the capability.
    """
    if _native is None:
        return
    picture = None if icon is None else os.fspath(icon)
    if picture is not None and (isinstance(icon, os.PathLike) or os.sep in picture):
        picture = str(Path(picture).absolute())
    _native.notify(title, body, picture)

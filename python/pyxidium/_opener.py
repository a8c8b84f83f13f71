"""Files and addresses, opened by the desktop's own programs."""

from __future__ import annotations

import os
import re
from pathlib import Path

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://|mailto:|tel:")


def open(target: str | os.PathLike[str]) -> None:
    """Open a file, a folder or an address with the program that the user has for it.

    Needs the capability "open". With it, links in the app's pages that lead out of the app open in
    the browser, too.

    Args:
        target: A path, or an address as `https://…` or `mailto:…`.

    Raises:
        PermissionError: The app does not declare the capability.
        RuntimeError: The file is not there, or no program opens it.
    """
    if _native is None:
        return
    if isinstance(target, str) and _ADDRESS.match(target):
        _native.open_url(target)
    else:
        _native.open_path(Path(target).absolute())


def reveal(path: str | os.PathLike[str]) -> None:
    """Show a file in the file manager. Needs the capability "open".

    Raises:
        PermissionError: The app does not declare the capability.
        RuntimeError: The file is not there, or there is no file manager.
    """
    if _native is not None:
        _native.reveal(Path(path).absolute())

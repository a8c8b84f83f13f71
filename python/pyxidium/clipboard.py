"""The clipboard. Needs the capability "clipboard".

All functions raise PermissionError when the app does not declare it, and RuntimeError when the
desktop does not give access. Without a window (under pytest, say) the clipboard is empty.
"""

from __future__ import annotations

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]


def read_text() -> str | None:
    """The text in the clipboard; None if there is none."""
    return None if _native is None else _native.read_text()


def write_text(text: str) -> None:
    """Put a text into the clipboard."""
    if _native is not None:
        _native.write_text(text)


def read_image() -> bytes | None:
    """The picture in the clipboard, as a PNG file; None if there is none."""
    return None if _native is None else _native.read_image()


def write_image(png: bytes) -> None:
    """Put a picture into the clipboard.

    Args:
        png: A PNG file.

    Raises:
        ValueError: It is not one.
    """
    if _native is not None:
        _native.write_image(png)

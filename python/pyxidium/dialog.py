"""Dialogs for files, folders and questions.

They need the capability "dialog", and wait until the user has answered: call them from a command,
a menu's handler or the main module. Only the thread that called waits.

All of them raise PermissionError when the app does not declare the capability, and RuntimeError
when the app is closed while they wait. Without a window (under pytest, say) they answer as a user
would who closes every dialog.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]

Kind = Literal["info", "warning", "error"]


def open_file(
    title: str | None = None,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Path | None:
    """Ask for a file that exists.

    Args:
        title: Text of the title bar.
        filters: Which files are offered: names, each with the endings it stands for, as
            `{"Text": ["txt", "md"]}`.
        folder: Where to begin.

    Returns:
        The file, or None if the user chose none.
    """
    return _first(_choose("file", title, filters, folder))


def open_files(
    title: str | None = None,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> list[Path]:
    """Ask for any number of files that exist; arguments as of `open_file`."""
    return _choose("files", title, filters, folder)


def open_folder(
    title: str | None = None, *, folder: str | os.PathLike[str] | None = None
) -> Path | None:
    """Ask for a folder; None if the user chose none."""
    return _first(_choose("folder", title, None, folder))


def save_file(
    title: str | None = None,
    *,
    default_name: str | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Path | None:
    """Ask where to save, and whether to overwrite what is there.

    Args:
        title: Text of the title bar.
        default_name: The file name that is suggested.
        filters: As of `open_file`. The desktop may or may not add an ending to what is typed.
        folder: Where to begin.

    Returns:
        The file to write, or None if the user would rather not.
    """
    return _first(_choose("save", title, filters, folder, default_name))


def message(text: str, title: str = "", *, kind: Kind = "info") -> None:
    """Tell the user something, and wait until they have read it."""
    _ask(text, title, kind, "ok")


def ask(text: str, title: str = "", *, kind: Kind = "info") -> bool:
    """Ask a question with the answers Yes and No; True for Yes."""
    return _ask(text, title, kind, "yes-no")


def confirm(text: str, title: str = "", *, kind: Kind = "warning") -> bool:
    """Ask before something is done, with the answers OK and Cancel; True for OK."""
    return _ask(text, title, kind, "ok-cancel")


def _choose(
    kind: str,
    title: str | None,
    filters: Mapping[str, Sequence[str]] | None,
    folder: str | os.PathLike[str] | None,
    name: str | None = None,
) -> list[Path]:
    if _native is None:
        return []
    endings = [
        (shown, [ending.removeprefix(".") for ending in some])
        for shown, some in (filters or {}).items()
    ]
    where = None if folder is None else Path(folder).absolute()
    return [Path(path) for path in _native.choose(kind, title, endings, where, name)]


def _first(paths: list[Path]) -> Path | None:
    return paths[0] if paths else None


def _ask(text: str, title: str, kind: Kind, buttons: str) -> bool:
    if kind not in ("info", "warning", "error"):
        message = f"kind must be 'info', 'warning' or 'error', not {kind!r}"
        raise ValueError(message)
    return _native is not None and _native.ask(text, title, kind, buttons)

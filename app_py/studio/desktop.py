"""Commands that ask the desktop: for a file, to show one, to keep a text."""

import os
from pathlib import Path
from typing import Literal

import pyxidium as px

Choice = Literal["script", "folder", "sealed", "output_folder"]


@px.command
def choose(what: Choice) -> str | None:
    """Let the person choose a file or a folder; None when they would rather not."""
    match what:
        case "script":
            chosen = px.dialog.open_file(
                title="Open a Python script", filters={"Python": ["py", "pyw"]}
            )
        case "sealed":
            chosen = px.dialog.open_file(title="Inspect a sealed file")
        case "folder":
            chosen = px.dialog.open_folder(title="Open a project's folder")
        case "output_folder":
            chosen = px.dialog.open_folder(title="Where sealed files go")
    return os.fspath(chosen) if chosen is not None else None


@px.command
def show_in_folder(path: str) -> None:
    """Show a file in the desktop's file manager."""
    try:
        px.reveal(path)
    except RuntimeError:
        # Not every file manager can point at a file; all of them show a folder.
        px.open(Path(path).parent)


@px.command
def copy(text: str) -> None:
    """Put a text into the clipboard."""
    px.clipboard.write_text(text)

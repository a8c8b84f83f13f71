"""Text search over many files, as fast as ripgrep, whose parts it is made of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from pyxidium.compute import _compute

__all__ = ["Found", "Match", "search"]


class Match(NamedTuple):
    """A line that matches."""

    path: str
    line: int
    """The line's number, from 1."""
    start: int
    """Where in ``text`` the first match begins."""
    end: int
    """Where it ends."""
    text: str
    """The line, without its end; bytes that are no UTF-8 are shown as U+FFFD."""


class Found(NamedTuple):
    """What ``search`` found."""

    matches: list[Match]
    """Ordered by path (by its bytes), then by line."""
    files: int
    """How many files were looked into."""
    unreadable: list[tuple[str, str]]
    """What could not be read, and why."""


def search(
    pattern: str,
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    literal: bool = False,
    ignore_case: bool = False,
    word: bool = False,
    globs: Iterable[str] = (),
    gitignore: bool = True,
    hidden: bool = False,
    max_per_file: int | None = None,
) -> Found:
    """The lines that match, in files and in all files below folders.

    Binary files (with a NUL byte) are left alone.

    Args:
        pattern: a regular expression in the syntax of Rust's ``regex`` (no look-around, no back
            references: searching takes time linear in the text), or the text itself. It matches
                within lines.
        paths: files and folders.
        literal: ``pattern`` is the text itself.
        ignore_case: upper and lower case are alike.
        word: only whole words.
        globs: only files that match one of these (``"*.py"``); ``"!*.min.js"`` leaves files out.
        gitignore: leave out what ``.gitignore``, ``.ignore`` and git's excludes name.
        hidden: also files and folders whose names begin with a dot.
        max_per_file: so many matches in each file at most.

    Raises:
        OSError: one of ``paths`` does not exist.
        ValueError: ``pattern`` is no regular expression, or a glob makes no sense.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    roots = [os.fspath(path) for path in paths]
    names, found, files, unreadable = _compute.search_files(
        roots, pattern, literal, ignore_case, word, list(globs), gitignore, hidden, max_per_file
    )
    texts = [os.fspath(name) for name in names]
    matches = [Match(texts[name], line, start, end, text) for name, line, start, end, text in found]
    return Found(matches, files, [(os.fspath(path), why) for path, why in unreadable])

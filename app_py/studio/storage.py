"""Small JSON files in the user's configuration folder: private, and whole or not there at all."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path

#: One writer at a time: commands run on several threads.
lock = threading.RLock()


def folder() -> Path:
    """Studio's folder: ``$XDG_CONFIG_HOME/pyxidium-studio``, by default below ``~/.config``."""
    given = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    # The specification says that a relative path is to be ignored.
    root = given if given.is_absolute() else Path.home() / ".config"
    return root / "pyxidium-studio"


def load(name: str) -> object:
    """Read a file, or give None for one that is missing or damaged: nothing in it is precious."""
    try:
        return json.loads((folder() / name).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def save(name: str, value: object) -> None:
    """Write a file beside its place and rename it."""
    with lock:
        place = folder()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes files that only their owner may read.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=place)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
            Path(temporary).replace(place / name)
        except BaseException:
            Path(temporary).unlink()
            raise

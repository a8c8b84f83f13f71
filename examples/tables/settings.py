"""What a person prefers, in the app's data folder: checked by pydantic when it is read."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

type Theme = Literal["system", "light", "dark"]

IDENTIFIER = "org.pyxidium.tables"
REMEMBERED = 8

_lock = threading.Lock()


class Settings(BaseModel):
    """All settings. What makes no sense in the file is as it is for a new user."""

    model_config = ConfigDict(validate_assignment=True, extra="ignore")

    theme: Theme = "system"
    bins: int = Field(default=60, ge=2, le=400)
    recent: list[Path] = Field(default_factory=list, max_length=REMEMBERED)


def place() -> Path:
    """The file: where the desktop keeps what belongs to this app."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    root = given if given.is_absolute() else Path.home() / ".local/share"
    return root / IDENTIFIER / "settings.json"


def load() -> Settings:
    """Reads them."""
    try:
        return Settings.model_validate(orjson.loads(place().read_bytes()))
    except (OSError, ValueError, ValidationError):
        return Settings()


def change(**values: object) -> Settings:
    """Sets some of them and keeps all. Raises ValidationError for what makes no sense."""
    with _lock:
        kept = load()
        for name, value in values.items():
            setattr(kept, name, value)
        _save(kept)
        return kept


def remember(path: Path) -> None:
    """Puts a file at the top of those opened lately."""
    others = [known for known in load().recent if known != path]
    change(recent=[path, *others][:REMEMBERED])


def _save(settings: Settings) -> None:
    """Written beside the file and renamed, for this user's eyes only."""
    file = place()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as out:
        out.write(orjson.dumps(settings.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    Path(beside).replace(file)

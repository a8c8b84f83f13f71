"""What a person prefers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

import storage

FILE = "settings.json"

Theme = Literal["system", "light", "dark"]
Libraries = Literal["memory", "cache"]


@dataclass(frozen=True)
class Settings:
    """All of Studio's settings."""

    theme: Theme = "system"
    #: Folder for sealed files; None: ``dist`` in the project's folder.
    output_folder: str | None = None
    #: Use only packages that were fetched before.
    offline: bool = False
    #: Look for newer versions at every build.
    upgrade: bool = False
    #: A package index instead of the usual one; empty for the usual one.
    index_url: str = ""
    #: Where shared libraries live while a sealed app runs.
    native_libraries: Libraries = "memory"


def load() -> Settings:
    """Read the settings; what is missing or makes no sense is as it is for a new user."""
    stored = storage.load(FILE)
    known: dict[str, object] = stored if isinstance(stored, dict) else {}
    given = {field.name: known[field.name] for field in fields(Settings) if field.name in known}
    return Settings(**{name: value for name, value in given.items() if _fits(name, value)})  # type: ignore[arg-type]


def save(settings: Settings) -> None:
    """Keep the settings."""
    storage.save(FILE, asdict(settings))


def _fits(name: str, value: object) -> bool:
    match name:
        case "theme":
            return value in get_args(Theme)
        case "native_libraries":
            return value in get_args(Libraries)
        case "offline" | "upgrade":
            return isinstance(value, bool)
        case "output_folder":
            return value is None or isinstance(value, str)
        case _:
            return isinstance(value, str)

"""Projects and sealed files that were open before, the latest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import storage

FILE = "recent.json"

#: What a person could still recognise in a list.
MOST = 20

Kind = Literal["project", "sealed"]


@dataclass(frozen=True)
class Recent:
    """Something that was open."""

    path: str
    name: str
    kind: Kind
    #: ISO 8601, UTC.
    opened: str


def load() -> list[Recent]:
    """Give those that are still there."""
    stored = storage.load(FILE)
    entries = stored if isinstance(stored, list) else []
    found = [recent for recent in map(_read, entries) if recent is not None]
    return [recent for recent in found if Path(recent.path).exists()]


def add(path: str, name: str, kind: Kind) -> None:
    """Put something first."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with storage.lock:
        others = [recent for recent in load() if recent.path != path]
        _save([Recent(path, name, kind, now), *others][:MOST])


def forget(path: str) -> None:
    """Take something off the list."""
    with storage.lock:
        _save([recent for recent in load() if recent.path != path])


def _save(recents: list[Recent]) -> None:
    storage.save(FILE, [asdict(recent) for recent in recents])


def _read(entry: object) -> Recent | None:
    match entry:
        case {
            "path": str(path),
            "name": str(name),
            "kind": "project" | "sealed" as kind,
            "opened": str(opened),
        }:
            return Recent(path, name, kind, opened)
        case _:
            return None

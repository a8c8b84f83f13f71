"""Long work of ``_pyxidium_studio``, followed for a call of the page."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import settings
from errors import told

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import native
    import pyxidium as px
    from shapes import LogLine


_lock = threading.Lock()
_known: native.Job | None = None


class Request:
    """What ``_pyxidium_studio`` wants to know of a project: its path, and the settings."""

    def __init__(self, path: str) -> None:
        chosen = settings.load()
        self.path = path
        self.output_folder = chosen.output_folder
        self.cache_libraries = chosen.native_libraries == "cache"
        self.index_url = chosen.index_url or None
        self.offline = chosen.offline
        self.upgrade = chosen.upgrade


def follow(job: native.Job, progress: px.Progress) -> Generator[LogLine, None, Any]:
    """Give a job's log lines and return its result. The job ends with the call that follows it."""
    with told(), job:
        for text in job:
            event: dict[str, Any] = json.loads(text)
            match event["kind"]:
                case "progress":
                    progress(event["fraction"], event["message"])
                case "done":
                    return event["result"]
                case _:
                    yield cast("LogLine", event)
    message = "a job that ended without a result"
    raise AssertionError(message)


def result(job: native.Job, progress: px.Progress) -> Any:
    """Wait for a job's result; its log goes unread."""
    lines = follow(job, progress)
    while True:
        try:
            next(lines)
        except StopIteration as end:
            return end.value


@contextmanager
def known(job: native.Job) -> Iterator[None]:
    """Make a job the one that ``finish`` means."""
    global _known
    with _lock:
        _known = job
    try:
        yield
    finally:
        with _lock:
            if _known is job:
                _known = None


def finish() -> None:
    """Ask the known job to come to its end, with what it has."""
    with _lock:
        if _known is not None:
            _known.finish()

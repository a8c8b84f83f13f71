"""What happens on the desktop, handed to the app's handlers.

One thread waits for events. Every handler runs on a thread of its own, so that it may wait (for a
dialog, say) without holding up the next; what it raises is printed like in any other thread.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]

_lock = threading.Lock()
_handlers: dict[str, Callable[[Any], object]] = {}
_started = False


def handle(kind: str, handler: Callable[[Any], object]) -> None:
    """Have `handler` called with the data of every event of a kind, instead of an earlier one."""
    global _started
    with _lock:
        _handlers[kind] = handler
        if _native is None or _started:
            return
        _started = True
    threading.Thread(target=_wait, name="pyxidium-desktop", daemon=True).start()


def _wait() -> None:
    while (event := _native.next_event()) is not None:
        kind, data = event
        handler = _handlers.get(kind)
        if handler is not None:
            run(handler, json.loads(data))


def run(handler: Callable[..., object], *args: object) -> None:
    """Call a handler on a thread of its own."""
    name = getattr(handler, "__name__", "handler")
    threading.Thread(target=handler, args=args, name=f"pyxidium-{name}", daemon=True).start()


class Drop(NamedTuple):
    """Files that the user has dropped on a window."""

    paths: list[Path]
    """Absolute paths of files and folders."""
    position: tuple[float, float]
    """Where on the page, in CSS pixels from its top left corner."""
    window: str
    """The window's label."""


DropHandler = TypeVar("DropHandler", bound="Callable[[Drop], object]")
StartHandler = TypeVar("StartHandler", bound="Callable[[list[str], Path], object]")


def on_drop(handler: DropHandler) -> DropHandler:
    """Call `handler(drop)` when the user drops files on a window. A decorator.

    There is one such handler: a later one takes the place of an earlier. The window's page gets
    the events `drag-enter` and `drop` (with `paths` and `position`) and `drag-leave`, too.
    """

    def call(data: dict[str, Any]) -> None:
        x, y = data["position"]
        paths = [Path(path) for path in data["paths"]]
        handler(Drop(paths=paths, position=(x, y), window=data["window"]))

    handle("drop", call)
    return handler


def on_second_start(handler: StartHandler) -> StartHandler:
    """Call `handler(argv, cwd)` when the user starts the app while it is running. A decorator.

    Needs the capability "single-instance". The main window has come to the front by then, and the
    second process ends. `argv` is that process's `sys.argv`, `cwd` its working directory.
    There is one such handler: a later one takes the place of an earlier.

    Raises:
        PermissionError: The app does not declare the capability.
    """
    if _native is not None:
        _native.require("single-instance")

    def call(data: dict[str, Any]) -> None:
        handler(data["argv"], Path(data["cwd"]))

    handle("second-start", call)
    return handler

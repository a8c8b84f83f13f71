"""What a sealed app can ask of Pyxidium: commands for its page, windows, the desktop.

Everything here works without a window too (under pytest, say): decorators only mark functions,
events go nowhere, and nothing is ever cancelled.

Names are loaded when they are first used, so that ``import pyxidium`` costs nearly nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyxidium._commands import check_cancelled, command, commands, emit, on
    from pyxidium._errors import Cancelled, Error
    from pyxidium._progress import Progress
    from pyxidium._window import Window, window

__all__ = [
    "Cancelled",
    "Error",
    "Progress",
    "Window",
    "check_cancelled",
    "command",
    "commands",
    "emit",
    "on",
    "window",
]

_HOMES = {
    "Cancelled": "_errors",
    "Error": "_errors",
    "Progress": "_progress",
    "Window": "_window",
    "check_cancelled": "_commands",
    "command": "_commands",
    "commands": "_commands",
    "emit": "_commands",
    "on": "_commands",
    "window": "_window",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    import importlib

    value: object = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

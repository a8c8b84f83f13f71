"""What a sealed app can ask of Pyxidium: commands for its page, windows, the desktop.

Everything here works without a window too (under pytest, say): decorators only mark functions,
events go nowhere, and nothing is ever cancelled.

Names are loaded when they are first used, so that ``import pyxidium`` costs nearly nothing.
"""

from __future__ import annotations

# As type checkers know it; `typing` itself takes longer to import than everything here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from pyxidium import clipboard, dialog
    from pyxidium import compute as compute
    from pyxidium._commands import check_cancelled, command, commands, emit, on
    from pyxidium._errors import Cancelled, Error
    from pyxidium._events import Drop, on_drop, on_second_start
    from pyxidium._menu import CheckItem, Menu, MenuItem, Separator, set_menu
    from pyxidium._notification import notify
    from pyxidium._opener import open as open
    from pyxidium._opener import reveal
    from pyxidium._progress import Progress
    from pyxidium._tray import Tray
    from pyxidium._window import Window, is_development, window, windows
    from pyxidium._window import quit as quit

# Not `open` and `quit`: `from pyxidium import *` must leave Python's own alone. Not `compute`: it
# is only in apps that name it.
__all__ = [
    "Cancelled",
    "CheckItem",
    "Drop",
    "Error",
    "Menu",
    "MenuItem",
    "Progress",
    "Separator",
    "Tray",
    "Window",
    "check_cancelled",
    "clipboard",
    "command",
    "commands",
    "dialog",
    "emit",
    "is_development",
    "notify",
    "on",
    "on_drop",
    "on_second_start",
    "reveal",
    "set_menu",
    "window",
    "windows",
]

_HOMES = {
    "Cancelled": "_errors",
    "CheckItem": "_menu",
    "Drop": "_events",
    "Error": "_errors",
    "Menu": "_menu",
    "MenuItem": "_menu",
    "Progress": "_progress",
    "Separator": "_menu",
    "Tray": "_tray",
    "Window": "_window",
    "check_cancelled": "_commands",
    "clipboard": "clipboard",
    "command": "_commands",
    "commands": "_commands",
    "compute": "compute",
    "dialog": "dialog",
    "emit": "_commands",
    "is_development": "_window",
    "notify": "_notification",
    "on": "_commands",
    "on_drop": "_events",
    "on_second_start": "_events",
    "open": "_opener",
    "quit": "_window",
    "reveal": "_opener",
    "set_menu": "_menu",
    "window": "_window",
    "windows": "_window",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    import importlib

    module = importlib.import_module(f"{__name__}.{home}")
    value: object = module if home == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

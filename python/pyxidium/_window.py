"""Windows: the main one, which is open before Python runs, and further ones.

Titles, sizes and the like of the main window are read from the app's source when it is sealed, so
that the window can open at once; what can only be known at run time (a computed title) is applied
when Python gets to the call.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

try:
    import _pyxidium_window as _native
except ImportError:
    # In a test, an editor, or an app without a window: calls have no effect.
    _native = None  # type: ignore[assignment, unused-ignore]

MAIN: Final = "main"

Size = tuple[float, float]


class Window:
    """A window of this app. Made by `px.window`; every method returns at once.

    All methods raise RuntimeError when the window is closed already.
    """

    def __init__(self, label: str) -> None:
        self._label = label

    @property
    def label(self) -> str:
        """The name that `px.emit(..., window=label)` addresses it by."""
        return self._label

    @property
    def is_open(self) -> bool:
        """Whether the window is still there."""
        return _native is not None and _native.is_open(self._label)

    def set_title(self, title: str) -> None:
        """Change the text in the title bar."""
        self._change(title=title)

    def set_size(self, width: float, height: float) -> None:
        """Change the size of the page, in logical pixels."""
        self._change(size=(width, height))

    def set_min_size(self, width: float, height: float) -> None:
        """Change the smallest size that the user can give it, in logical pixels."""
        self._change(min_size=(width, height))

    def set_resizable(self, resizable: bool) -> None:
        """Whether the user can change its size."""
        self._change(resizable=resizable)

    def set_maximized(self, maximized: bool) -> None:
        """Fill the desktop, or go back to the size before."""
        self._change(maximized=maximized)

    def set_fullscreen(self, fullscreen: bool) -> None:
        """Cover the whole screen, or go back to the size before."""
        self._change(fullscreen=fullscreen)

    def show(self) -> None:
        """Show it after `hide`."""
        self._act("show")

    def hide(self) -> None:
        """Take it off the screen; its page goes on."""
        self._act("hide")

    def focus(self) -> None:
        """Bring it to the front, with the keyboard."""
        self._act("focus")

    def minimize(self) -> None:
        """Put it into the taskbar."""
        self._act("minimize")

    def unminimize(self) -> None:
        """Take it out of the taskbar again."""
        self._act("unminimize")

    def center(self) -> None:
        """Move it to the middle of its screen."""
        self._act("center")

    def reload(self) -> None:
        """Load its page anew; calls of the old page are cancelled."""
        self._act("reload")

    def close(self) -> None:
        """Close it. When the last window is closed the app ends."""
        self._act("close")

    def __repr__(self) -> str:
        return f"<Window {self._label!r}>"

    def _change(self, **options: object) -> None:
        if _native is not None:
            _native.change(self._label, json.dumps(options))

    def _act(self, action: str) -> None:
        if _native is not None:
            _native.act(self._label, action)


def window(
    *,
    title: str | None = None,
    ui: str | None = None,
    page: str | None = None,
    size: Size | None = None,
    min_size: Size | None = None,
    resizable: bool | None = None,
    maximized: bool | None = None,
    fullscreen: bool | None = None,
    decorations: bool | None = None,
    icon: str | None = None,
    csp: str | None = None,
    origins: Sequence[str] = (),
    label: str = MAIN,
) -> Window:
    """Open a window, and return at once. The app ends when all its windows are closed.

    The window with the label "main" is the one that is open already when Python starts. `ui`,
    `icon`, `csp` and `origins` are the app's, not a window's: they are read when the app is sealed,
    must be literals, and have no effect at run time.

    Args:
        title: Text of the title bar; the app's name if left out.
        ui: Folder with the page's `index.html`, relative to the file with this call.
        page: Path of the page below `ui`, as `settings.html#fonts`; `index.html` if left out.
        size: Width and height of the page in logical pixels; 900 by 600 if left out.
        min_size: The smallest width and height that the user can give it.
        resizable: Whether the user can change its size.
        maximized: Whether it fills the desktop.
        fullscreen: Whether it covers the screen.
        decorations: Whether it has a title bar and borders.
        icon: A PNG file, relative to the file with this call.
        csp: A Content-Security-Policy instead of the strict default.
        origins: Web origins that pages may load pictures, styles and data from.
        label: Names the window.

    Raises:
        ValueError: A second window of the same label, or a setting that is not of its type.
        RuntimeError: The app is closing.
    """
    _ = ui, icon, csp, origins
    options = {
        "page": page,
        "title": title,
        "size": size,
        "min_size": min_size,
        "resizable": resizable,
        "maximized": maximized,
        "fullscreen": fullscreen,
        "decorations": decorations,
    }
    if _native is not None:
        _native.open(label, json.dumps({k: v for k, v in options.items() if v is not None}))
    return Window(label)


def windows() -> list[Window]:
    """All open windows, in order of their labels."""
    return [] if _native is None else [Window(label) for label in _native.labels()]


def quit() -> None:
    """Close all windows and end the app: running calls are cancelled, `atexit` functions run."""
    if _native is not None:
        _native.quit()


def is_development() -> bool:
    """Whether `pyxidium dev` runs the app."""
    return _native is not None and _native.is_development()

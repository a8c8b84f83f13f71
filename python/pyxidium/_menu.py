"""Menus: of the windows, and of tray icons."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from pyxidium import _events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

try:
    import _pyxidium_window as _native
except ImportError:
    _native = None  # type: ignore[assignment, unused-ignore]

_ids = itertools.count(1)


class _Entry:
    """What items and menus have in common."""

    _kind: str

    def __init__(self, text: str, *, enabled: bool) -> None:
        self._id = str(next(_ids))
        self._text = text
        self._enabled = enabled

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    @property
    def enabled(self) -> bool:
        """Whether it can be chosen."""
        return self._enabled

    def set_text(self, text: str) -> None:
        """Change what it says."""
        self._text = text
        self._change(text=text)

    def set_enabled(self, enabled: bool) -> None:
        """Whether it can be chosen."""
        self._enabled = enabled
        self._change(enabled=enabled)

    def _change(self, **change: object) -> None:
        if _native is not None:
            _native.change_menu_item(self._id, json.dumps(change))

    def _described(self) -> dict[str, Any]:
        return {"kind": self._kind, "id": self._id, "text": self._text, "enabled": self._enabled}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._text!r}>"


class MenuItem(_Entry):
    """An item of a menu.

    Args:
        text: What it says; an `&` underlines the next letter.
        on_click: Called without arguments, on a thread of its own, when the user chooses it.
        accelerator: Keys that do the same, as `CmdOrCtrl+Shift+O`.
        enabled: Whether it can be chosen.
    """

    _kind = "item"

    def __init__(
        self,
        text: str,
        on_click: Callable[[], object] | None = None,
        *,
        accelerator: str | None = None,
        enabled: bool = True,
    ) -> None:
        super().__init__(text, enabled=enabled)
        self._on_click = on_click
        self._accelerator = accelerator

    def _described(self) -> dict[str, Any]:
        return {**super()._described(), "accelerator": self._accelerator}

    def _clicked(self, _checked: bool | None) -> None:
        if self._on_click is not None:
            _events.run(self._on_click)


class CheckItem(_Entry):
    """An item with a check mark, that a click sets or clears.

    Args:
        text: What it says.
        on_click: Called with the new state, on a thread of its own.
        checked: The state to begin with.
        accelerator: Keys that do the same, as `CmdOrCtrl+Shift+O`.
        enabled: Whether it can be chosen.
    """

    _kind = "check"

    def __init__(
        self,
        text: str,
        on_click: Callable[[bool], object] | None = None,
        *,
        checked: bool = False,
        accelerator: str | None = None,
        enabled: bool = True,
    ) -> None:
        super().__init__(text, enabled=enabled)
        self._on_click = on_click
        self._checked = checked
        self._accelerator = accelerator

    @property
    def checked(self) -> bool:
        """Whether it has its mark."""
        return self._checked

    def set_checked(self, checked: bool) -> None:
        """Set or clear the mark. The handler is not called."""
        self._checked = checked
        self._change(checked=checked)

    def _described(self) -> dict[str, Any]:
        more = {"accelerator": self._accelerator, "checked": self._checked}
        return {**super()._described(), **more}

    def _clicked(self, checked: bool | None) -> None:
        self._checked = bool(checked)
        if self._on_click is not None:
            _events.run(self._on_click, self._checked)


class Separator:
    """A line between items."""

    def _described(self) -> dict[str, Any]:
        return {"kind": "separator"}


class Menu(_Entry):
    """A menu of the menu bar, or a menu within a menu.

    Args:
        text: Its title.
        items: What is in it.
        enabled: Whether it can be opened.
    """

    _kind = "menu"

    def __init__(self, text: str, items: Sequence[Item], *, enabled: bool = True) -> None:
        super().__init__(text, enabled=enabled)
        self.items = tuple(items)

    def _described(self) -> dict[str, Any]:
        return {**super()._described(), "items": [item._described() for item in self.items]}


Item = MenuItem | CheckItem | Separator | Menu

# What is shown, by whose it is: the menu bar's, and those of tray icons.
_shown: dict[str, dict[str, MenuItem | CheckItem]] = {}


def set_menu(menus: Sequence[Menu]) -> None:
    """Give all windows, later ones too, this menu bar in place of the one before; `[]` for none.

    Raises:
        ValueError: The keys of an item are not understood.
    """
    if _native is not None:
        _native.set_menu(described(menus))
        listen("bar", menus)


def described(items: Sequence[Item]) -> str:
    """A menu in the form that the runtime takes."""
    return json.dumps([item._described() for item in items])


def listen(owner: str, items: Sequence[Item]) -> None:
    """Have the items of a menu hear of clicks."""
    _shown[owner] = {item._id: item for item in _clickable(items)}
    _events.handle("menu", _clicked)


def _clickable(items: Sequence[Item]) -> Iterator[MenuItem | CheckItem]:
    for item in items:
        if isinstance(item, Menu):
            yield from _clickable(item.items)
        elif not isinstance(item, Separator):
            yield item


def _clicked(event: dict[str, Any]) -> None:
    for items in _shown.values():
        item = items.get(event["id"])
        if item is not None:
            item._clicked(event["checked"])
            return

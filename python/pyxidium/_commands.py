"""Functions that pages call, and events in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import _pyxidium_bridge as _bridge
except ImportError:
    # No window: the app runs as plain Python, in a test or in a console.
    _bridge = None  # type: ignore[assignment]

# Without a bridge: what was marked, for tests and for `python -m pyxidium.types`.
_marked: dict[str, Callable[..., Any]] = {}


@overload
def command[**P, R](function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def command[**P, R](*, name: str) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def command(
    function: Callable[..., Any] | None = None, /, *, name: str | None = None
) -> Callable[..., Any]:
    """Let the page call a function: ``invoke("its_name", { argument: value })``.

    Arguments are checked against the annotations before the function runs, and the result when it
    has. ``async`` functions run on one event loop, others on a pool of threads. A generator is a
    stream. Raises ``TypeError`` for an annotation that has no form in JSON.
    """
    if function is None:
        return lambda function: _mark(function, name)
    return _mark(function, name)


def _mark(function: Callable[..., Any], name: str | None) -> Callable[..., Any]:
    if not callable(function):
        message = "@px.command marks functions; for another name: @px.command(name='other')"
        raise TypeError(message)
    name = name or function.__name__
    if _bridge is not None:
        _bridge.register(name, function)
    else:
        from pyxidium._signature import compile_command

        try:
            compile_command(function)
        except NameError:
            pass  # An annotation may name what the module has yet to define.
    _marked[name] = function
    return function


def commands() -> list[str]:
    """Names of all functions that the page can call."""
    return _bridge.commands() if _bridge is not None else sorted(_marked)


def marked() -> dict[str, Callable[..., Any]]:
    """Give the functions that the page can call."""
    return dict(_marked)


def on[**P, R](event: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Call a function with the data of each such event that a page emits.

    Events are handled one after another, in their order. What a handler raises is shown on stderr:
    nobody waits for it.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        if _bridge is not None:
            _bridge.on(event, function)
        return function

    return mark


def emit(event: str, data: object = None, window: str | None = None) -> None:
    """Send an event to the pages of all windows, or of the one with that label.

    A page that does not listen for it never hears of it. Raises ``TypeError`` for data that has no
    form in JSON.
    """
    if _bridge is not None:
        _bridge.emit(event, data, window)


def check_cancelled() -> None:
    """Raise ``Cancelled`` if the page has cancelled the call that this code runs for."""
    if _bridge is not None:
        _bridge.check_cancelled()

"""How far a call has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def _ignore(fraction: float | None, message: str) -> None:
    """Nobody is watching."""


class Progress:
    """Tells the page how far a call is. A parameter with this annotation gets one.

    The page hears of it at most 30 times a second, and of the last update always. Reporting is
    also where a call that the page has cancelled ends: with ``Cancelled``.

    A test makes its own: ``Progress()``, or ``Progress(record)`` to see the updates.
    """

    __slots__ = ("_report",)

    def __init__(self, report: Callable[[float | None, str], object] = _ignore) -> None:
        self._report = report

    def __call__(self, fraction: float | None, message: str = "") -> None:
        """Report a fraction from 0 to 1, or None while it is not known, and what is being done.

        Raises ``Cancelled`` if the page has cancelled the call.
        """
        self._report(fraction, message)

    update = __call__

    def track[T](
        self, iterable: Iterable[T], total: int | None = None, message: str = ""
    ) -> Iterator[T]:
        """Give the items of ``iterable`` and report as they are used up.

        ``total`` is how many there are, where ``len`` cannot tell.
        """
        if total is None:
            try:
                total = len(iterable)  # type: ignore[arg-type]
            except TypeError:
                total = 0
        for done, item in enumerate(iterable):
            self(done / total if total else None, message)
            yield item
        self(1.0, message)

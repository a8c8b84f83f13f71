"""What goes wrong on purpose."""

from __future__ import annotations


class Error(Exception):
    """An error for the page, which sees ``code`` and ``data`` too.

    Subclass it for errors that the page tells apart by their type. Unlike other exceptions it is
    not shown on stderr: it is part of what the app says.

    >>> raise Error("no such file", code="not-found", data={"path": "a.txt"})
    """

    def __init__(self, message: str = "", *, code: str | None = None, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class Cancelled(BaseException):
    """The page has cancelled the call.

    Raised by ``check_cancelled()`` and by progress updates. Like ``asyncio.CancelledError`` it is
    no ``Exception``: ``except Exception`` does not catch it, ``finally`` and ``with`` clean up.
    """

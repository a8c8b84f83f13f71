"""Addresses: https, or http to this very machine, also after redirections."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyxidium.update._errors import Unreachable

if TYPE_CHECKING:
    from email.message import Message

_HERE = {"localhost", "127.0.0.1", "::1"}


def refuse(url: str) -> None:
    """An address that anybody on the way could answer for."""
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    except ValueError:
        good = False
    if not good:
        said = f"{url} is not asked: updates come by https"
        raise Unreachable(said)


class _Redirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        refuse(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def opened(url: str, timeout: float) -> Any:
    """The answer to a question, to be read and closed."""
    refuse(url)
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "Pyxidium"})
        opener = urllib.request.build_opener(_Redirections)
        return opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        said = f"{url} answers {error.code} {error.reason}"
        raise Unreachable(said) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        said = f"{url} cannot be reached: {getattr(error, 'reason', error)}"
        raise Unreachable(said) from error


def read(answer: Any, count: int) -> bytes:
    """The next bytes of an answer, as many as there are up to a number."""
    try:
        data: bytes = answer.read(count)
    except http.client.IncompleteRead as error:
        # How much is missing is for the caller to say.
        return error.partial
    except (OSError, http.client.HTTPException) as error:
        said = f"the connection broke: {error}"
        raise Unreachable(said) from error
    return data

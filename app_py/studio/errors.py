"""Errors of ``_pyxidium_studio``: a person's mistakes mostly, which the page shows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import native
import pyxidium as px

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told() -> Iterator[None]:
    """Tell the page of such an error; it is no failure of Studio, whose stderr stays empty."""
    try:
        yield
    except native.Cancelled:
        raise px.Cancelled from None
    except native.StudioError as error:
        raise px.Error(str(error)) from None

"""An app that replaces itself by its next version: looks for one, checks who made it, restarts.

    from pyxidium import update

    found = update.check()
    if found is not None:
        found.install()
        update.restart()

For apps that say ``[tool.pyxidium.update]``: the public key of those who may update it, and the
address of a manifest that ``pyxidium update-manifest`` wrote, are sealed in. Nothing is taken but
what that key signed for this very app, and nothing older than what runs.
"""

from __future__ import annotations

from pyxidium.update import _state
from pyxidium.update._check import Update, check
from pyxidium.update._errors import (
    BadManifest,
    BadSignature,
    Busy,
    CannotReplace,
    Damaged,
    DoesNotStart,
    NotConfigured,
    OtherApp,
    Unreachable,
    UpdateError,
)

__all__ = [
    "BadManifest",
    "BadSignature",
    "Busy",
    "CannotReplace",
    "Damaged",
    "DoesNotStart",
    "NotConfigured",
    "OtherApp",
    "Unreachable",
    "Update",
    "UpdateError",
    "check",
    "confirm",
    "restart",
]


def confirm() -> None:
    """Say that this version works, when it was started for the first time after an update.

    Without it, a version counts as sound when it has run for twenty seconds, or ended without an
    uncaught exception before that. A version that does neither is replaced by the one before it
    at the next start. Does nothing at any other time.
    """
    _state.confirm()


def restart() -> None:
    """Start this app's file again, in this process, with the same command line. Does not return.

    Functions of ``atexit`` do not run, and nothing is saved: that is for the caller to do.
    """
    _state.confirm()
    _state.run_again(_state.Places())

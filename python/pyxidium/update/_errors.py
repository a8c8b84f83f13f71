"""Why an app was not updated."""

from __future__ import annotations


class UpdateError(Exception):
    """Why an app was not updated; it is as it was before."""


class NotConfigured(UpdateError):
    """The app does not say who may update it."""


class Unreachable(UpdateError):
    """The manifest or the file cannot be had."""


class BadManifest(UpdateError):
    """What is at the address is no manifest of updates."""


class OtherApp(UpdateError):
    """The manifest is of another app."""


class BadSignature(UpdateError):
    """What is offered was not signed with the key that this app knows."""


class Damaged(UpdateError):
    """The file is not the one that was signed."""


class CannotReplace(UpdateError):
    """The running app's file cannot be replaced."""


class Busy(UpdateError):
    """Another process is updating this app."""


class DoesNotStart(UpdateError):
    """The new version does not run on this machine."""

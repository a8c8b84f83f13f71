"""Commands for an app's speed: where its time goes, and what a kernel would bring."""

import shlex
from collections.abc import Iterator
from typing import cast

import jobs
import native
import pyxidium as px
from shapes import FunctionName, Gain, LogLine, Measured, Profile, Profiled

#: Calls of a function that are recorded, if there are as many.
CALLS = 5


@px.command
def profile(path: str, arguments: str, progress: px.Progress) -> Iterator[LogLine | Profiled]:
    """Run a project's app and look where its time goes: what it prints, then the profile."""
    job = native.profile(jobs.Request(path), _words(arguments))
    with jobs.known(job):
        found = yield from jobs.follow(job, progress)
    yield {"kind": "profiled", "profile": cast("Profile", found)}


@px.command
def finish() -> None:
    """End the app that runs, and show what was seen so far."""
    jobs.finish()


@px.command
def measure(
    path: str, arguments: str, function: FunctionName, progress: px.Progress
) -> Iterator[LogLine | Measured]:
    """Run the app until it has called a function, and compare it with what a kernel would do."""
    job = native.measure(jobs.Request(path), _words(arguments), function, CALLS)
    with jobs.known(job):
        gain = yield from jobs.follow(job, progress)
    yield {"kind": "measured", "gain": cast("Gain", gain)}


def _words(arguments: str) -> list[str]:
    """Split arguments as a shell would."""
    try:
        return shlex.split(arguments)
    except ValueError as error:
        message = f"the app's arguments cannot be read: {error}"
        raise px.Error(message) from None

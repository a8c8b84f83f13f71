"""Commands for a project: what it is, what would go in, build it, run what was built."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import jobs
import native
import pyxidium as px
import recents
import running
import settings as preferences
from errors import told
from recents import Kind, Recent
from settings import Settings
from shapes import Analysis, Exited, LogLine, Output, Project, Sealed, Start, Started


@px.command
def start() -> Start:
    """Give the page what it needs to begin."""
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    return {
        "version": native.VERSION,
        "home": str(Path.home()),
        "settings": preferences.load(),
        "recent": recents.load(),
        "open": str(Path(asked).absolute()) if asked else None,
    }


@px.command
def save_settings(settings: Settings) -> Settings:
    """Keep the settings."""
    preferences.save(settings)
    return settings


@px.command
def recent() -> list[Recent]:
    """Give what was open before."""
    return recents.load()


@px.command
def forget(path: str) -> list[Recent]:
    """Take something off the list of what was open before."""
    recents.forget(path)
    return recents.load()


@px.command
def kind_of(path: str) -> Kind:
    """Tell a project from a sealed file."""
    return "sealed" if native.is_sealed(path) else "project"


@px.command
def open_project(path: str) -> Project:
    """Read a script or a folder."""
    path = str(Path(path).absolute())
    with told():
        project = cast("Project", json.loads(native.project(jobs.Request(path))))
    recents.add(path, project["name"], "project")
    return project


@px.command
def analyse(path: str, progress: px.Progress) -> Analysis:
    """Find out what would go into a project's file."""
    return cast("Analysis", jobs.result(native.analyse(jobs.Request(path)), progress))


@px.command
def build(path: str, progress: px.Progress) -> Iterator[LogLine | Sealed]:
    """Seal a project: its log, then the result."""
    sealed = yield from jobs.follow(native.build(jobs.Request(path)), progress)
    yield cast("Sealed", {"kind": "sealed", **sealed})


@px.command
def run_result(path: str) -> Iterator[Started | Output | Exited]:
    """Run a sealed app and give what it prints. It ends with the call."""
    return running.run(path)

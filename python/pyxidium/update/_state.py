"""An update's trial: a new version comes through its first start, or the old one comes back.

A file beside the executable, ``.NAME.update``, says what is going on. It is written before the new
version takes the old one's place; the old one stays as ``.NAME.previous`` until the new one is
confirmed. A version that failed is remembered, so that it is not offered again.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
from pathlib import Path
from types import NoneType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

SPEC = "share/pyxidium/update.json"
#: Tells processes that the app starts of itself that they are not its first start.
MARK = "PYXIDIUM_TRIAL"
#: A new version that runs for so long is taken to be sound.
SECONDS = 20.0


def spec() -> dict[str, Any] | None:
    """What was sealed into this app; none if it does not update itself."""
    try:
        read: dict[str, Any] = json.loads(Path(sys.prefix, SPEC).read_bytes())
    except OSError:
        return None
    return read


class Places:
    """The executable, and the files beside it."""

    def __init__(self) -> None:
        self.executable = Path(sys.executable).resolve()
        name = self.executable.name
        self.state = self.executable.with_name(f".{name}.update")
        self.previous = self.executable.with_name(f".{name}.previous")
        self.download = self.executable.with_name(f".{name}.download")

    def read(self) -> dict[str, Any]:
        """The state of things; nothing where there is none, or none that can be read."""
        try:
            read = json.loads(self.state.read_bytes())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def write(self, state: dict[str, Any]) -> None:
        """Another state, on the disk when this returns."""
        beside = self.state.with_name(f"{self.state.name}.{os.getpid()}")
        with beside.open("w") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.state)

    def replace(self, new: Path) -> None:
        """Another file in the executable's place; what installed it knows of that."""
        new.replace(self.executable)
        installed()


def begin() -> None:
    """The start of a process of an app with a state."""
    places = Places()
    state = places.read()
    own = spec()
    if own is None or "trial" not in state:
        return
    if os.environ.get(MARK, str(os.getpid())) != str(os.getpid()):
        return
    if state["trial"] != own["version"]:
        # Somebody put another file here: that is what is wanted.
        finish(places)
        return
    runs = state.get("process")
    if runs is None:
        on_trial(places, state)
    elif runs != since(runs[0]):
        roll_back(places, state)


def since(process: int) -> list[int] | None:
    """A process and when it started, which together no other has; none if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # The 22nd field, of which two are cut off; a process that only waits to be reaped is gone.
    return None if fields[0] == "Z" else [process, int(fields[19])]


def on_trial(places: Places, state: dict[str, Any]) -> None:
    """The first start."""
    places.write({**state, "process": since(os.getpid())})
    os.environ[MARK] = str(os.getpid())
    atexit.register(ended)
    timer = threading.Timer(SECONDS, ended)
    timer.daemon = True
    timer.start()


def ended() -> None:
    """It came so far without an exception that nobody caught; Ctrl-C is no fault of its own."""
    if isinstance(getattr(sys, "last_exc", None), (NoneType, KeyboardInterrupt)):
        confirm()


def confirm() -> None:
    """The new version is sound: the old one can go."""
    if os.environ.get(MARK) == str(os.getpid()):
        del os.environ[MARK]
        atexit.unregister(ended)
        finish(Places())
        # Not before: the version that might have come back has an entry of its own.
        renew_installed()


def finish(places: Places) -> None:
    """Neither a state nor an old version is left."""
    for path in (places.state, places.previous):
        try:
            path.unlink()
        except OSError:
            pass


def roll_back(places: Places, state: dict[str, Any]) -> None:
    """The first start failed: puts the old version back, and runs it instead of this one."""
    try:
        places.replace(places.previous)
        places.write({"failed": state["trial"]})
    except OSError as error:
        # Better a version that may fail than none.
        print(f"the version before {state['trial']} cannot come back: {error}", file=sys.stderr)
        return
    name = places.executable.name
    was = state.get("previous")
    print(f"{name} {state['trial']} did not start well: {was} is back", file=sys.stderr)
    run_again(places)


def run_again(places: Places) -> None:
    """The executable as it is now instead of this process, with the same command line."""
    environment = {key: value for key, value in os.environ.items() if key != MARK}
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    arguments = [str(places.executable), *sys.orig_argv[1:]]
    os.execve(places.executable, arguments, environment)


def renew_installed() -> None:
    """What ``--install`` wrote besides the program, as this version has it."""
    from pyxidium import _install

    try:
        _install.renew()
    except (OSError, _install.InstallError):
        # It is not installed, or no longer installs itself: the app is as good as without it.
        return


def installed() -> None:
    """Tell the record of ``--install`` what its program is now, if it is its program."""
    from pyxidium import _install

    own = spec()
    try:
        record = _install.Record(_install.Places(), own["identifier"] if own else "")
        program = record.program()
        hashed = _install.digest(program) if program is not None else None
        if program is not None and hashed is not None:
            record.files[program] = hashed
            _install.rewrite(record)
    except (OSError, _install.InstallError):
        # It is not installed for this user, or not by us.
        return

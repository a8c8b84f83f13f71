"""The way of an update: manifest, signature, file, and into the place of what runs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pyxidium.update import _ed25519, _net, _state, _version
from pyxidium.update._errors import (
    BadManifest,
    BadSignature,
    Busy,
    CannotReplace,
    Damaged,
    DoesNotStart,
    NotConfigured,
    OtherApp,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Keeps a signature from being good for anything else that is signed with the same key.
CONTEXT = "Pyxidium: an update, 1"
LARGEST_MANIFEST = 1 << 20
#: How long a new version may take to say who it is.
PATIENCE = 60.0
#: An argument that every app which updates itself answers, without running the app.
PROBE = "--pyxidium-starts"


@dataclass(frozen=True)
class Update:
    """A newer version of this app, signed by those who may."""

    version: str
    notes: str
    """What is new, as its author wrote it: not signed, so to be shown as text."""
    date: str | None
    size: int
    """In bytes."""
    url: str
    sha256: str = field(repr=False)
    timeout: float = field(repr=False)

    def install(self, progress: Callable[[int, int], object] | None = None) -> None:
        """Put the new version into the place of the running one, which goes on as it is.

        What this app starts of its own file from now on is the new version: call ``restart()``, or
        end, soon.

        Args:
            progress: Called with the bytes that have come, and the size. An exception that it
                raises ends the download.

        Raises:
            UpdateError: Nothing was changed; the subclass says why.
        """
        own = configured()
        places = _state.Places()
        try:
            lock = os.open(places.download, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotReplace(cannot(places, error)) from error
        try:
            hold(lock)
            try:
                self._download(places.download, progress)
                self._try(places.download, own)
                self._replace(places, own)
            finally:
                # Gone, if all went well.
                places.download.unlink(missing_ok=True)
        except OSError as error:
            raise CannotReplace(cannot(places, error)) from error
        finally:
            os.close(lock)

    def _download(self, path: Path, progress: Callable[[int, int], object] | None) -> None:
        hashed = hashlib.sha256()
        come = 0
        with path.open("r+b") as file, _net.opened(self.url, self.timeout) as answer:
            file.truncate()
            while chunk := _net.read(answer, 1 << 16):
                come += len(chunk)
                if come > self.size:
                    said = f"the file has more than the {self.size} bytes that were signed"
                    raise Damaged(said)
                hashed.update(chunk)
                file.write(chunk)
                if progress is not None:
                    progress(come, self.size)
            if come < self.size:
                said = f"the file ended after {come} of {self.size} bytes"
                raise Damaged(said)
            if hashed.hexdigest() != self.sha256:
                said = "the file is not the one that was signed"
                raise Damaged(said)
            file.flush()
            os.fsync(file.fileno())

    def _try(self, path: Path, own: dict[str, Any]) -> None:
        """Its libraries are here, its payload is whole, and it is what it was signed as."""
        path.chmod(0o755)
        expected = f"{own['identifier']} {self.version}\n"
        try:
            run = start(path)
        except (OSError, subprocess.SubprocessError) as error:
            said = f"version {self.version} does not run here: {error}"
            raise DoesNotStart(said) from error
        if run.returncode != 0 or run.stdout != expected:
            lines = run.stderr.strip().splitlines() or [f"it says {run.stdout!r}"]
            said = f"version {self.version} does not run here: {lines[-1]}"
            raise DoesNotStart(said)

    def _replace(self, places: _state.Places, own: dict[str, Any]) -> None:
        mode = places.executable.stat().st_mode & 0o777
        places.download.chmod(mode)
        places.previous.unlink(missing_ok=True)
        # A second name for the old file: at no moment is there none in its place.
        try:
            os.link(places.executable, places.previous)
        except OSError:
            # Not every file system has second names.
            shutil.copy2(places.executable, places.previous)
        places.write({"trial": self.version, "previous": own["version"]})
        # What is started of the new file before this process has ended is no first start.
        os.environ[_state.MARK] = "0"
        places.replace(places.download)


def check(url: str | None = None, *, timeout: float = 15.0) -> Update | None:
    """Look for a newer version.

    Args:
        url: Where the manifest is, instead of the address that was sealed in: for a channel of
            early versions, say. The key is the same.
        timeout: Seconds that any answer may take, also while the file comes.

    Returns:
        The newer version, or none if there is none, or only one that has failed here.

    Raises:
        UpdateError: The subclass says why it cannot be told.
    """
    own = configured()
    address = own["url"] if url is None else url
    with _net.opened(address, timeout) as answer:
        data = _net.read(answer, LARGEST_MANIFEST + 1)
    manifest = parse(data)
    if manifest.get("app") != own["identifier"]:
        said = f"the manifest is of {manifest.get('app')!r}, and this is {own['identifier']!r}"
        raise OtherApp(said)
    version = text(manifest, "version")
    if _version.key(version) is None:
        said = f"the manifest's version {version!r} is none"
        raise BadManifest(said)
    platforms = manifest.get("platforms")
    if not isinstance(platforms, dict):
        said = "the manifest has no `platforms`"
        raise BadManifest(said)
    offered = platforms.get(own["platform"])
    if offered is None:
        return None
    found = entry(manifest, offered, address, timeout)
    signed(own, found, text(offered, "signature"))
    if not _version.is_newer(version, own["version"]):
        return None
    failed = _state.Places().read().get("failed")
    return None if failed == version else found


def configured() -> dict[str, Any]:
    """What was sealed in."""
    own = _state.spec()
    if own is None:
        said = "this app does not update itself: it says nothing in [tool.pyxidium.update]"
        raise NotConfigured(said)
    return own


def parse(data: bytes) -> dict[str, Any]:
    """A manifest's outermost form."""
    if len(data) > LARGEST_MANIFEST:
        said = f"the manifest has more than {LARGEST_MANIFEST} bytes"
        raise BadManifest(said)
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        said = f"the manifest is not JSON: {error}"
        raise BadManifest(said) from error
    if not isinstance(read, dict):
        said = "the manifest is no object"
        raise BadManifest(said)
    return read


def text(table: Any, key: str) -> str:
    """A text that must be there."""
    value = table.get(key) if isinstance(table, dict) else None
    if not isinstance(value, str) or "\n" in value:
        said = f"the manifest has no good {key!r}"
        raise BadManifest(said)
    return value


def entry(manifest: dict[str, Any], offered: Any, address: str, timeout: float) -> Update:
    """What is offered for this platform."""
    notes, date, size = manifest.get("notes"), manifest.get("pub_date"), None
    if isinstance(offered, dict):
        size = offered.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        said = "the manifest has no good 'size'"
        raise BadManifest(said)
    return Update(
        version=text(manifest, "version"),
        notes=notes if isinstance(notes, str) else "",
        date=date if isinstance(date, str) else None,
        size=size,
        url=urljoin(address, text(offered, "url")),
        sha256=text(offered, "sha256"),
        timeout=timeout,
    )


def signed(own: dict[str, Any], found: Update, signature: str) -> None:
    """All that matters is signed together: no part can be exchanged for that of another version."""
    facts = [own["identifier"], found.version, own["platform"], str(found.size), found.sha256]
    message = "".join(f"{fact}\n" for fact in [CONTEXT, *facts])
    try:
        data = base64.b64decode(signature, validate=True)
    except binascii.Error:
        data = b""
    if not _ed25519.verify(bytes.fromhex(own["key"]), message.encode(), data):
        said = f"version {found.version} is not signed with the key that this app knows"
        raise BadSignature(said)


def hold(lock: int) -> None:
    """One process at a time; the system lets go when it ends, however it ends."""
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        said = "another process is updating this app"
        raise Busy(said) from error


def start(path: Path) -> subprocess.CompletedProcess[str]:
    """Ask a file who it is."""
    for _ in range(20):
        try:
            return subprocess.run(
                [path, PROBE], capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except OSError as error:
            # A process that was just forked elsewhere may still have it open for writing.
            if error.errno != 26:
                raise
            time.sleep(0.1)
    said = "it stays busy"
    raise OSError(said)


def cannot(places: _state.Places, error: OSError) -> str:
    """Why the file stays as it is."""
    why = error.strerror or str(error)
    return f"{places.executable} cannot be replaced: {why}; update it the way it was installed"

"""``APP --install`` and ``APP --uninstall``: a sealed file among one user's programs, without root.

What is written stands in the payload (``share/pyxidium/install.json``, made at sealing); where it
goes, the XDG Base Directory Specification says. A record of it lies beside other apps' data, so
that nothing is replaced or removed but what was written here and is still as it was written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

SPEC = "share/pyxidium/install.json"
#: Stands in the menu's entry where the installed program's path belongs.
PROGRAM = "PYXIDIUM_PROGRAM"
#: What `update-mime-database` leaves in a folder without any packages.
MIME_FILES = (
    "XMLnamespaces",
    "aliases",
    "generic-icons",
    "globs",
    "globs2",
    "icons",
    "magic",
    "mime.cache",
    "subclasses",
    "treemagic",
    "types",
    "version",
)


class InstallError(Exception):
    """Why nothing was installed or removed, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Places:
    """Where a user's programs and their data are."""

    def __init__(self) -> None:
        home = os.environ.get("HOME", "")
        self.home = Path(home)
        if not self.home.is_absolute() or not self.home.is_dir():
            said = f"HOME is {home!r}, which is no folder" if home else "HOME is not set"
            raise InstallError(said, "set it to the folder of the user to install for")
        data = Path(os.environ.get("XDG_DATA_HOME", ""))
        self.programs = self.home / ".local/bin"
        # A relative path in these variables counts as none.
        self.data = data if data.is_absolute() else self.home / ".local/share"

    def shown(self, path: Path) -> str:
        """As people write it."""
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)


class Record:
    """What an app wrote: files with their hashes, and folders that were not there before."""

    def __init__(self, places: Places, identifier: str) -> None:
        self.path = places.data / "pyxidium/installed" / f"{identifier}.json"
        self.files: dict[Path, str] = {}
        self.folders: list[Path] = []
        self.there = False
        try:
            read = json.loads(self.path.read_bytes())
            self.files = {Path(path): str(hashed) for path, hashed in read["files"].items()}
            self.folders = [Path(path) for path in read["folders"]]
            self.there = True
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError):
            said = f"{self.path} is no record of an installation"
            raise InstallError(said, "remove it, and what stands in it, by hand") from None

    def is_ours(self, path: Path) -> bool:
        """Whether a file is still what was written."""
        return path in self.files and self.files[path] == digest(path)

    def program(self) -> Path | None:
        """The running file as it stands here, if it does; a folder on the way may be a link."""
        itself = Path(sys.executable).resolve()
        return next((path for path in self.files if path.resolve() == itself), None)

    def to_json(self) -> bytes:
        """As it is stored."""
        files = {str(path): hashed for path, hashed in self.files.items()}
        folders = [str(path) for path in self.folders]
        return json.dumps({"files": files, "folders": folders}, indent=1).encode() + b"\n"


def digest(path: Path) -> str | None:
    """The hash of a file that is there."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(work: Callable[[], list[str]]) -> int:
    """Do it, and say what was done or why not."""
    try:
        for line in work():
            print(line)
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def spec() -> dict[str, Any]:
    """What the packager said."""
    read: dict[str, Any] = json.loads(Path(sys.prefix, SPEC).read_bytes())
    return read


def install() -> list[str]:
    """Put the running file and what desktops need of it into their places; what was done."""
    what = spec()
    places = Places()
    record = Record(places, what["identifier"])
    program = places.programs / what["name"]
    itself = Path(sys.executable).resolve()
    files = dict(contents(what, places, program))
    for path in [program, *files]:
        check(record, path, itself)
    put(record, files, itself, program)
    refresh(places)
    return said(what, places, program, again=record.there)


def renew() -> None:
    """After an update of an installed app: what desktops need becomes the running version's.

    What somebody has changed or removed since it was installed, or put there themselves, stays so.
    """
    what = spec()
    places = Places()
    record = Record(places, what["identifier"])
    program = record.program()
    if program is None:
        return
    old = {path: record.is_ours(path) for path in record.files}
    new = dict(contents(what, places, program))
    files = {
        path: data
        for path, data in new.items()
        if old.get(path, not path.exists(follow_symlinks=False))
    }
    kept = [path for path, ours in old.items() if not ours]
    put(record, files, program.resolve(), program, kept)
    refresh(places)


def put(
    record: Record, files: dict[Path, bytes], source: Path, program: Path, kept: Iterable[Path] = ()
) -> None:
    """Write all of it and its record; what stood there and is not `kept` goes."""
    work = Work()
    try:
        work.copy(source, program)
        for path, data in files.items():
            work.write(path, data)
        outdated = [path for path in record.files if path not in {*work.digests, *kept}]
        record.files.update(work.digests)
        record.folders += [*work.folders, *work.make_folder(record.path.parent)]
        # In its place first: what stands in it and is not there does no harm.
        work.write(record.path, record.to_json())
        work.finish()
    except BaseException:
        work.undo()
        raise
    if outdated:
        remove(record, outdated)
        rewrite(record)


def contents(what: dict[str, Any], places: Places, program: Path) -> Iterator[tuple[Path, bytes]]:
    """The files besides the program."""
    for file in what["files"]:
        if "source" in file:
            data = Path(sys.prefix, file["source"]).read_bytes()
        else:
            command = f"\nExec={quoted(str(program))}"
            data = file["text"].replace(f"\nExec={PROGRAM}", command, 1).encode()
        yield places.data / file["path"], data


def quoted(path: str) -> str:
    """A path as `Exec` wants it: quoted, then escaped as every value of an entry is."""
    for character in '\\"`$':
        path = path.replace(character, "\\" + character)
    return '"' + path.replace("%", "%%").replace("\\", "\\\\") + '"'


def check(record: Record, path: Path, itself: Path) -> None:
    """Nothing is replaced that somebody else wrote."""
    there = path.exists(follow_symlinks=False)
    if not there or record.is_ours(path) or path.resolve() == itself:
        return
    changed = "was changed since it was installed" if path in record.files else "is there already"
    said = f"{path} {changed}"
    raise InstallError(said, "it is not replaced: move it away, and install again")


class Work:
    """Files written beside their places, and renamed together at the end."""

    def __init__(self) -> None:
        self.digests: dict[Path, str] = {}
        self.folders: list[Path] = []
        self._written: list[tuple[Path, Path]] = []

    def copy(self, source: Path, path: Path) -> None:
        """A program, unless it is in its place already."""
        with source.open("rb") as file:
            self.digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
            if path.resolve() != source:
                file.seek(0)
                self._write(path, iter(lambda: file.read(1 << 20), b""), 0o755)

    def write(self, path: Path, data: bytes) -> None:
        """A file of this content."""
        self.digests[path] = hashlib.sha256(data).hexdigest()
        self._write(path, iter([data]), 0o644)

    def _write(self, path: Path, chunks: Iterator[bytes], mode: int) -> None:
        self.make_folder(path.parent)
        beside = path.with_name(f"{path.name}.{os.getpid()}.new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(beside, flags, mode)
        self._written.append((beside, path))
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())

    def make_folder(self, folder: Path) -> list[Path]:
        """Makes a folder; those that were missing, the outer first."""
        if folder.is_dir():
            return []
        made = self.make_folder(folder.parent)
        folder.mkdir()
        self.folders.append(folder)
        return [*made, folder]

    def finish(self) -> None:
        """Everything to its place, the last one first."""
        while self._written:
            beside, path = self._written[-1]
            beside.replace(path)
            self._written.pop()

    def undo(self) -> None:
        """Nothing is left of what was not finished."""
        for beside, _ in self._written:
            quietly(beside.unlink)
        for folder in reversed(self.folders):
            quietly(folder.rmdir)


def rewrite(record: Record) -> None:
    """The record as it is now."""
    beside = record.path.with_name(f"{record.path.name}.{os.getpid()}.new")
    beside.write_bytes(record.to_json())
    beside.replace(record.path)


def quietly(act: Callable[[], object]) -> None:
    """What may not be possible, and then need not be."""
    try:
        act()
    except OSError:
        pass


def uninstall() -> list[str]:
    """Take out what was put in; what was done."""
    what = spec()
    places = Places()
    record = Record(places, what["identifier"])
    if not record.there:
        said = f"{what['title']} is not installed for this user"
        raise InstallError(said)
    kept = remove(record, list(record.files))
    record.path.unlink()
    refresh(places)
    clean(places, record)
    lines = [f"Removed {what['title']}; its data stays"]
    lines += [f"  {places.shown(path)} was changed since, and stays" for path in kept]
    return lines


def remove(record: Record, paths: list[Path]) -> list[Path]:
    """Remove files that are as they were written; those that are not."""
    kept = []
    for path in paths:
        if record.is_ours(path):
            path.unlink()
        elif path.exists(follow_symlinks=False):
            kept.append(path)
        del record.files[path]
    return kept


def clean(places: Places, record: Record) -> None:
    """Folders that were made for this app and hold nothing now, and databases of nothing."""
    mime = places.data / "mime"
    if mime in record.folders and not names_in(mime / "packages"):
        for name in names_in(mime):
            path = mime / name
            if name in MIME_FILES:
                quietly(path.unlink)
            elif path.is_dir():
                # One for each kind of type, as `text`.
                quietly(path.rmdir)
    applications = places.data / "applications"
    if applications in record.folders and names_in(applications) == ["mimeinfo.cache"]:
        quietly((applications / "mimeinfo.cache").unlink)
    for folder in sorted(record.folders, key=lambda path: len(path.parts), reverse=True):
        quietly(folder.rmdir)


def names_in(folder: Path) -> list[str]:
    """The names in a folder that may be there."""
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def refresh(places: Places) -> None:
    """Tell desktops. Those without these programs look for themselves."""
    run("update-desktop-database", "-q", places.data / "applications")
    run("update-mime-database", places.data / "mime")
    theme = places.data / "icons/hicolor"
    if (theme / "icon-theme.cache").is_file():
        run("gtk-update-icon-cache", "-q", "-t", "-f", theme)
    elif theme.is_dir():
        # Where there is no cache, the time of the folder says that something is new.
        quietly(theme.touch)


def run(program: str, *arguments: str | Path) -> None:
    """Run a program of the desktop on a folder, if both are there; nobody reads what it says."""
    if not Path(arguments[-1]).is_dir():
        return
    streams = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    words = [program, *map(str, arguments)]
    try:
        process = os.posix_spawnp(program, words, os.environ, file_actions=streams)
    except OSError:
        return
    os.waitpid(process, 0)


def said(what: dict[str, Any], places: Places, program: Path, *, again: bool) -> list[str]:
    """What was installed, for the person who asked."""
    version = f" {what['version']}" if what["version"] else ""
    done = "Installed again:" if again else "Installed"
    lines = [f"{done} {what['title']}{version}", f"  {places.shown(program)}"]
    if any(file["path"].startswith("applications/") for file in what["files"]):
        lines.append("  and an entry in the menu of applications")
    if what["extensions"]:
        lines.append("  opens " + ", ".join("." + one for one in what["extensions"]))
    if str(places.programs) not in os.environ.get("PATH", "").split(":"):
        where = places.shown(places.programs)
        lines.append(f"note: {where} is not on PATH; start it as {places.shown(program)}")
    lines.append(f"{what['name']} --uninstall removes it")
    return lines

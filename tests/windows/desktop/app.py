# /// script
# [tool.pyxidium]
# identifier = "org.example.desktop-test"
# capabilities = ["clipboard", "dialog", "notification", "open", "single-instance", "window-state"]
# ///
"""Everything that an app can ask of the desktop, one command each."""

import sys
from pathlib import Path

import pyxidium as px


@px.command
def choose(kind: str, folder: str, name: str) -> list[str]:
    """A dialog for files."""
    text = {"Text": ["txt"]}
    match kind:
        case "files":
            return [str(path) for path in px.dialog.open_files("Choose", folder=folder)]
        case "folder":
            chosen = px.dialog.open_folder("Choose", folder=folder)
        case "save":
            chosen = px.dialog.save_file("Choose", default_name=name, folder=folder)
        case _:
            chosen = px.dialog.open_file("Choose", filters=text, folder=folder)
    return [] if chosen is None else [str(chosen)]


@px.command
def ask(kind: str) -> bool | None:
    """A question."""
    match kind:
        case "ask":
            return px.dialog.ask("Are you there?", "Question")
        case "confirm":
            return px.dialog.confirm("Do it?", "Question")
    px.dialog.message("It broke.", "Question", kind="error")
    return None


@px.command
def notify(title: str, body: str, icon: str | None) -> None:
    """A notification."""
    px.notify(title, body, icon=icon)


@px.command
def copy(text: str) -> None:
    """Text into the clipboard."""
    px.clipboard.write_text(text)


@px.command
def paste() -> str | None:
    """Text out of the clipboard."""
    return px.clipboard.read_text()


@px.command
def copy_image(png: bytes) -> None:
    """A picture into the clipboard."""
    px.clipboard.write_image(png)


@px.command
def paste_image() -> bytes | None:
    """A picture out of the clipboard."""
    return px.clipboard.read_image()


@px.command
def open_with(target: str) -> None:
    """Another program's work."""
    px.open(target)


@px.command
def reveal(path: str) -> None:
    """The file manager's work."""
    px.reveal(path)


@px.command
def menu() -> None:
    """A menu bar."""
    wrap = px.CheckItem("Wrap", lambda on: print("wrap", on, flush=True), accelerator="Ctrl+W")

    def rename() -> None:
        save.set_text("Saved")
        save.set_enabled(False)
        wrap.set_checked(False)
        print("renamed", flush=True)

    def fail() -> None:
        raise ZeroDivisionError

    save = px.MenuItem("Save", lambda: print("saved", flush=True), accelerator="CmdOrCtrl+S")
    items = [
        px.MenuItem("Open…", lambda: print("opened", flush=True), accelerator="CmdOrCtrl+O"),
        save,
        wrap,
        px.Separator(),
        px.Menu("More", [px.MenuItem("Rename", rename, accelerator="Ctrl+R")]),
        px.MenuItem("Fail", fail, accelerator="Ctrl+F"),
        px.MenuItem("Quit", px.quit, accelerator="Ctrl+Q"),
    ]
    px.set_menu([px.Menu("File", items)])


@px.command
def wrong_keys() -> None:
    """A menu that cannot be."""
    px.set_menu([px.Menu("File", [px.MenuItem("Open…", accelerator="Hyper+Nonsense")])])


@px.command
def resize(width: int, height: int) -> None:
    """Another size."""
    px.windows()[0].set_size(width, height)


@px.command
def leave() -> None:
    """The end."""
    px.quit()


@px.on_second_start
def second(argv: list[str], cwd: Path) -> None:
    """The app was started once more."""
    print("second start", argv[1:], cwd.name, flush=True)


@px.on_drop
def dropped(drop: px.Drop) -> None:
    """Files were dropped."""
    names = [path.name for path in drop.paths]
    print("dropped", names, drop.position, drop.window, flush=True)


print("started", sys.argv[1:], flush=True)
px.window(title="Desktop", ui="ui", size=(640, 480))

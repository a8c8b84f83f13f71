"""Asks for nothing, and tries everything."""

import tempfile
from collections.abc import Callable

import pyxidium as px


def attempt(name: str, work: Callable[[], object]) -> None:
    """Say how it was refused."""
    try:
        work()
    except PermissionError as error:
        print(f"{name}: {error}", flush=True)
    else:
        print(f"{name}: allowed", flush=True)


attempt("dialog.open_file", px.dialog.open_file)
attempt("dialog.open_files", px.dialog.open_files)
attempt("dialog.open_folder", px.dialog.open_folder)
attempt("dialog.save_file", px.dialog.save_file)
attempt("dialog.message", lambda: px.dialog.message("text"))
attempt("dialog.ask", lambda: px.dialog.ask("text"))
attempt("dialog.confirm", lambda: px.dialog.confirm("text"))
attempt("notify", lambda: px.notify("title"))
attempt("clipboard.read_text", px.clipboard.read_text)
attempt("clipboard.write_text", lambda: px.clipboard.write_text("text"))
attempt("clipboard.read_image", px.clipboard.read_image)
attempt("clipboard.write_image", lambda: px.clipboard.write_image(b""))
attempt("open address", lambda: px.open("https://example.org"))
attempt("open file", lambda: px.open(tempfile.gettempdir()))
attempt("reveal", lambda: px.reveal(tempfile.gettempdir()))
attempt("Tray", px.Tray)
attempt("on_second_start", lambda: px.on_second_start(lambda argv, cwd: None))
print("tried", flush=True)

px.window(title="Undeclared", ui="ui")

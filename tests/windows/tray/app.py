# /// script
# [tool.pyxidium]
# identifier = "org.example.tray-test"
# capabilities = ["tray"]
# ///
"""Lives on in the tray."""

import pyxidium as px

mark = px.CheckItem("Mark", lambda on: print("mark", on, flush=True))
items = [mark, px.Separator(), px.MenuItem("Quit", px.quit)]


def show() -> None:
    """The main window, again."""
    window = px.window(title="Tray")
    print("shown", window.is_open, flush=True)


tray = px.Tray(tooltip="Show", menu=items, on_click=show)
px.window(title="Tray", ui="ui", size=(420, 240))

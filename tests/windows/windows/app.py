"""Two windows that talk through Python."""

import pyxidium as px


@px.command
def open_second() -> str:
    """Opens another window."""
    return px.window(label="second", title="Second window", size=(400, 300)).label


@px.command
def close_second() -> None:
    """Closes it."""
    px.Window("second").close()


@px.command
def tell(text: str, window: str | None = None) -> None:
    """An event for one window, or for all."""
    px.emit("told", {"text": text}, window=window)


@px.on("from-page")
def heard(data: object) -> None:
    """An event of a page goes to all."""
    px.emit("heard", data)


px.window(title="First window", ui="ui")

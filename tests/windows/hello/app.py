"""The smallest app: one command, one button."""

import pyxidium as px


@px.command
def greet(name: str) -> str:
    """What the page shows."""
    print(f"greets {name}", flush=True)
    return f"Hello, {name}!"


px.window(title="Hello window", ui="ui", size=(640, 360))

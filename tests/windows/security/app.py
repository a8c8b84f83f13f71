"""A page that tries what it must not do."""

import pyxidium as px


@px.command
def secret() -> str:
    """Whoever gets this has called Python."""
    print("secret was called", flush=True)
    return "secret"


def hidden() -> str:
    """Not a command."""
    print("hidden was called", flush=True)
    return "hidden"


px.window(title="Security", ui="ui")

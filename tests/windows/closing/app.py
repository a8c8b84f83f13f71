"""What happens when the window is closed while Python works."""

import asyncio
import atexit
import subprocess
import sys
import time

import pyxidium as px


@atexit.register
def goodbye() -> None:
    """Work that an app does last."""
    print("atexit ran", flush=True)


@px.command
def busy() -> None:
    """Runs until it is cancelled."""
    print("busy", flush=True)
    try:
        while True:
            px.check_cancelled()
            time.sleep(0.005)
    finally:
        print("busy ended", flush=True)


@px.command
async def waiting() -> None:
    """Waits until it is cancelled."""
    print("waiting", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:
        print("waiting ended", flush=True)


@px.command
def with_child() -> None:
    """Has a process of its own, which its end must end."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as child:
        print("child", flush=True)
        try:
            while True:
                px.check_cancelled()
                time.sleep(0.005)
        finally:
            child.kill()


@px.command
def leave() -> None:
    """Ends the app from Python."""
    px.quit()


print("written to standard output", flush=True)
print("written to standard error", file=sys.stderr, flush=True)
px.window(title="Closing", ui="ui")

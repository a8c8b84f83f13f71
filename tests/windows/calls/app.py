"""Commands of every kind, called through a real page."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pyxidium as px


@dataclass
class Hit:
    """An item of a stream."""

    word: str
    line: int


@px.command
def where() -> str:
    """The thread that commands run on."""
    return threading.current_thread().name


@px.command
def work(steps: int, progress: px.Progress) -> int:
    """Takes a moment, and says how far it is."""
    for step in range(steps):
        progress((step + 1) / steps, f"step {step + 1}")
        time.sleep(0.01)
    return steps


@px.command
def endless() -> None:
    """Never ends by itself."""
    print("endless begins", flush=True)
    try:
        while True:
            px.check_cancelled()
            time.sleep(0.005)
    except px.Cancelled:
        print("endless was cancelled", flush=True)
        raise


@px.command
async def endless_async() -> None:
    """Never ends by itself."""
    print("async begins", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:
        print("async was cancelled", flush=True)


@px.command
def count(to: int) -> Iterator[int]:
    """A stream that ends, or is left early."""
    try:
        for number in range(to):
            print(f"made {number}", flush=True)
            yield number
    finally:
        print("the stream is closed", flush=True)


@px.command
async def search(query: str) -> AsyncIterator[Hit]:
    """A stream of objects."""
    for line in range(3):
        await asyncio.sleep(0)
        yield Hit(query, line)


@px.command
def reverse(data: bytes) -> bytes:
    """Bytes in, bytes out."""
    return data[::-1]


@px.command
def divide(a: int, b: int) -> float:
    """Raises what Python raises."""
    return a / b


px.window(title="Calls", ui="ui")

"""{{title}}: what happens behind the page. Every function with @px.command can be called by it."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import pyxidium as px


@px.command
def greet(name: str) -> str:
    """A plain call. Arguments are checked against their types before the function runs."""
    name = name.strip()
    if not name:
        # The page gets this as an error with its message and code; the app goes on.
        raise px.Error("Please tell me your name first.", code="no-name")
    return f"Hello {name}, this is Python."


@px.command
def count_primes(below: int, progress: px.Progress) -> int:
    """A long call. It may block: it runs on a thread of its own, and the page stays alive.

    Each report of progress is also where the call ends when the page cancels it.
    """
    if below > 50_000_000:
        raise ValueError("that would take all day; choose a number up to 50 million")
    is_prime = bytearray([1]) * max(below, 2)
    is_prime[:2] = b"\0\0"
    found = 0
    for number in range(below):
        if is_prime[number]:
            found += 1
            is_prime[number * number :: number] = bytes(len(range(number * number, below, number)))
        if number % 10_000 == 0:
            progress(number / below, f"{found:,} primes so far")
    return found


@dataclass
class Sample:
    """What the page gets is an object with these fields."""

    time: datetime
    load: float


@px.command
async def watch_load() -> AsyncIterator[Sample]:
    """A stream: each `yield` reaches the page at once. It ends when the page stops reading."""
    while True:
        yield Sample(datetime.now(), os.getloadavg()[0])
        await asyncio.sleep(0.5)


px.window(title="{{title}}", ui="ui", size=(920, 700), min_size=(420, 480))

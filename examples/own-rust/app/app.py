"""Counts primes with a Rust module that is linked into this app's runtime."""

import time

import primes
import pyxidium as px


@px.command
def count_primes(limit: int) -> dict[str, float]:
    """How many primes there are below `limit`, and the seconds that it took."""
    started = time.perf_counter()
    return {"count": primes.count(limit), "seconds": time.perf_counter() - started}


px.window(title="Own Rust", ui="ui", size=(560, 420))

"""The speed ladder, live: one function in plain Python, on processes, compiled, and in Rust."""

import os
import time
from typing import Literal

import ladder
import pyxidium as px

type Rung = Literal["python", "processes", "kernel-processes", "kernel-threads", "rust"]


@px.command
def climb(rung: Rung, calls: int, iterations: int, progress: px.Progress) -> dict[str, object]:
    """Runs one rung: the seconds that it took, and its sums."""
    started = time.perf_counter()
    sums = ladder.RUNGS[rung](range(calls), iterations, progress)
    return {"seconds": time.perf_counter() - started, "sums": sums}


@px.command
def cores() -> int:
    """How many there are to work on."""
    return os.process_cpu_count() or 1


if __name__ == "__main__":
    px.window(title="The speed ladder", ui="ui", size=(1040, 730), min_size=(720, 560))

"""An app's first kernel: what `import` costs, and all that it takes until there is an answer."""

import time

started = time.perf_counter()
import pyxidium.compute

imported = time.perf_counter()

from math import sqrt

from pyxidium.compute import kernel


@kernel
def cpu_intensive(n: int) -> float:
    result = 0.0
    for i in range(100):
        result += sqrt(i**3 + i**2 + i * n)
    return result


@kernel
def added(a: float, b: float) -> float:
    return a + b


decorated = time.perf_counter()
cpu_intensive(1)
answered = time.perf_counter()

CALLS = 100_000
added(1.0, 2.0)
first = time.perf_counter()
for _ in range(CALLS):
    added(1.0, 2.0)
each = (time.perf_counter() - first) / CALLS
print(imported - started, answered - decorated, answered - started, each)

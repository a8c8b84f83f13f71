"""Streams of random numbers that are the same in kernels and in Python, on any number of threads.

>>> rng = stream(seed=1, index=0)
>>> 0.0 <= rng.random() < 1.0
True
"""

from __future__ import annotations

from pyxidium.compute._compute import Stream, stream

__all__ = ["Stream", "stream"]

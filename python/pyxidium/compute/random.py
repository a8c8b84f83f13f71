"""Streams of random numbers that are the same on any number of threads.

``stream(seed, index)`` inside a kernel, with the number of the iteration for ``index``; outside of
kernels it gives the same numbers. The generator is xoshiro256++ (Blackman and Vigna, 2019), its
state is filled by SplitMix64 (Steele, Lea and Flood, 2014). Not for secrets.
"""

from __future__ import annotations

import math

__all__ = ["Stream", "stream"]

_WORD = 2**64 - 1
_STEP = 0x9E3779B97F4A7C15


class Stream:
    """One stream. Made by `stream`."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, index: int) -> None:
        mixed = 0
        for word in (seed, seed >> 64, index, index >> 64):
            mixed = _mix((mixed + word + _STEP) & _WORD)
        state = []
        for _ in range(4):
            mixed = (mixed + _STEP) & _WORD
            state.append(_mix(mixed))
        # All zeros is the one state that never changes.
        self._state = state if any(state) else [_STEP, 0, 0, 0]

    def _next(self) -> int:
        a, b, c, d = self._state
        total = (a + d) & _WORD
        result = ((total << 23 | total >> 41) + a) & _WORD
        c ^= a
        d ^= b
        self._state = [a ^ d, b ^ c, c ^ (b << 17 & _WORD), (d << 45 | d >> 19) & _WORD]
        return result

    def random(self) -> float:
        """A float in [0, 1), of 53 bits."""
        return (self._next() >> 11) * 2.0**-53

    def uniform(self, a: float, b: float) -> float:
        """A float between two: ``a + (b - a) * random()``."""
        return a + (b - a) * self.random()

    def randrange(self, n: int) -> int:
        """An int in [0, n), each as likely (Lemire, 2019).

        Raises ValueError where n is not above 0, or is 2**63 or more.
        """
        if not 0 < n < 2**63:
            message = "randrange() takes an int from 1 to 2**63 - 1"
            raise ValueError(message)
        odd = (2**64 - n) % n
        while True:
            product = self._next() * n
            # The few words too many would make some ints likelier.
            if product & _WORD >= odd:
                return product >> 64

    def gauss(self, mu: float, sigma: float) -> float:
        """A normally distributed float: mean and standard deviation (Box and Muller, 1958)."""
        # Of (0, 1], since 0 has no logarithm.
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mu + radius * math.cos(math.tau * self.random()) * sigma


def _mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _WORD
    return z ^ z >> 31


def stream(seed: int, index: int) -> Stream:
    """Stream number ``index`` of a seed; of both the lowest 128 bits count."""
    return Stream(seed, index)

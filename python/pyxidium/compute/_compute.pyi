"""The shared library behind this package: a section for each room of ``crates/compute-python``."""

from collections.abc import Callable
from typing import Any, Self

VERSION: str

# Kernels.

class Kernel:
    """A compiled function. Made by the decorator ``kernel``."""

    __wrapped__: Callable[..., Any]
    def __new__(
        cls, function: Callable[..., Any], definition: Any, filename: str, fallback: bool
    ) -> Self: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class Stream:
    """A stream of random numbers."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def uniform(self, a: float, b: float) -> float:
        """A float between `a` and `b`."""

    def randrange(self, stop: int) -> int:
        """An int in [0, `stop`), each as likely."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A normally distributed float."""

def stream(seed: int, index: int) -> Stream:
    """Stream number `index` of a seed."""

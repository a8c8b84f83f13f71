"""Monte Carlo integration, on all cores, the same for a seed whatever the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from pyxidium.compute import _compute
from pyxidium.compute._arrays import give, take

__all__ = ["Builtin", "Estimate", "integrate"]

type Builtin = Literal["ball", "gaussian", "oscillatory", "product_peak", "corner_peak"]


class Estimate(NamedTuple):
    """What ``integrate`` gives."""

    value: float
    error: float
    """One standard deviation of ``value``."""
    samples: int


def integrate(
    integrand: Callable[..., Any] | Builtin,
    bounds: Sequence[tuple[float, float]],
    samples: int,
    *,
    seed: int = 0,
    batch: bool = False,
) -> Estimate:
    """The integral of a function over a box, from the mean of its values at random points.

    Points are uniform, from xoshiro256++ (D. Blackman, S. Vigna, 2021), one stream for each block
    of 8192 samples. The error shrinks with the root of ``samples``.

    Functions that are there ready-made, for a point x of d coordinates:

    - ``"ball"``: 1 where the sum of x**2 is at most 1, else 0
    - ``"gaussian"``: exp(-sum of x**2)
    - ``"oscillatory"``, ``"product_peak"``, ``"corner_peak"``: cos(sum of x), product of 1 / (1 +
      x**2), (1 + sum of x)**-(d + 1), after A. Genz, "Testing multidimensional integration
      routines" (1984)

    Args:
        integrand: one of those names; or a function of d floats that gives one. A ``@kernel`` runs
            as machine code, on all threads; other functions one thread at a time.
        bounds: (low, high) for each of the d dimensions, finite.
        samples: how many points, at least 2.
        seed: 0 to 2**64 - 1; another one gives other points.
        batch: the function takes many points at once, (n, d) float64, and gives n values: with
            numpy this is much faster. It must not keep what it is given.

    Raises:
        TypeError: the integrand is no function, does not take d floats or gives no numbers.
        ValueError: a name, bounds or ``samples`` are others than these, or a batch has not n
            values.
        Exception: what the integrand raises, at the first sample where it does.
    """
    if not isinstance(integrand, str) and not callable(integrand):
        message = f"integrand: expected a function or a name, got {type(integrand).__name__}"
        raise TypeError(message)
    pairs = [(float(low), float(high)) for low, high in bounds]
    function: Any = _batches(integrand) if batch and callable(integrand) else integrand
    return Estimate(*_compute.integrate(function, pairs, samples, seed, batch))


def _batches(function: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda points: take(function(give(points)))

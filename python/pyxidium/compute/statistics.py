"""Summaries, histograms and quantiles, on all cores.

Arrays of any shape are taken as a whole: numpy arrays, ``array.array``, any other buffer (strided
and read-only ones too), or lists. Everything is computed in float64, so integers beyond 2**53
round. Results do not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, overload

from pyxidium.compute import _compute
from pyxidium.compute._arrays import Numbers, give, take

__all__ = ["Histogram", "Summary", "histogram", "quantile", "summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers that describe numbers; units are those of the values, or their powers."""

    count: int
    sum: float
    mean: float
    variance: float
    skewness: float
    """m3 / m2**1.5; NaN if all values are equal."""
    kurtosis: float
    """m4 / m2**2 - 3; NaN if all values are equal."""
    minimum: float
    maximum: float

    @property
    def std(self) -> float:
        """The standard deviation: the root of the variance."""
        return math.sqrt(self.variance)


class Histogram(NamedTuple):
    """What ``histogram`` gives."""

    counts: Any
    """(n,) int64: how many values lie in each bin."""
    edges: Any
    """(n + 1,) float64."""


def summary(
    values: Numbers, *, ddof: float = 0, nan: Literal["propagate", "omit"] = "propagate"
) -> Summary:
    """Count, sum, mean, variance, skewness, kurtosis, minimum and maximum in one pass.

    Source: P. Pebay, "Formulas for robust, one-pass parallel computation of covariances and
    arbitrary-order statistical moments", Sandia report SAND2008-6212 (2008).

    Args:
        values: numbers, any shape.
        ddof: is taken off the count that the sum of squares is divided by (1 for a sample).
        nan: "propagate" makes everything NaN where one value is, "omit" leaves such values out.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: ``nan`` is neither of the two.
    """
    return Summary(*_compute.summary(take(values), ddof, _omit(nan)))


def histogram(
    values: Numbers, bins: int | Numbers = 10, *, range: tuple[float, float] | None = None
) -> Histogram:
    """How many values lie in each bin.

    By ``numpy.histogram``'s rules: bins are half open, the last one is closed.

    Args:
        values: numbers, any shape.
        bins: how many bins of equal width, or (n + 1,) their edges, ascending.
        range: where the first bin begins and the last ends; the values' minimum and maximum if not
            given. Values outside are not counted.

    Raises:
        TypeError: ``values`` or ``bins`` is no array of real numbers.
        ValueError: ``bins`` is not positive or does not ascend; ``range`` is not finite; there is
            none and a value is not finite.
    """
    if isinstance(bins, int):
        if bins < 1:
            message = f"bins must be at least 1, not {bins}"
            raise ValueError(message)
        return Histogram(*map(give, _compute.histogram_of(take(values), bins, range, None)))
    return Histogram(*map(give, _compute.histogram_of(take(values), 1, range, take(bins))))


@overload
def quantile(
    values: Numbers, q: float, *, nan: Literal["propagate", "omit"] = "propagate"
) -> float: ...
@overload
def quantile(
    values: Numbers, q: Sequence[float], *, nan: Literal["propagate", "omit"] = "propagate"
) -> list[float]: ...
def quantile(
    values: Numbers,
    q: float | Sequence[float],
    *,
    nan: Literal["propagate", "omit"] = "propagate",
) -> float | list[float]:
    """The value below which the part ``q`` of the values lies.

    Between two neighbours it is interpolated linearly.

    Source: definition 7 of R. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The
    American Statistician 50 (1996); numpy's method "linear", to the last bit for float64.

    Args:
        values: numbers, any shape.
        q: from 0 to 1; one number, or several.
        nan: "propagate" gives NaN where one value is, "omit" leaves such values out.

    Returns:
        A float for one ``q``, a list for several; NaN if there are no values.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: ``q`` is not from 0 to 1, or ``nan`` is neither of the two.
    """
    if isinstance(q, (int, float)):
        return _compute.quantiles(take(values), [q], _omit(nan))[0]
    return _compute.quantiles(take(values), [float(one) for one in q], _omit(nan))


def _omit(nan: str) -> bool:
    if nan not in ("propagate", "omit"):
        message = f"nan must be 'propagate' or 'omit', not {nan!r}"
        raise ValueError(message)
    return nan == "omit"

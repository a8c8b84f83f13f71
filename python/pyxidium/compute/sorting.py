"""Sorting, on all cores: values, their order, distinct values, groups.

Every function takes one dimension of integers, floats or bools: a numpy array, ``array.array``, any
other buffer (strided and read-only ones too), or a list. What comes back is a numpy array where the
app carries numpy, otherwise a ``memoryview``. NaN comes last, as numpy has it. Results do not
depend on the number of threads.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pyxidium.compute import _compute
from pyxidium.compute._arrays import Numbers, give, take

__all__ = ["Groups", "Unique", "argsort", "group_by", "sort", "unique", "unique_all"]


class Unique(NamedTuple):
    """Distinct values and what belongs to them."""

    values: Any
    """(m,) the distinct values, ascending."""
    first: Any
    """(m,) int64: where each of them is first."""
    inverse: Any
    """(n,) int64: for each given value, its place in ``values``."""
    counts: Any
    """(m,) int64: how often each of them is there."""


class Groups(NamedTuple):
    """What ``group_by`` gives."""

    keys: Any
    """(m,) the distinct keys, ascending."""
    values: Any
    """(m,) float64: one reduced number for each key."""


def sort(values: Numbers, *, descending: bool = False) -> Any:
    """A sorted copy of ``values``.

    Args:
        values: (n,) numbers.
        descending: the largest first, then NaN before all.

    Returns:
        (n,) of the same type as ``values``.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: it has not one dimension.
    """
    return give(_compute.sort(take(values), descending))


def argsort(values: Numbers, *, descending: bool = False) -> Any:
    """The indices that would sort ``values``; equal values keep their order (a stable sort).

    Args:
        values: (n,) numbers.
        descending: the largest first; equal values keep their order all the same.

    Returns:
        (n,) int64.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: it has not one dimension.
    """
    return give(_compute.argsort(take(values), descending))


def unique(values: Numbers) -> Any:
    """The distinct values, ascending. All NaN are one, and so are 0.0 and -0.0.

    Args:
        values: (n,) numbers.

    Returns:
        (m,) of the same type as ``values``.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: it has not one dimension.
    """
    return give(_compute.unique(take(values)))


def unique_all(values: Numbers) -> Unique:
    """The distinct values with their first places, their counts, and each value's place among them.

    Args:
        values: (n,) numbers.

    Raises:
        TypeError: ``values`` is no array of real numbers.
        ValueError: it has not one dimension.
    """
    return Unique(*map(give, _compute.unique_all(take(values))))


def group_by(
    keys: Numbers,
    values: Numbers,
    reduce: Literal["count", "sum", "mean", "min", "max", "first", "last"] = "sum",
) -> Groups:
    """Groups ``values`` by ``keys`` and reduces each group to one number.

    Sums go over a group's values in the order in which they are given, in float64.

    Args:
        keys: (n,) numbers.
        values: (n,) numbers.
        reduce: what becomes of a group; ``min`` and ``max`` are NaN if one value is.

    Raises:
        TypeError: ``keys`` or ``values`` is no array of real numbers.
        ValueError: they have not one dimension and one length, or ``reduce`` is none of these.
    """
    return Groups(*map(give, _compute.group(take(keys), take(values), reduce)))

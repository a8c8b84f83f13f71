"""Points and polygons, through spatial indexes and on all cores.

Points are (n, d) numbers, one point in each row. Polygons are one array (count, corners, 2), or a
list of arrays (corners, 2) of different lengths; the last corner need not repeat the first, and
there are no holes. Coordinates are in whatever unit, all in the same: distances and areas come in
it and its square. Pairs come as two index arrays, ordered by the first, then by the second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pyxidium.compute import _compute
from pyxidium.compute._arrays import Numbers, give, take

__all__ = [
    "Nearest",
    "Pairs",
    "close_polygons",
    "nearest",
    "points_in_polygons",
    "polygon_areas",
    "smallest_close_polygon",
    "within",
]

type Polygons = Numbers | Sequence[Numbers]
type Centre = Literal["mean", "area"]


class Nearest(NamedTuple):
    """What ``nearest`` gives: nearest first, along the last dimension."""

    distances: Any
    """(queries, k) float64; infinite where there is no such point."""
    indices: Any
    """(queries, k) int64; the number of points where there is no such point."""


class Pairs(NamedTuple):
    """Pairs of indices."""

    first: Any
    """(pairs,) int64."""
    second: Any
    """(pairs,) int64."""


def nearest(
    points: Numbers, queries: Numbers, k: int = 1, *, max_distance: float = math.inf
) -> Nearest:
    """The ``k`` points nearest to each query, by Euclidean distance. Index: a k-d tree.

    Args:
        points: (n, d) numbers, d from 1 to 8, all finite.
        queries: (m, d) numbers, all finite.
        k: how many for each query.
        max_distance: points farther away do not count.

    Raises:
        TypeError: ``points`` or ``queries`` is no array of real numbers.
        ValueError: shapes or values are others than these.
    """
    found = _compute.nearest(take(points), take(queries), _positive("k", k), max_distance)
    return Nearest(*map(give, found))


def within(points: Numbers, queries: Numbers, radius: float) -> Pairs:
    """All pairs (query, point) that are no farther apart than ``radius``. Index: a k-d tree.

    Args:
        points: (n, d) numbers, d from 1 to 8, all finite.
        queries: (m, d) numbers, all finite.
        radius: 0 or more.

    Raises:
        TypeError: ``points`` or ``queries`` is no array of real numbers.
        ValueError: shapes or values are others than these.
    """
    return Pairs(*map(give, _compute.within(take(points), take(queries), radius)))


def points_in_polygons(points: Numbers, polygons: Polygons) -> Pairs:
    """All pairs (point, polygon) of a point and a polygon around it.

    Index: an R-tree of bounding boxes.

    A point on a polygon's edge or corner is not in it. The test is exact (winding numbers with
    robust
    orientation: J. Shewchuk, "Adaptive precision floating-point arithmetic", 1997).

    Args:
        points: (n, 2) numbers, all finite.
        polygons: see the module; at least three corners each.

    Raises:
        TypeError: something is no array of real numbers.
        ValueError: shapes or values are others than these.
    """
    return Pairs(*map(give, _compute.points_in_polygons(take(points), _polygons(polygons))))


def close_polygons(
    points: Numbers, polygons: Polygons, radius: float, *, centre: Centre = "mean"
) -> Pairs:
    """All pairs (point, polygon) whose distance from point to centre is no more than ``radius``.

    Args:
        points: (n, 2) numbers, all finite.
        polygons: see the module; at least three corners each.
        radius: 0 or more.
        centre: "mean" of the corners, or the centre of the "area".

    Raises:
        TypeError: something is no array of real numbers.
        ValueError: shapes or values are others than these.
    """
    area = _area(centre)
    return Pairs(
        *map(give, _compute.close_polygons(take(points), _polygons(polygons), radius, area))
    )


def smallest_close_polygon(
    points: Numbers, polygons: Polygons, radius: float, *, centre: Centre = "mean"
) -> Any:
    """For each point, the smallest polygon (by area) of those that ``close_polygons`` finds.

    Arguments and errors are those of ``close_polygons``.

    Returns:
        (n,) int64: the polygon's index, of equally small ones the first; -1 where none is close.
    """
    area = _area(centre)
    return give(_compute.smallest_close_polygon(take(points), _polygons(polygons), radius, area))


def polygon_areas(polygons: Polygons) -> Any:
    """The area of each polygon, by the shoelace formula; never negative.

    Returns:
        (count,) float64.

    Raises:
        TypeError: something is no array of real numbers.
        ValueError: a polygon has less than three corners, or one that is not finite.
    """
    return give(_compute.polygon_areas(_polygons(polygons)))


def _polygons(polygons: Any) -> Any:
    """One buffer as it is, or a list of buffers."""
    if isinstance(polygons, (list, tuple)):
        return [take(polygon) for polygon in polygons]
    return polygons


def _area(centre: str) -> bool:
    if centre not in ("mean", "area"):
        message = f"centre must be 'mean' or 'area', not {centre!r}"
        raise ValueError(message)
    return centre == "area"


def _positive(what: str, value: int) -> int:
    if value < 1:
        message = f"{what} must be at least 1, not {value}"
        raise ValueError(message)
    return value

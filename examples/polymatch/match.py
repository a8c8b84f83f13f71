"""For each point: of the polygons whose centre is close, the smallest. Four ways to find it.

A polygon's centre is the mean of its corners, its area that of the shoelace formula. Each way gives
the polygons' indices, -1 where none is close.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from pyxidium.compute import kernel, prange
from pyxidium.compute.geometry import smallest_close_polygon

type Corners = list[list[tuple[float, float]]]

CORNERS = 10
WIDTH, HEIGHT = 128.0, 112.0


def scene(polygons: int, points: int, seed: int) -> tuple[Any, Any]:
    """Random polygons (polygons, 10, 2) and points (points, 2) in a field of 128 by 112."""
    rng = random.Random(seed)
    corners = []
    for _ in range(polygons):
        x, y = rng.uniform(3, WIDTH - 3), rng.uniform(3, HEIGHT - 3)
        size, turn = rng.uniform(0.6, 2.8), rng.uniform(0, math.tau)
        for corner in range(CORNERS):
            angle = turn + math.tau * corner / CORNERS
            radius = size * rng.uniform(0.55, 1)
            corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    places = [(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)) for _ in range(points)]
    shaped = np.array(corners, dtype=float).reshape(polygons, CORNERS, 2)
    return shaped, np.array(places, dtype=float).reshape(points, 2)


def in_python(polygons: Corners, points: list[tuple[float, float]], radius: float) -> list[int]:
    """Lists, tuples and loops."""
    measured = []
    for corners in polygons:
        centre_x = sum(x for x, _ in corners) / len(corners)
        centre_y = sum(y for _, y in corners) / len(corners)
        twice = 0.0
        before_x, before_y = corners[-1]
        for x, y in corners:
            twice += before_x * y - x * before_y
            before_x, before_y = x, y
        measured.append((centre_x, centre_y, abs(twice) / 2))
    found = []
    for x, y in points:
        best, smallest = -1, math.inf
        for index, (centre_x, centre_y, area) in enumerate(measured):
            close = (centre_x - x) ** 2 + (centre_y - y) ** 2 <= radius * radius
            if close and area < smallest:
                best, smallest = index, area
        found.append(best)
    return found


def in_numpy(polygons: Any, points: Any, radius: float) -> Any:
    """Whole arrays at once."""
    x, y = polygons[:, :, 0], polygons[:, :, 1]
    centres = polygons.mean(axis=1)
    areas = np.abs((np.roll(x, 1, axis=1) * y - x * np.roll(y, 1, axis=1)).sum(axis=1)) / 2
    apart = points[:, None, :] - centres[None, :, :]
    close = (apart * apart).sum(axis=2) <= radius * radius
    candidates = np.where(close, areas, np.inf)
    best = candidates.argmin(axis=1)
    return np.where(close.any(axis=1), best, -1)


@kernel
def _measure(polygons: Any, measured: Any) -> None:
    corners = polygons.shape[1]
    for i in range(polygons.shape[0]):
        centre_x = 0.0
        centre_y = 0.0
        twice = 0.0
        before_x = polygons[i, corners - 1, 0]
        before_y = polygons[i, corners - 1, 1]
        for j in range(corners):
            x = polygons[i, j, 0]
            y = polygons[i, j, 1]
            centre_x += x
            centre_y += y
            twice += before_x * y - x * before_y
            before_x = x
            before_y = y
        measured[i, 0] = centre_x / corners
        measured[i, 1] = centre_y / corners
        measured[i, 2] = abs(twice) / 2


@kernel
def _match(measured: Any, points: Any, radius: float, found: Any) -> None:
    for i in prange(points.shape[0]):
        x = points[i, 0]
        y = points[i, 1]
        best = -1
        smallest = math.inf
        for j in range(measured.shape[0]):
            apart_x = measured[j, 0] - x
            apart_y = measured[j, 1] - y
            close = apart_x * apart_x + apart_y * apart_y <= radius * radius
            if close and measured[j, 2] < smallest:
                best = j
                smallest = measured[j, 2]
        found[i] = best


def in_kernel(polygons: Any, points: Any, radius: float) -> Any:
    """The loops of ``in_python``, over arrays, compiled; the points on all threads."""
    measured = np.empty((len(polygons), 3))
    found = np.empty(len(points), dtype=np.int64)
    _measure(polygons, measured)
    _match(measured, points, radius, found)
    return found


def ready_made(polygons: Any, points: Any, radius: float) -> Any:
    """What is in the package already, with a spatial index."""
    return smallest_close_polygon(points, polygons, radius)

# /// script
# requires-python = ">=3.13"
# dependencies = ["numpy"]
# ///
"""Poly-match in a window: one question about polygons, answered in four ways, with their times."""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Literal

import match
import pyxidium as px

type Way = Literal["python", "numpy", "kernel", "ready"]

SECONDS = 0.4
"""How long one way is measured."""

_scene: tuple[Any, Any] = match.scene(0, 0, 0)


@px.command
def scene(polygons: int, points: int, seed: int) -> dict[str, object]:
    """Makes polygons and points; the page draws them."""
    global _scene
    _scene = match.scene(polygons, points, seed)
    return {
        "polygons": _scene[0],
        "points": _scene[1],
        "width": match.WIDTH,
        "height": match.HEIGHT,
        "cores": os.process_cpu_count() or 1,
    }


@px.command
def measure(way: Way, radius: float) -> dict[str, object]:
    """Finds the polygons as often as fits into the time: the median, and the first."""
    find = _ways()[way]
    times = []
    until = time.perf_counter() + SECONDS
    while len(times) < 3 or time.perf_counter() < until:
        px.check_cancelled()
        started = time.perf_counter()
        found = find(radius)
        times.append((time.perf_counter() - started) * 1000)
    best = [int(index) for index in found]
    return {"first": times[0], "median": statistics.median(times), "runs": len(times), "best": best}


def _ways() -> dict[str, Callable[[float], Any]]:
    polygons, points = _scene
    # Plain Python gets what it likes best; making it is not its work.
    corners = [[tuple(corner) for corner in polygon] for polygon in polygons.tolist()]
    places = [tuple(point) for point in points.tolist()]
    return {
        "python": lambda radius: match.in_python(corners, places, radius),
        "numpy": lambda radius: match.in_numpy(polygons, points, radius),
        "kernel": lambda radius: match.in_kernel(polygons, points, radius),
        "ready": lambda radius: match.ready_made(polygons, points, radius),
    }


if __name__ == "__main__":
    px.window(title="Poly-match", ui="ui", size=(1180, 780), min_size=(820, 600))

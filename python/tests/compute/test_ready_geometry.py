"""``pyxidium.compute.geometry`` against looking at all pairs, and shapely where it is."""

import math
import random
import unittest
from array import array

from pyxidium.compute import geometry
from ready_support import numpy, plain

try:
    import shapely
except ImportError:
    shapely = None


def cloud(count, dimensions, seed=1):
    pick = random.Random(seed)
    return [[pick.uniform(0, 10) for _ in range(dimensions)] for _ in range(count)]


def wheels(count, corners, seed=2):
    pick = random.Random(seed)
    turns = [2 * math.pi * place / corners for place in range(corners)]
    made = []
    for _ in range(count):
        x, y, size = pick.uniform(0, 10), pick.uniform(0, 10), pick.uniform(0.2, 2)
        made.append([[x + size * math.cos(turn), y + size * math.sin(turn)] for turn in turns])
    return made


def inside(point, polygon):
    hit = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > point[1]) != (y2 > point[1]):
            hit ^= point[0] < (x2 - x1) * (point[1] - y1) / (y2 - y1) + x1
    return hit


def area(polygon):
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def pairs(found):
    return list(zip(plain(found.first), plain(found.second), strict=True))


class Geometry(unittest.TestCase):
    def test_nearest(self):
        for dimensions in (1, 2, 3, 5, 8):
            points, queries = cloud(200, dimensions), cloud(30, dimensions, 7)
            for k in (1, 3):
                distances, indices = map(plain, geometry.nearest(points, queries, k))
                for query, mine, which in zip(queries, distances, indices, strict=True):
                    every = sorted(
                        (math.dist(query, point), place) for place, point in enumerate(points)
                    )
                    self.assertEqual(which, [place for _, place in every[:k]])
                    for got, (expected, _) in zip(mine, every, strict=False):
                        self.assertAlmostEqual(got, expected, places=12)
        distances, indices = map(
            plain, geometry.nearest([[0.0, 0.0]], [[3.0, 4.0]], 2, max_distance=4)
        )
        self.assertEqual((distances, indices), ([[math.inf] * 2], [[1, 1]]))
        self.assertEqual(
            plain(geometry.nearest([[0.0, 0.0]], [[3.0, 4.0]], max_distance=5).distances), [[5.0]]
        )

    def test_within(self):
        points, queries = cloud(300, 2), cloud(40, 2, 8)
        expected = [
            (i, j)
            for i, query in enumerate(queries)
            for j, point in enumerate(points)
            if math.dist(query, point) <= 1.5
        ]
        self.assertEqual(pairs(geometry.within(points, queries, 1.5)), expected)

    def test_points_in_polygons(self):
        points = cloud(400, 2)
        for corners in (3, 10, 120):
            polygons = wheels(25, corners)
            expected = [
                (i, j)
                for i, point in enumerate(points)
                for j, polygon in enumerate(polygons)
                if inside(point, polygon)
            ]
            self.assertTrue(expected)
            self.assertEqual(pairs(geometry.points_in_polygons(points, polygons)), expected)
        square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]
        spots = [[1.0, 1.0], [0.0, 1.0], [2.0, 2.0], [3.0, 1.0]]
        self.assertEqual(pairs(geometry.points_in_polygons(spots, [square])), [(0, 0)])

    def test_close_polygons(self):
        polygons, points = [*wheels(40, 7), *wheels(5, 4, 5)], cloud(60, 2, 9)
        centres = [
            [sum(c) / len(polygon) for c in zip(*polygon, strict=True)] for polygon in polygons
        ]
        expected = [
            (i, j)
            for i, point in enumerate(points)
            for j, centre in enumerate(centres)
            if math.dist(point, centre) <= 1.2
        ]
        self.assertEqual(pairs(geometry.close_polygons(points, polygons, 1.2)), expected)
        areas = plain(geometry.polygon_areas(polygons))
        for mine, polygon in zip(areas, polygons, strict=True):
            self.assertAlmostEqual(mine, area(polygon), places=12)
        best = [
            min((j for i, j in expected if i == place), key=areas.__getitem__, default=-1)
            for place in range(len(points))
        ]
        self.assertEqual(plain(geometry.smallest_close_polygon(points, polygons, 1.2)), best)
        uneven = [[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [3.0, 3.0], [0.0, 3.0]]]
        self.assertEqual(pairs(geometry.close_polygons([[1.5, 1.5]], uneven, 0.1)), [])
        self.assertEqual(
            pairs(geometry.close_polygons([[1.5, 1.5]], uneven, 0.1, centre="area")), [(0, 0)]
        )

    def test_buffers_of_other_types_and_shapes(self):
        view = memoryview(array("f", [0, 0, 1, 0, 0, 1])).cast("B").cast("f", (1, 3, 2))
        self.assertEqual(plain(geometry.polygon_areas(view)), [0.5])
        none = memoryview(array("d")).cast("B")
        with self.assertRaisesRegex(
            ValueError, r"polygons: expected three dimensions, \(count, corners, 2\), got"
        ):
            geometry.polygon_areas(none)

    def test_nonsense_is_refused(self):
        with self.assertRaisesRegex(ValueError, "points must be finite, not NaN"):
            geometry.nearest([[math.nan, 1.0]], [[1.0, 1.0]])
        with self.assertRaisesRegex(
            ValueError, r"queries: expected \(n, 2\) as points have, got \(n, 3\)"
        ):
            geometry.within([[1.0, 1.0]], [[1.0, 1.0, 1.0]], 1)
        with self.assertRaisesRegex(
            ValueError, r"points: expected two dimensions, \(n, d\), got \(2,\)"
        ):
            geometry.nearest([1.0, 1.0], [[1.0, 1.0]])
        with self.assertRaisesRegex(ValueError, "at least 3 corners each, got 2 in polygon 1"):
            geometry.polygon_areas([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]]])
        with self.assertRaisesRegex(ValueError, "k must be at least 1, not 0"):
            geometry.nearest([[1.0]], [[1.0]], 0)
        with self.assertRaisesRegex(ValueError, "centre must be"):
            geometry.close_polygons([[1.0, 1.0]], [], 1, centre="middle")


@unittest.skipIf(shapely is None or numpy is None, "shapely is not here")
class BesideShapely(unittest.TestCase):
    def test_stars(self):
        generator = numpy.random.default_rng(4)
        for corners in (5, 47, 48, 300):
            turns = numpy.linspace(0, 2 * math.pi, corners, endpoint=False)
            sizes = generator.uniform(0.2, 2, (30, corners, 1))
            rings = generator.uniform(0, 10, (30, 1, 2)) + sizes * numpy.stack(
                [numpy.cos(turns), numpy.sin(turns)], 1
            )
            points = generator.uniform(0, 10, (3000, 2))
            tree = shapely.STRtree(shapely.polygons(rings))
            theirs = tree.query(shapely.points(points), predicate="within")
            theirs = theirs[:, numpy.lexsort(theirs[::-1])]
            numpy.testing.assert_array_equal(
                numpy.stack(geometry.points_in_polygons(points, rings)), theirs
            )


if __name__ == "__main__":
    unittest.main()

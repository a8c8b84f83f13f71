//! Points in polygons, polygons near points: `geo`'s predicates, `rstar`'s and `kiddo`'s trees.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{Centroid, Contains, Coord, LineString, MultiPolygon, Polygon};
use rstar::{AABB, Envelope, PointDistance, RTree, RTreeObject};

use super::geometry::{self, Points};
use super::{Error, blocks};
use crate::work::{Cancelled, Watch};

/// Polygons that one task looks at.
const POLYGONS: usize = 1024;

/// Points that one task looks at.
const BLOCK: usize = 512;

/// From so many corners on, a polygon's edges get a tree of their own.
const MANY: usize = 48;

/// Polygons without holes, each a ring of corners; the last need not repeat the first.
#[derive(Debug, Clone, Copy)]
pub struct Polygons<'a> {
    corners: &'a [[f64; 2]],
    offsets: &'a [usize],
}

impl<'a> Polygons<'a> {
    /// Polygons whose corners are `corners[offsets[i]..offsets[i + 1]]`.
    ///
    /// # Errors
    /// When a polygon has less than three corners, or one that is not finite; or when cancelled.
    pub fn new(
        corners: &'a [[f64; 2]],
        offsets: &'a [usize],
        watch: &Watch,
    ) -> Result<Self, Error> {
        let polygons = Self { corners, offsets };
        if u32::try_from(polygons.len()).is_err() {
            return Err(Error::value("polygons", "less than 2**32", polygons.len()));
        }
        watch.part(0.02);
        blocks::try_each(polygons.len().div_ceil(POLYGONS), watch, &|block| {
            (block * POLYGONS..polygons.len().min((block + 1) * POLYGONS))
                .try_for_each(|place| polygons.check(place))
        })?;
        Ok(polygons)
    }

    fn check(&self, place: usize) -> Result<(), Error> {
        let corners = self.ring(place);
        if corners.len() < 3 {
            return Err(Error::Shape {
                what: "polygons",
                expected: "at least 3 corners each".into(),
                got: format!("{} in polygon {place}", corners.len()),
            });
        }
        if corners
            .as_flattened()
            .iter()
            .any(|value| !value.is_finite())
        {
            let got = format!("so in polygon {place}");
            return Err(Error::value("polygons", "finite", got));
        }
        Ok(())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn ring(&self, place: usize) -> &'a [[f64; 2]] {
        self.corners
            .get(self.offsets[place]..self.offsets[place + 1])
            .unwrap_or(&[])
    }

    fn polygon(&self, place: usize) -> Polygon<f64> {
        // Closes the ring.
        let corners = self.ring(place).iter().map(|[x, y]| Coord { x: *x, y: *y });
        Polygon::new(LineString(corners.collect()), vec![])
    }

    /// The area of each, by the shoelace formula; seen from the first corner, so that far away polygons
    /// keep their digits.
    ///
    /// # Errors
    /// When cancelled.
    pub fn areas(&self, watch: &Watch) -> Result<Vec<f64>, Cancelled> {
        blocks::build(self.len(), POLYGONS, watch, |place| {
            let ring = self.ring(place);
            let [x0, y0] = ring[0];
            let twice: f64 = ring
                .windows(2)
                .map(|ends| {
                    (ends[0][0] - x0) * (ends[1][1] - y0) - (ends[1][0] - x0) * (ends[0][1] - y0)
                })
                .sum();
            twice.abs() / 2.0
        })
    }

    /// The centre of each: the mean of its corners, or the centre of its area.
    ///
    /// # Errors
    /// When cancelled.
    pub fn centres(&self, of_area: bool, watch: &Watch) -> Result<Vec<[f64; 2]>, Cancelled> {
        blocks::build(self.len(), POLYGONS, watch, |place| {
            if of_area && let Some(centre) = self.polygon(place).centroid() {
                return [centre.x(), centre.y()];
            }
            let ring = self.ring(place);
            let closed = ring.len() > 3 && ring[0] == ring[ring.len() - 1];
            let ring = &ring[..ring.len() - usize::from(closed)];
            let sum = ring.iter().fold([0.0; 2], |sum, corner| {
                [sum[0] + corner[0], sum[1] + corner[1]]
            });
            [sum[0] / ring.len() as f64, sum[1] / ring.len() as f64]
        })
    }
}

/// Of two dimensions, as the rest of this room wants them.
fn flat(points: Points<'_>) -> Result<&[[f64; 2]], Error> {
    let (pairs, _) = points.values().as_chunks::<2>();
    if points.dimensions() == 2 {
        return Ok(pairs);
    }
    let got = format!("(n, {})", points.dimensions());
    Err(Error::Shape {
        what: "points",
        expected: "(n, 2)".into(),
        got,
    })
}

/// How to ask one polygon.
enum Inside {
    Ring(LineString<f64>),
    Tree(Box<IntervalTreeMultiPolygon<f64>>),
}

impl Inside {
    fn has(&self, point: Coord<f64>) -> bool {
        match self {
            Self::Ring(ring) => coord_pos_relative_to_ring(point, ring) == CoordPos::Inside,
            Self::Tree(tree) => tree.contains(&point),
        }
    }
}

/// All pairs of a point and a polygon that it lies in, not on the edge of: by point, then polygon.
///
/// # Errors
/// When the points are not of two dimensions, or when cancelled.
pub fn points_in_polygons(
    points: Points<'_>,
    polygons: Polygons<'_>,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    let points = flat(points)?;
    watch.part(0.05);
    let boxes = blocks::map(polygons.len(), watch, |place| Bounds {
        envelope: AABB::from_points(polygons.ring(place)),
        polygon: place as u32,
        watch,
    })?;
    watch.part(0.2);
    let tree = watch.leaving(|| RTree::bulk_load(boxes))?;
    watch.part(0.05);
    let inside = blocks::map(polygons.len(), watch, |place| {
        let polygon = polygons.polygon(place);
        if polygon.exterior().0.len() < MANY {
            return Inside::Ring(polygon.into_inner().0);
        }
        Inside::Tree(Box::new(IntervalTreeMultiPolygon::new(&MultiPolygon(
            vec![polygon],
        ))))
    })?;
    watch.part(0.66);
    let found = blocks::try_map(points.len().div_ceil(BLOCK), watch, |block| {
        let mut found = Vec::new();
        for (place, point) in points.iter().enumerate().skip(block * BLOCK).take(BLOCK) {
            let start = found.len();
            let [x, y] = *point;
            // The tree asks its leaves.
            watch.leaving(|| {
                for bounds in tree.locate_all_at_point(*point) {
                    if inside[bounds.polygon as usize].has(Coord { x, y }) {
                        found.push((place as u32, bounds.polygon));
                    }
                }
            })?;
            found[start..].sort_unstable();
        }
        Ok::<_, Error>(found)
    })?;
    Ok(blocks::concat(&found, watch)?)
}

/// A polygon's bounding box, in a tree that can be left while it is made.
struct Bounds<'a> {
    envelope: AABB<[f64; 2]>,
    polygon: u32,
    watch: &'a Watch,
}

impl RTreeObject for Bounds<'_> {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.watch.leave_if_cancelled();
        self.envelope
    }
}

impl PointDistance for Bounds<'_> {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope.distance_2(point)
    }

    fn contains_point(&self, point: &[f64; 2]) -> bool {
        self.watch.leave_if_cancelled();
        self.envelope.contains_point(point)
    }
}

/// All pairs of a point and a polygon whose centre is no farther than `radius` from it.
///
/// # Errors
/// When the points are not of two dimensions or `radius` is no distance; or when cancelled.
pub fn close_polygons(
    points: Points<'_>,
    polygons: Polygons<'_>,
    radius: f64,
    of_area: bool,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    flat(points)?;
    watch.part(0.05);
    let centres = polygons.centres(of_area, watch)?;
    let centres = Points::new("the polygons' centres", centres.as_flattened(), 2, watch)?;
    geometry::within(centres, points, radius, watch)
}

/// For each point the polygon of the smallest area among those whose centre is no farther than
/// `radius` from it (of equal areas the first), or -1.
///
/// # Errors
/// As [`close_polygons`].
pub fn smallest_close_polygon(
    points: Points<'_>,
    polygons: Polygons<'_>,
    radius: f64,
    of_area: bool,
    watch: &Watch,
) -> Result<Vec<i64>, Error> {
    let pairs = close_polygons(points, polygons, radius, of_area, watch)?;
    let areas = polygons.areas(watch)?;
    // Pairs come by point.
    Ok(blocks::build(points.len(), BLOCK, watch, |point| {
        let start = pairs.partition_point(|pair| (pair.0 as usize) < point);
        let near = pairs[start..]
            .iter()
            .take_while(|pair| pair.0 as usize == point);
        let area = |polygon: u32| areas[polygon as usize];
        let smaller = |best: Option<u32>, polygon: u32| match best {
            Some(best) if area(best) <= area(polygon) => Some(best),
            _ => Some(polygon),
        };
        near.map(|pair| pair.1)
            .fold(None, smaller)
            .map_or(-1, i64::from)
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    /// Regular polygons of `corners` corners each.
    fn wheels(count: usize, corners: usize) -> (Vec<[f64; 2]>, Vec<usize>) {
        let mut all = vec![];
        for i in 0..count {
            let (x, y, r) = (
                (i * 37 % 100) as f64,
                (i * 61 % 100) as f64,
                3.0 + (i % 7) as f64,
            );
            for j in 0..corners {
                let angle = j as f64 / corners as f64 * std::f64::consts::TAU;
                all.push([x + r * angle.cos(), y + r * angle.sin()]);
            }
        }
        (all, (0..=count).map(|i| i * corners).collect())
    }

    fn points() -> Vec<f64> {
        (0..2000)
            .map(|i| ((i * 7919) % 10_007) as f64 / 100.0)
            .collect()
    }

    /// Even-odd, without any care for edges.
    fn naive(point: &[f64], corners: &[[f64; 2]]) -> bool {
        let count = corners.len();
        let at = |i: usize| (corners[i % count][0], corners[i % count][1]);
        (0..count)
            .filter(|i| {
                let ((x1, y1), (x2, y2)) = (at(*i), at(i + 1));
                (y1 > point[1]) != (y2 > point[1])
                    && point[0] < (x2 - x1) * (point[1] - y1) / (y2 - y1) + x1
            })
            .count()
            % 2
            == 1
    }

    #[test]
    fn finds_what_looking_at_all_finds() {
        let values = points();
        let points = Points::new("points", &values, 2, &Watch::new()).unwrap();
        for corners in [3, 10, 200] {
            let (all, offsets) = wheels(60, corners);
            let polygons = Polygons::new(&all, &offsets, &Watch::new()).unwrap();
            let mut expected = vec![];
            for (i, point) in values.chunks(2).enumerate() {
                for j in 0..60 {
                    if naive(point, &all[corners * j..corners * (j + 1)]) {
                        expected.push((i as u32, j as u32));
                    }
                }
            }
            assert!(expected.len() > 100);
            for threads in [1, 3] {
                let run = || points_in_polygons(points, polygons, &Watch::new()).unwrap();
                assert_eq!(pool::with_threads(threads, run).unwrap(), expected);
            }
        }
    }

    #[test]
    fn edges_and_corners_are_outside_for_few_corners_and_many() {
        for extra in [0, 100] {
            // A square whose lower edge has many more corners.
            let mut corners = vec![[0.0, 0.0]];
            corners.extend((1..=extra).map(|i| [f64::from(i) / 101.0 * 4.0, 0.0]));
            corners.extend([[4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]);
            let offsets = [0, corners.len()];
            let polygons = Polygons::new(&corners, &offsets, &Watch::new()).unwrap();
            let inside = [[2.0, 2.0], [1e-9, 1.0], [3.999_999, 3.999_999], [2.0, 1e-9]];
            let edges = [
                [0.0, 0.0],
                [2.0, 0.0],
                [4.0, 4.0],
                [0.0, 1.0],
                [4.0, 3.0],
                [1.5, 4.0],
                [4.0 / 101.0, 0.0],
            ];
            let beside = [
                [-1.0, 0.0],
                [5.0, 0.0],
                [2.0, -1e-9],
                [4.000_001, 4.0],
                [-3.0, 4.0],
                [9.0, 4.0],
            ];
            let outside = [&edges[..], &beside[..]].concat();
            let all = [&inside[..], &outside[..]].concat();
            let points = Points::new("points", all.as_flattened(), 2, &Watch::new()).unwrap();
            let got = points_in_polygons(points, polygons, &Watch::new()).unwrap();
            let expected: Vec<_> = (0..inside.len() as u32).map(|i| (i, 0)).collect();
            assert_eq!(got, expected, "{extra}");
        }
    }

    #[test]
    fn close_ones_and_the_smallest_of_them() {
        let (all, offsets) = wheels(80, 10);
        let polygons = Polygons::new(&all, &offsets, &Watch::new()).unwrap();
        let values = points();
        let points = Points::new("points", &values, 2, &Watch::new()).unwrap();
        let centres = polygons.centres(false, &Watch::new()).unwrap();
        let areas = polygons.areas(&Watch::new()).unwrap();
        let got = smallest_close_polygon(points, polygons, 10.0, false, &Watch::new()).unwrap();
        for (point, got) in values.chunks(2).zip(got) {
            let close =
                |j: &usize| (centres[*j][0] - point[0]).hypot(centres[*j][1] - point[1]) <= 10.0;
            let best = (0..80)
                .filter(close)
                .min_by(|a, b| areas[*a].total_cmp(&areas[*b]));
            assert_eq!(got, best.map_or(-1, |best| best as i64));
        }
        let by_area = polygons.centres(true, &Watch::new()).unwrap();
        assert!(
            centres
                .iter()
                .zip(by_area)
                .all(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9)
        );
        let triangle = Polygons::new(
            &[[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [0.0, 0.0]],
            &[0, 4],
            &Watch::new(),
        )
        .unwrap();
        assert_eq!(
            (
                triangle.areas(&Watch::new()).unwrap()[0],
                triangle.centres(false, &Watch::new()).unwrap()[0]
            ),
            (6.0, [1.0, 4.0 / 3.0])
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let message = |corners: &[[f64; 2]], offsets: &[usize]| {
            Polygons::new(corners, offsets, &Watch::new())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(&[[0.0; 2]; 2], &[0, 2]),
            "polygons: expected at least 3 corners each, got 2 in polygon 0"
        );
        assert_eq!(
            message(&[[f64::NAN; 2]; 3], &[0, 3]),
            "polygons must be finite, not so in polygon 0"
        );
        assert!(Polygons::new(&[], &[0], &Watch::new()).unwrap().is_empty());
        let polygons = Polygons::new(
            &[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]],
            &[0, 3],
            &Watch::new(),
        )
        .unwrap();
        let solid = Points::new("points", &[0.0; 3], 3, &Watch::new()).unwrap();
        let error = points_in_polygons(solid, polygons, &Watch::new())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "points: expected (n, 2), got (n, 3)");
        assert!(close_polygons(solid, polygons, 1.0, false, &Watch::new()).is_err());
    }
}

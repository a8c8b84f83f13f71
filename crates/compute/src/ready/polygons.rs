//! Points in polygons, polygons near points: `geo`'s predicates, `rstar`'s and `kiddo`'s trees.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{Area, Centroid, Contains, Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::Error;
use super::geometry::{self, Points};
use crate::work::Watch;

/// Points that one task looks at.
const BLOCK: usize = 512;

/// From so many corners on, a polygon's edges get a tree of their own.
const MANY: usize = 48;

/// Polygons without holes, each a ring of corners; the last need not repeat the first.
#[derive(Debug)]
pub struct Polygons {
    rings: Vec<LineString<f64>>,
}

impl Polygons {
    /// Polygons whose corners are `corners[offsets[i]..offsets[i + 1]]`, two numbers for each.
    ///
    /// # Errors
    /// When a polygon has less than three corners, or one that is not finite.
    pub fn new(corners: &[f64], offsets: &[usize]) -> Result<Self, Error> {
        let wrong = |expected: &str, got: String| Error::Shape {
            what: "polygons",
            expected: expected.into(),
            got,
        };
        let rings = offsets
            .par_windows(2)
            .with_min_len(64)
            .enumerate()
            .map(|(place, ends)| {
                let corners = corners.get(2 * ends[0]..2 * ends[1]).unwrap_or(&[]);
                if corners.len() < 6 {
                    let got = format!("{} in polygon {place}", corners.len() / 2);
                    return Err(wrong("at least 3 corners each", got));
                }
                if corners.iter().any(|value| !value.is_finite()) {
                    return Err(Error::value(
                        "polygons",
                        "finite",
                        format!("so in polygon {place}"),
                    ));
                }
                let (pairs, _) = corners.as_chunks::<2>();
                let mut ring = Vec::with_capacity(pairs.len() + 1);
                ring.extend(pairs.iter().map(|[x, y]| Coord { x: *x, y: *y }));
                if ring[0] != ring[ring.len() - 1] {
                    ring.push(ring[0]);
                }
                Ok(LineString(ring))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if u32::try_from(rings.len()).is_err() {
            return Err(Error::value("polygons", "less than 2**32", rings.len()));
        }
        Ok(Self { rings })
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rings.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// The area of each.
    #[must_use]
    pub fn areas(&self) -> Vec<f64> {
        self.rings
            .par_iter()
            .with_min_len(256)
            .map(|ring| polygon(ring).unsigned_area())
            .collect()
    }

    /// The centre of each: the mean of its corners, or the centre of its area.
    #[must_use]
    pub fn centres(&self, of_area: bool) -> Vec<[f64; 2]> {
        let mean = |ring: &LineString<f64>| {
            let corners = &ring.0[..ring.0.len() - 1];
            let sum = corners
                .iter()
                .fold(Coord { x: 0.0, y: 0.0 }, |sum, corner| sum + *corner);
            [sum.x / corners.len() as f64, sum.y / corners.len() as f64]
        };
        let centre = |ring: &LineString<f64>| {
            let centroid = if of_area {
                polygon(ring).centroid()
            } else {
                None
            };
            centroid.map_or_else(|| mean(ring), |point| [point.x(), point.y()])
        };
        self.rings
            .par_iter()
            .with_min_len(256)
            .map(centre)
            .collect()
    }
}

fn polygon(ring: &LineString<f64>) -> Polygon<f64> {
    Polygon::new(ring.clone(), vec![])
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
enum Inside<'a> {
    Ring(&'a LineString<f64>),
    Tree(Box<IntervalTreeMultiPolygon<f64>>),
}

impl Inside<'_> {
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
    polygons: &Polygons,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    let points = flat(points)?;
    watch.check()?;
    let boxes = polygons.rings.iter().enumerate().map(|(place, ring)| {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for corner in &ring.0 {
            low = [low[0].min(corner.x), low[1].min(corner.y)];
            high = [high[0].max(corner.x), high[1].max(corner.y)];
        }
        GeomWithData::new(
            Rectangle::from_aabb(AABB::from_corners(low, high)),
            place as u32,
        )
    });
    let tree = RTree::bulk_load(boxes.collect());
    let inside: Vec<Inside<'_>> = polygons
        .rings
        .par_iter()
        .with_min_len(64)
        .map(|ring| {
            if ring.0.len() < MANY {
                return Inside::Ring(ring);
            }
            Inside::Tree(Box::new(IntervalTreeMultiPolygon::new(&MultiPolygon(
                vec![polygon(ring)],
            ))))
        })
        .collect();
    watch.expect(points.len() as u64);
    let blocks: Vec<Vec<(u32, u32)>> = points
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(block, points)| {
            let mut found = Vec::new();
            for (place, point) in points.iter().enumerate() {
                let start = found.len();
                for candidate in tree.locate_all_at_point(*point) {
                    if inside[candidate.data as usize].has(Coord {
                        x: point[0],
                        y: point[1],
                    }) {
                        found.push(((block * BLOCK + place) as u32, candidate.data));
                    }
                }
                found[start..].sort_unstable();
            }
            watch.advance(points.len() as u64)?;
            Ok::<_, Error>(found)
        })
        .collect::<Result<_, _>>()?;
    Ok(blocks.concat())
}

/// All pairs of a point and a polygon whose centre is no farther than `radius` from it.
///
/// # Errors
/// When the points are not of two dimensions or `radius` is no distance; or when cancelled.
pub fn close_polygons(
    points: Points<'_>,
    polygons: &Polygons,
    radius: f64,
    of_area: bool,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    flat(points)?;
    let centres = polygons.centres(of_area);
    let centres = Points::new("the polygons' centres", centres.as_flattened(), 2)?;
    geometry::within(centres, points, radius, watch)
}

/// For each point the polygon of the smallest area among those whose centre is no farther than
/// `radius` from it (of equal areas the first), or -1.
///
/// # Errors
/// As [`close_polygons`].
pub fn smallest_close_polygon(
    points: Points<'_>,
    polygons: &Polygons,
    radius: f64,
    of_area: bool,
    watch: &Watch,
) -> Result<Vec<i64>, Error> {
    let pairs = close_polygons(points, polygons, radius, of_area, watch)?;
    let areas = polygons.areas();
    let mut best = vec![-1_i64; points.len()];
    for (point, polygon) in pairs {
        let best = &mut best[point as usize];
        if usize::try_from(*best).map_or(true, |best| areas[polygon as usize] < areas[best]) {
            *best = i64::from(polygon);
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    /// Regular polygons of `corners` corners each.
    fn wheels(count: usize, corners: usize) -> (Vec<f64>, Vec<usize>) {
        let mut all = vec![];
        for i in 0..count {
            let (x, y, r) = (
                (i * 37 % 100) as f64,
                (i * 61 % 100) as f64,
                3.0 + (i % 7) as f64,
            );
            for j in 0..corners {
                let angle = j as f64 / corners as f64 * std::f64::consts::TAU;
                all.extend([x + r * angle.cos(), y + r * angle.sin()]);
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
    fn naive(point: &[f64], corners: &[f64]) -> bool {
        let count = corners.len() / 2;
        let at = |i: usize| (corners[2 * (i % count)], corners[2 * (i % count) + 1]);
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
        let points = Points::new("points", &values, 2).unwrap();
        for corners in [3, 10, 200] {
            let (all, offsets) = wheels(60, corners);
            let polygons = Polygons::new(&all, &offsets).unwrap();
            let mut expected = vec![];
            for (i, point) in values.chunks(2).enumerate() {
                for j in 0..60 {
                    if naive(point, &all[2 * corners * j..2 * corners * (j + 1)]) {
                        expected.push((i as u32, j as u32));
                    }
                }
            }
            assert!(expected.len() > 100);
            for threads in [1, 3] {
                let run = || points_in_polygons(points, &polygons, &Watch::new()).unwrap();
                assert_eq!(pool::with_threads(threads, run).unwrap(), expected);
            }
        }
    }

    #[test]
    fn edges_and_corners_are_outside_for_few_corners_and_many() {
        for extra in [0, 100] {
            // A square whose lower edge has many more corners.
            let mut corners = vec![0.0, 0.0];
            corners.extend((1..=extra).flat_map(|i| [f64::from(i) / 101.0 * 4.0, 0.0]));
            corners.extend([4.0, 0.0, 4.0, 4.0, 0.0, 4.0]);
            let polygons = Polygons::new(&corners, &[0, corners.len() / 2]).unwrap();
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
            let points = Points::new("points", all.as_flattened(), 2).unwrap();
            let got = points_in_polygons(points, &polygons, &Watch::new()).unwrap();
            let expected: Vec<_> = (0..inside.len() as u32).map(|i| (i, 0)).collect();
            assert_eq!(got, expected, "{extra}");
        }
    }

    #[test]
    fn close_ones_and_the_smallest_of_them() {
        let (all, offsets) = wheels(80, 10);
        let polygons = Polygons::new(&all, &offsets).unwrap();
        let values = points();
        let points = Points::new("points", &values, 2).unwrap();
        let centres = polygons.centres(false);
        let areas = polygons.areas();
        let got = smallest_close_polygon(points, &polygons, 10.0, false, &Watch::new()).unwrap();
        for (point, got) in values.chunks(2).zip(got) {
            let close =
                |j: &usize| (centres[*j][0] - point[0]).hypot(centres[*j][1] - point[1]) <= 10.0;
            let best = (0..80)
                .filter(close)
                .min_by(|a, b| areas[*a].total_cmp(&areas[*b]));
            assert_eq!(got, best.map_or(-1, |best| best as i64));
        }
        let by_area = polygons.centres(true);
        assert!(
            centres
                .iter()
                .zip(by_area)
                .all(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9)
        );
        let triangle = Polygons::new(&[0.0, 0.0, 3.0, 0.0, 0.0, 4.0, 0.0, 0.0], &[0, 4]).unwrap();
        assert_eq!(
            (triangle.areas()[0], triangle.centres(false)[0]),
            (6.0, [1.0, 4.0 / 3.0])
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let message = |corners: &[f64], offsets: &[usize]| {
            Polygons::new(corners, offsets).unwrap_err().to_string()
        };
        assert_eq!(
            message(&[0.0; 4], &[0, 2]),
            "polygons: expected at least 3 corners each, got 2 in polygon 0"
        );
        assert_eq!(
            message(&[f64::NAN; 6], &[0, 3]),
            "polygons must be finite, not so in polygon 0"
        );
        assert!(Polygons::new(&[], &[0]).unwrap().is_empty());
        let polygons = Polygons::new(&[0.0, 0.0, 1.0, 0.0, 0.0, 1.0], &[0, 3]).unwrap();
        let solid = Points::new("points", &[0.0; 3], 3).unwrap();
        let error = points_in_polygons(solid, &polygons, &Watch::new())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "points: expected (n, 2), got (n, 3)");
        assert!(close_polygons(solid, &polygons, 1.0, false, &Watch::new()).is_err());
    }
}

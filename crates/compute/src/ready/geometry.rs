//! Nearest points, and points within a distance: `kiddo`'s k-d tree.

use std::num::NonZeroUsize;

use kiddo::{ImmutableKdTree, SquaredEuclidean};

use super::{Error, blocks};
use crate::work::{Cancelled, Watch};

/// Queries that one task answers.
const BLOCK: usize = 256;

/// Numbers that one task checks.
const VALUES: usize = 1 << 16;

/// Points of a tree between two words about how far it is.
const STEP: usize = 256;

/// Up to so many pairs of a point and a query are all looked at.
pub const FEW: usize = 1 << 18;

/// Dimensions that there are trees for; others take the next, with zeros.
const DIMENSIONS: [usize; 3] = [2, 3, 8];

/// Points in a row: `dimensions` numbers for each.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    values: &'a [f64],
    dimensions: usize,
}

impl<'a> Points<'a> {
    /// Points of so many dimensions, checked.
    ///
    /// # Errors
    /// When there are more than 8 dimensions or none, more than 2^32 points, or one that is not finite; or when
    /// cancelled.
    pub fn new(
        what: &'static str,
        values: &'a [f64],
        dimensions: usize,
        watch: &Watch,
    ) -> Result<Self, Error> {
        if dimensions == 0
            || dimensions > DIMENSIONS[DIMENSIONS.len() - 1]
            || !values.len().is_multiple_of(dimensions)
        {
            let got = format!("{} numbers in rows of {dimensions}", values.len());
            return Err(Error::Shape {
                what,
                expected: "(n, d) with d from 1 to 8".into(),
                got,
            });
        }
        if u32::try_from(values.len() / dimensions).is_err() {
            return Err(Error::value(
                what,
                "less than 2**32 points",
                values.len() / dimensions,
            ));
        }
        // The tree takes the largest number for "no point".
        watch.part(0.02);
        let wrong = blocks::map(values.len().div_ceil(VALUES), watch, |block| {
            let values = &values[block * VALUES..values.len().min((block + 1) * VALUES)];
            let no_point = |value: &&f64| !value.is_finite() || **value == f64::MAX;
            values.iter().find(no_point).copied()
        })?;
        if let Some(wrong) = wrong.into_iter().flatten().next() {
            return Err(Error::value(what, "finite", wrong));
        }
        Ok(Self { values, dimensions })
    }

    /// How many points.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len() / self.dimensions
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many dimensions.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// All coordinates, point after point.
    #[must_use]
    pub const fn values(&self) -> &'a [f64] {
        self.values
    }

    fn rows<const K: usize>(&self, watch: &Watch) -> Result<Vec<[f64; K]>, Cancelled> {
        blocks::build(self.len(), 1 << 12, watch, |place| {
            let mut point = [0.0; K];
            let row = &self.values[place * self.dimensions..][..self.dimensions];
            point[..row.len()].copy_from_slice(row);
            point
        })
    }
}

/// The nearest points to each query: distances and indices, `count` for each, nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Euclidean distances; infinite where there are not enough points.
    pub distances: Vec<f64>,
    /// Which points; the number of points where there are not enough.
    pub indices: Vec<i64>,
}

/// The `count` nearest of `points` to each of `queries`, no farther than `most`.
///
/// # Errors
/// When the dimensions differ, `count` is 0 or `most` is no distance; or when cancelled.
pub fn nearest(
    points: Points<'_>,
    queries: Points<'_>,
    count: usize,
    most: f64,
    watch: &Watch,
) -> Result<Nearest, Error> {
    alike(points, queries)?;
    if most.is_nan() || most < 0.0 {
        return Err(Error::value("max_distance", "0 or more", most));
    }
    let Some(count) = NonZeroUsize::new(count) else {
        return Err(Error::value("k", "at least 1", 0));
    };
    let size = queries
        .len()
        .checked_mul(count.get())
        .filter(|size| *size <= isize::MAX as usize / 16);
    let Some(size) = size else {
        return Err(Error::value(
            "k",
            "such that the answer fits into memory",
            count,
        ));
    };
    // No point has more neighbours than there are points.
    let missing = i64::try_from(points.len()).unwrap_or(i64::MAX);
    watch.part(0.04);
    let mut found = Nearest {
        distances: blocks::build(size, VALUES, watch, |_| f64::INFINITY)?,
        indices: blocks::build(size, VALUES, watch, |_| missing)?,
    };
    match points.dimensions {
        _ if points.is_empty() => {}
        1 | 2 => fill::<2>(points, queries, count, most, &mut found, watch)?,
        3 => fill::<3>(points, queries, count, most, &mut found, watch)?,
        _ => fill::<8>(points, queries, count, most, &mut found, watch)?,
    }
    Ok(found)
}

fn alike(points: Points<'_>, queries: Points<'_>) -> Result<(), Error> {
    if points.dimensions == queries.dimensions {
        return Ok(());
    }
    let expected = format!("(n, {}) as points have", points.dimensions);
    Err(Error::Shape {
        what: "queries",
        expected,
        got: format!("(n, {})", queries.dimensions),
    })
}

/// The tree of points, and the queries.
type Prepared<const K: usize> = (ImmutableKdTree<f64, K>, Vec<[f64; K]>);

fn prepared<const K: usize>(
    points: Points<'_>,
    queries: Points<'_>,
    watch: &Watch,
) -> Result<Prepared<K>, Error> {
    watch.part(0.05);
    let queries = queries.rows::<K>(watch)?;
    let points = points.rows::<K>(watch)?;
    watch.part(0.3);
    watch.expect(points.len() as u64);
    let axis = |point: &[f64; K], axis: usize| {
        watch.leave_if_cancelled();
        point[axis]
    };
    // Asked for once for each point, leaf after leaf.
    let item = |place: usize, _: &[f64; K]| {
        if place.is_multiple_of(STEP) {
            // Whether to go on is asked above.
            let _ = watch.advance(STEP as u64);
        }
        place as u32
    };
    let tree = watch
        .leaving(|| ImmutableKdTree::new_from_source(&points, axis, item))?
        .map_err(|error| Error::value("points", "such that a tree can hold them", error))?;
    watch.part(0.55);
    Ok((tree, queries))
}

fn fill<const K: usize>(
    points: Points<'_>,
    queries: Points<'_>,
    count: NonZeroUsize,
    most: f64,
    found: &mut Nearest,
    watch: &Watch,
) -> Result<(), Error> {
    let (tree, queries) = prepared::<K>(points, queries, watch)?;
    let (all_distances, all_indices) = (
        blocks::Parts::new(&mut found.distances),
        blocks::Parts::new(&mut found.indices),
    );
    // Of many neighbours, fewer queries in a task.
    let block = (BLOCK / count).max(1);
    blocks::each(queries.len().div_ceil(block), watch, &|task| {
        let start = task * block;
        let queries = &queries[start..queries.len().min(start + block)];
        let (start, length) = (start * count.get(), queries.len() * count.get());
        // SAFETY: queries of different tasks have answers of their own, and each task comes once.
        let (distances, indices) = unsafe {
            (
                all_distances.of(start, length),
                all_indices.of(start, length),
            )
        };
        let answers = distances
            .chunks_mut(count.get())
            .zip(indices.chunks_mut(count.get()));
        for (query, (distances, indices)) in queries.iter().zip(answers) {
            if count.get() == 1 {
                let best = tree
                    .query(query)
                    .nearest_one::<SquaredEuclidean<f64>>()
                    .execute();
                (distances[0], indices[0]) = (best.distance, i64::from(best.item));
            } else {
                let mut best = tree
                    .query(query)
                    .nearest_n::<SquaredEuclidean<f64>>(count)
                    .execute();
                best.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.item.cmp(&b.item)));
                for (place, best) in best.iter().enumerate() {
                    (distances[place], indices[place]) = (best.distance, i64::from(best.item));
                }
            }
            for (distance, index) in distances.iter_mut().zip(indices) {
                *distance = distance.sqrt();
                if *distance > most {
                    (*distance, *index) = (f64::INFINITY, points.len() as i64);
                }
            }
        }
    })?;
    Ok(())
}

/// All pairs of a query and a point that are no farther apart than `radius`: by query, then point.
///
/// # Errors
/// When the dimensions differ or `radius` is no distance; or when cancelled.
pub fn within(
    points: Points<'_>,
    queries: Points<'_>,
    radius: f64,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    alike(points, queries)?;
    if radius.is_nan() || radius < 0.0 {
        return Err(Error::value("radius", "0 or more", radius));
    }
    match points.dimensions {
        _ if points.is_empty() => Ok(vec![]),
        2 if points.len() * queries.len() <= FEW => Ok(few_pairs(points, queries, radius)),
        1 | 2 => pairs::<2>(points, queries, radius, watch),
        3 => pairs::<3>(points, queries, radius, watch),
        _ => pairs::<8>(points, queries, radius, watch),
    }
}

/// Looks at all: faster than making a tree.
fn few_pairs(points: Points<'_>, queries: Points<'_>, radius: f64) -> Vec<(u32, u32)> {
    let (points, _) = points.values.as_chunks::<2>();
    let (queries, _) = queries.values.as_chunks::<2>();
    let mut found = Vec::new();
    for (place, [x, y]) in queries.iter().enumerate() {
        // Eight at a time: seldom is one of them near.
        for (block, points) in points.chunks(8).enumerate() {
            let squares = points
                .iter()
                .map(|point| (point[0] - x) * (point[0] - x) + (point[1] - y) * (point[1] - y));
            let mut distances = [f64::NAN; 8];
            distances
                .iter_mut()
                .zip(squares)
                .for_each(|(distance, square)| *distance = square.sqrt());
            if distances.iter().any(|distance| *distance <= radius) {
                let near = distances
                    .iter()
                    .enumerate()
                    .filter(|(_, distance)| **distance <= radius);
                found.extend(near.map(|(near, _)| (place as u32, (block * 8 + near) as u32)));
            }
        }
    }
    found
}

fn pairs<const K: usize>(
    points: Points<'_>,
    queries: Points<'_>,
    radius: f64,
    watch: &Watch,
) -> Result<Vec<(u32, u32)>, Error> {
    let (tree, queries) = prepared::<K>(points, queries, watch)?;
    // A little more than asked for: squares round. The distance itself decides.
    let around = radius * radius * (1.0 + 1e-12) + f64::MIN_POSITIVE;
    let blocks = blocks::try_map(queries.len().div_ceil(BLOCK), watch, |block| {
        let mut found = Vec::new();
        for (place, query) in queries.iter().enumerate().skip(block * BLOCK).take(BLOCK) {
            // One query may have very many neighbours.
            watch.check()?;
            let near = tree
                .query(query)
                .within::<SquaredEuclidean<f64>>(around)
                .unsorted()
                .execute();
            let start = found.len();
            let near = near
                .into_iter()
                .filter(|near| near.distance.sqrt() <= radius);
            found.extend(near.map(|near| (place as u32, near.item)));
            found[start..].sort_unstable();
        }
        Ok::<_, Error>(found)
    })?;
    Ok(blocks::concat(&blocks, watch)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    fn numbers(count: usize, seed: usize) -> Vec<f64> {
        (0..count)
            .map(|i| (((i + seed) * 7919) % 10_007) as f64 / 97.0)
            .collect()
    }

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f64>()
            .sqrt()
    }

    #[test]
    fn finds_what_looking_at_all_finds() {
        for dimensions in 1..=8 {
            let (points, queries) = (numbers(500 * dimensions, 1), numbers(70 * dimensions, 4));
            let (a, b) = (
                Points::new("points", &points, dimensions, &Watch::new()).unwrap(),
                Points::new("queries", &queries, dimensions, &Watch::new()).unwrap(),
            );
            for count in [1, 4] {
                let run = || nearest(a, b, count, f64::INFINITY, &Watch::new()).unwrap();
                let got = pool::with_threads(1, run).unwrap();
                assert_eq!(got, pool::with_threads(3, run).unwrap());
                for (place, query) in queries.chunks(dimensions).enumerate() {
                    let mut all: Vec<f64> = points
                        .chunks(dimensions)
                        .map(|point| distance(point, query))
                        .collect();
                    for near in 0..count {
                        let index = got.indices[place * count + near] as usize;
                        assert!((all[index] - got.distances[place * count + near]).abs() < 1e-12);
                    }
                    all.sort_by(f64::total_cmp);
                    let got = &got.distances[place * count..][..count];
                    assert!(
                        all.iter()
                            .zip(got)
                            .all(|(all, got)| (all - got).abs() < 1e-12)
                    );
                }
            }
            let radius = 9.0 * dimensions as f64;
            let mut naive = vec![];
            for (i, query) in queries.chunks(dimensions).enumerate() {
                for (j, point) in points.chunks(dimensions).enumerate() {
                    if distance(query, point) <= radius {
                        naive.push((i as u32, j as u32));
                    }
                }
            }
            assert!(!naive.is_empty());
            assert_eq!(within(a, b, radius, &Watch::new()).unwrap(), naive);
            if dimensions == 2 {
                // With so few, `within` makes no tree.
                assert_eq!(pairs::<2>(a, b, radius, &Watch::new()).unwrap(), naive);
            }
        }
    }

    #[test]
    fn many_points_in_one_place_and_too_few_points() {
        let same = vec![1.5; 2 * 5000];
        let points = Points::new("points", &same, 2, &Watch::new()).unwrap();
        let query = Points::new("queries", &[1.5, 2.5], 2, &Watch::new()).unwrap();
        let got = nearest(points, query, 3, 2.0, &Watch::new()).unwrap();
        assert_eq!(got.distances, [1.0; 3]);
        assert_eq!(
            within(points, query, 1.0, &Watch::new()).unwrap().len(),
            5000
        );
        assert_eq!(
            nearest(points, query, 1, 0.5, &Watch::new())
                .unwrap()
                .indices,
            [5000]
        );
        let one = Points::new("points", &[0.0, 0.0], 2, &Watch::new()).unwrap();
        let got = nearest(one, query, 2, f64::INFINITY, &Watch::new()).unwrap();
        assert_eq!((got.indices, got.distances[1]), (vec![0, 1], f64::INFINITY));
        let none = Points::new("points", &[], 2, &Watch::new()).unwrap();
        assert_eq!(
            nearest(none, query, 1, 1.0, &Watch::new()).unwrap().indices,
            [0]
        );
        assert!(within(none, query, 1.0, &Watch::new()).unwrap().is_empty());
        assert!(
            nearest(points, none, 1, 1.0, &Watch::new())
                .unwrap()
                .indices
                .is_empty()
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let message = |error: Error| error.to_string();
        assert_eq!(
            message(Points::new("points", &[f64::NAN], 1, &Watch::new()).unwrap_err()),
            "points must be finite, not NaN"
        );
        assert!(
            message(Points::new("points", &[0.0; 9], 9, &Watch::new()).unwrap_err())
                .contains("d from 1 to 8")
        );
        let (a, b) = (
            Points::new("p", &[0.0; 4], 2, &Watch::new()).unwrap(),
            Points::new("q", &[0.0; 3], 3, &Watch::new()).unwrap(),
        );
        let watch = Watch::new();
        assert_eq!(
            message(nearest(a, b, 1, 1.0, &watch).unwrap_err()),
            "queries: expected (n, 2) as points have, got (n, 3)"
        );
        assert!(nearest(a, a, 0, 1.0, &watch).is_err() && nearest(a, a, 1, -1.0, &watch).is_err());
        assert!(
            nearest(a, a, usize::MAX, 1.0, &watch).is_err()
                && within(a, a, f64::NAN, &watch).is_err()
        );
        watch.cancel();
        assert!(matches!(
            nearest(a, a, 1, 1.0, &watch),
            Err(Error::Cancelled(_))
        ));
    }
}

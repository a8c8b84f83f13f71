//! Histograms, as `numpy.histogram` counts: bins are half open, the last one is closed.

use super::Error;
use super::blocks;
use super::key::Key;
use crate::work::Watch;

/// So many elements between two looks at the watch.
const BLOCK: usize = 1 << 16;

/// Lowest and highest of the numbers; 0 and 1 if there are none.
///
/// # Errors
/// When a number is NaN or infinite (there is no range then), or when cancelled.
pub fn range<T: Key>(values: &[T], watch: &Watch) -> Result<(f64, f64), Error> {
    let of = |block: &[T]| {
        let mut ends = [(f64::INFINITY, f64::NEG_INFINITY); 4];
        let mut finite = true;
        let (parts, rest) = block.as_chunks::<4>();
        for part in parts {
            for lane in 0..4 {
                let value = part[lane].float();
                let (low, high) = ends[lane];
                ends[lane] = (
                    if value < low { value } else { low },
                    if value > high { value } else { high },
                );
                finite &= value.abs() < f64::INFINITY;
            }
        }
        for value in rest {
            let value = value.float();
            ends[0] = (ends[0].0.min(value), ends[0].1.max(value));
            finite &= value.abs() < f64::INFINITY;
        }
        let end = ends
            .iter()
            .fold(ends[0], |a, b| (a.0.min(b.0), a.1.max(b.1)));
        (end.0, end.1, finite)
    };
    watch.part(0.3);
    let none = (f64::INFINITY, f64::NEG_INFINITY, true);
    let both = |a: (f64, f64, bool), b: (f64, f64, bool)| (a.0.min(b.0), a.1.max(b.1), a.2 && b.2);
    let ends = blocks::map(values.len().div_ceil(BLOCK), watch, |place| {
        of(block(values, place, BLOCK))
    })?;
    let (low, high, finite) = ends.into_iter().fold(none, both);
    if !finite {
        return Err(Error::value(
            "values",
            "finite where no range is given",
            "NaN or infinite",
        ));
    }
    Ok(if low > high { (0.0, 1.0) } else { (low, high) })
}

/// `bins + 1` edges from `low` to `high`, as `numpy.linspace` puts them; equal ends are moved apart by
/// a half each.
///
/// # Errors
/// When there are no bins, or the ends are not finite or not in order; or when cancelled.
pub fn edges(bins: usize, low: f64, high: f64, watch: &Watch) -> Result<Vec<f64>, Error> {
    const MOST: usize = 1 << 28;
    if bins == 0 || bins > MOST {
        return Err(Error::value("bins", "from 1 to 2**28", bins));
    }
    if !low.is_finite() || !high.is_finite() || low > high {
        return Err(Error::value(
            "range",
            "two finite numbers, the lower first",
            format!("({low}, {high})"),
        ));
    }
    let (low, high) = if low == high {
        (low - 0.5, high + 0.5)
    } else {
        (low, high)
    };
    let step = (high - low) / bins as f64;
    let edge = |place: usize| {
        if place == bins {
            high
        } else {
            place as f64 * step + low
        }
    };
    Ok(blocks::build(bins + 1, BLOCK, watch, edge)?)
}

/// How many numbers lie in each bin between equally spaced `edges` (as [`edges`] makes them).
///
/// # Errors
/// When cancelled.
pub fn uniform<T: Key>(values: &[T], edges: &[f64], watch: &Watch) -> Result<Vec<u64>, Error> {
    let bins = edges.len() - 1;
    let (low, high) = (edges[0], edges[bins]);
    // Near enough; the edges have the last word.
    let scale = bins as f64 / (high - low);
    let place = |value: f64| {
        if !(low <= value && value <= high) {
            return None;
        }
        let mut place = (((value - low) * scale) as usize).min(bins - 1);
        while value < edges[place] {
            place -= 1;
        }
        while place + 1 < bins && value >= edges[place + 1] {
            place += 1;
        }
        Some(place)
    };
    count(values, bins, place, watch)
}

/// How many numbers lie in each bin between `edges` of any kind.
///
/// # Errors
/// When there are less than two edges or they do not ascend, or when cancelled.
pub fn between<T: Key>(values: &[T], edges: &[f64], watch: &Watch) -> Result<Vec<u64>, Error> {
    if edges.len() < 2 {
        return Err(Error::value("bins", "at least two edges", edges.len()));
    }
    if edges.iter().any(|edge| edge.is_nan()) || !edges.is_sorted() {
        return Err(Error::value("bins", "edges that ascend", "others"));
    }
    let bins = edges.len() - 1;
    let place = |value: f64| {
        if value == edges[bins] {
            return Some(bins - 1);
        }
        (edges[0] <= value && value < edges[bins])
            .then(|| edges.partition_point(|edge| *edge <= value) - 1)
    };
    count(values, bins, place, watch)
}

fn count<T: Key>(
    values: &[T],
    bins: usize,
    place: impl Fn(f64) -> Option<usize> + Sync,
    watch: &Watch,
) -> Result<Vec<u64>, Error> {
    watch.part(0.7);
    // Each task has counters of its own, so many bins make few tasks.
    let task = values
        .len()
        .div_ceil(8 * blocks::threads())
        .max(BLOCK)
        .max(bins * 4);
    let counts = blocks::try_map(values.len().div_ceil(task), watch, |number| {
        let mut counts = vec![0_u64; bins];
        for part in block(values, number, task).chunks(BLOCK) {
            watch.check()?;
            for value in part {
                if let Some(place) = place(value.float()) {
                    counts[place] += 1;
                }
            }
        }
        Ok::<_, Error>(counts)
    })?;
    let all = |bin: usize| counts.iter().map(|counts| counts[bin]).sum();
    Ok(blocks::build(bins, BLOCK, watch, all)?)
}

fn block<T>(values: &[T], number: usize, length: usize) -> &[T] {
    &values[number * length..values.len().min((number + 1) * length)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pool;

    fn naive(values: &[f64], edges: &[f64]) -> Vec<u64> {
        let bins = edges.len() - 1;
        (0..bins)
            .map(|bin| {
                let last = bin + 1 == bins;
                let inside = |v: &&f64| {
                    **v >= edges[bin] && (**v < edges[bin + 1] || last && **v == edges[bin + 1])
                };
                values.iter().filter(inside).count() as u64
            })
            .collect()
    }

    proptest! {
        #[test]
        fn counts_what_lies_between_edges(
            values in prop::collection::vec(-100_i32..100, 1..400),
            bins in 1_usize..40,
        ) {
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value) / 10.0).collect();
            let watch = Watch::new();
            let (low, high) = range(&values, &watch).unwrap();
            let edges = edges(bins, low, high, &Watch::new()).unwrap();
            let got = uniform(&values, &edges, &watch).unwrap();
            prop_assert_eq!(&got, &naive(&values, &edges));
            prop_assert_eq!(got.iter().sum::<u64>(), values.len() as u64);
            prop_assert_eq!(between(&values, &edges, &watch).unwrap(), got);
        }
    }

    #[test]
    fn large_ones_are_the_same_on_any_number_of_threads() {
        let values: Vec<f32> = (0..1_000_000_usize)
            .map(|i| ((i * 7919) % 10_007) as f32)
            .collect();
        let edges = edges(1000, 0.0, 9000.0, &Watch::new()).unwrap();
        let count = || uniform(&values, &edges, &Watch::new()).unwrap();
        let alone = pool::with_threads(1, count).unwrap();
        assert_eq!(alone, pool::with_threads(4, count).unwrap());
        assert_eq!(
            alone.iter().sum::<u64>(),
            values.iter().filter(|v| **v <= 9000.0).count() as u64
        );
    }

    #[test]
    fn nothing_and_nonsense() {
        let watch = Watch::new();
        assert_eq!(range::<f64>(&[], &watch).unwrap(), (0.0, 1.0));
        assert!(
            range(&[1.0, f64::NAN], &watch)
                .unwrap_err()
                .to_string()
                .contains("finite where no range")
        );
        assert_eq!(edges(1, 2.0, 2.0, &Watch::new()).unwrap(), [1.5, 2.5]);
        assert_eq!(
            edges(0, 0.0, 1.0, &Watch::new()).unwrap_err().to_string(),
            "bins must be from 1 to 2**28, not 0"
        );
        assert!(
            edges(3, 1.0, 0.0, &Watch::new()).is_err()
                && edges(3, 0.0, f64::INFINITY, &Watch::new()).is_err()
        );
        assert_eq!(
            uniform(&[f64::NAN, 0.5, 7.0], &[0.0, 1.0], &watch).unwrap(),
            [1]
        );
        assert!(
            between(&[1.0], &[1.0], &watch).is_err()
                && between(&[1.0], &[1.0, 0.0], &watch).is_err()
        );
    }
}

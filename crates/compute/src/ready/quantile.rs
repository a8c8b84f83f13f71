//! Quantiles by numpy's "linear" definition (Hyndman and Fan 1996, definition 7), exactly.
//!
//! Nothing is sorted: one pass counts how many keys begin with which 16 bits, a second collects only
//! those among which a wanted rank lies.

use super::Error;
use super::blocks;
use super::key::{Bits, Key};
use crate::work::Watch;

/// So many elements between two looks at the watch.
const BLOCK: usize = 1 << 16;

/// Below this, one thread selects in a copy.
const SMALL: usize = 1 << 15;

/// Quantiles of the numbers, for `at` from 0 to 1; with `omit_nan`, of those that are not NaN.
///
/// All are NaN if one number is NaN, or if there are none.
///
/// # Errors
/// When `at` is not from 0 to 1, or when cancelled.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]
pub fn quantiles<T: Key<Bits: Key<Bits = T::Bits>>>(
    values: &[T],
    at: &[f64],
    omit_nan: bool,
    watch: &Watch,
) -> Result<Vec<f64>, Error> {
    if let Some(wrong) = at.iter().find(|at| !(0.0..=1.0).contains(*at)) {
        return Err(Error::value("q", "from 0 to 1", wrong));
    }
    watch.part(0.2);
    let nans = |number: usize| {
        block(values, number, BLOCK)
            .iter()
            .filter(|value| value.float().is_nan())
            .count()
    };
    let nans: usize = blocks::map(values.len().div_ceil(BLOCK), watch, nans)?
        .iter()
        .sum();
    watch.part(0.8);
    let count = values.len() - nans;
    if count == 0 || nans > 0 && !omit_nan {
        return Ok(vec![f64::NAN; at.len()]);
    }
    // NaN is last in the order, so ranks below `count` never meet one.
    let places: Vec<(usize, f64)> = at
        .iter()
        .map(|at| {
            let place = at * (count - 1) as f64;
            (
                (place.floor() as usize).min(count - 1),
                place - place.floor(),
            )
        })
        .collect();
    let mut ranks: Vec<usize> = places
        .iter()
        .flat_map(|(low, _)| [*low, (low + 1).min(count - 1)])
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    let found = select(values, &ranks, 0, T::Bits::WIDTH, watch)?;
    let at_rank =
        |rank: usize| T::from_key(found[ranks.partition_point(|other| *other < rank)]).float();
    Ok(places
        .iter()
        .map(|(low, part)| between(at_rank(*low), at_rank((low + 1).min(count - 1)), *part))
        .collect())
}

/// As numpy does it: from the nearer end, so that the result is monotonic.
fn between(low: f64, high: f64, part: f64) -> f64 {
    let distance = high - low;
    if low == high {
        low
    } else if part >= 0.5 {
        high - distance * (1.0 - part)
    } else {
        low + distance * part
    }
}

/// The keys that would stand at `ranks` (ascending, distinct) if all were sorted, where `first` is the rank of
/// the lowest; keys are alike but for their lowest `width` bits.
fn select<T: Key<Bits: Key<Bits = T::Bits>>>(
    values: &[T],
    ranks: &[usize],
    first: usize,
    width: u32,
    watch: &Watch,
) -> Result<Vec<T::Bits>, Error> {
    if values.len() <= SMALL {
        let mut keys: Vec<T::Bits> = values.iter().map(|value| value.key()).collect();
        return Ok(within(&mut keys, ranks, first));
    }
    const BEGINNINGS: usize = 1 << 16;
    let shift = width.saturating_sub(16);
    let beginning = |value: &T| (value.key().wide() >> shift) as usize % BEGINNINGS;
    let task = values.len().div_ceil(4 * blocks::threads()).max(BLOCK);
    let counted = blocks::try_map(values.len().div_ceil(task), watch, |number| {
        let mut counts = vec![0_u32; BEGINNINGS];
        for part in block(values, number, task).chunks(BLOCK) {
            watch.check()?;
            for value in part {
                counts[beginning(value)] += 1;
            }
        }
        Ok::<_, Error>(counts)
    })?;
    let mut counts = vec![0_u64; BEGINNINGS];
    for counted in counted {
        counts
            .iter_mut()
            .zip(counted)
            .for_each(|(all, count)| *all += u64::from(count));
    }
    // Which beginnings have a wanted rank, and the rank of their first element.
    let mut wanted = vec![false; BEGINNINGS];
    let mut buckets: Vec<(usize, usize, &[usize])> = vec![];
    let mut before = first;
    let mut next = 0;
    for (start, count) in counts.iter().enumerate() {
        let end = before + *count as usize;
        let last = next + ranks[next..].partition_point(|rank| *rank < end);
        if last > next {
            wanted[start] = true;
            buckets.push((start, before, &ranks[next..last]));
        }
        (before, next) = (end, last);
    }
    // One list for each bucket.
    let places: Vec<usize> = buckets.iter().map(|(start, _, _)| *start).collect();
    let collected = blocks::map(values.len().div_ceil(BLOCK), watch, |number| {
        let mut lists = vec![vec![]; places.len()];
        for value in block(values, number, BLOCK) {
            let beginning = beginning(value);
            if wanted[beginning] {
                lists[places.partition_point(|place| *place < beginning)].push(value.key());
            }
        }
        lists
    })?;
    let mut lists: Vec<Vec<Vec<T::Bits>>> = vec![Vec::with_capacity(collected.len()); places.len()];
    for block in collected {
        lists
            .iter_mut()
            .zip(block)
            .for_each(|(list, part)| list.push(part));
    }
    let mut found = Vec::with_capacity(ranks.len());
    for (list, (_, first, ranks)) in lists.into_iter().zip(buckets) {
        let keys = blocks::concat(&list, watch)?;
        if shift == 0 {
            // All of them are one key.
            found.resize(found.len() + ranks.len(), keys[0]);
        } else {
            found.extend(select(&keys, ranks, first, shift, watch)?);
        }
    }
    Ok(found)
}

fn block<T>(values: &[T], number: usize, length: usize) -> &[T] {
    &values[number * length..values.len().min((number + 1) * length)]
}

/// The keys at `ranks`, which count from `first` on.
fn within<B: Bits>(mut keys: &mut [B], ranks: &[usize], mut first: usize) -> Vec<B> {
    let mut found = Vec::with_capacity(ranks.len());
    for rank in ranks {
        let (_, key, above) = keys.select_nth_unstable(rank - first);
        found.push(*key);
        keys = above;
        first = rank + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pool;

    fn naive(values: &[f64], at: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let place = at * (sorted.len() - 1) as f64;
        let low = place.floor() as usize;
        between(
            sorted[low],
            sorted[(low + 1).min(sorted.len() - 1)],
            place - place.floor(),
        )
    }

    const AT: [f64; 7] = [0.0, 1.0, 0.5, 0.25, 0.99, 0.1, 0.501];

    proptest! {
        #[test]
        fn finds_what_sorting_finds(values in prop::collection::vec(-1e6_f64..1e6, 1..200)) {
            let got = quantiles(&values, &AT, false, &Watch::new()).unwrap();
            let expected: Vec<f64> = AT.iter().map(|at| naive(&values, *at)).collect();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn large_ones_too_on_any_number_of_threads() {
        let spread =
            |i: usize| ((i.wrapping_mul(2_654_435_761)) % 1_000_003) as f64 / 17.0 - 20_000.0;
        let wide: Vec<f64> = (0..300_000).map(spread).collect();
        let equal = vec![7.5; 200_000];
        for values in [wide, equal] {
            let expected: Vec<f64> = AT.iter().map(|at| naive(&values, *at)).collect();
            for threads in [1, 4] {
                let got = pool::with_threads(threads, || {
                    quantiles(&values, &AT, false, &Watch::new()).unwrap()
                });
                assert_eq!(got.unwrap(), expected);
            }
        }
        let bytes: Vec<u8> = (0..100_000_usize).map(|i| (i % 256) as u8).collect();
        let expected = naive(
            &bytes
                .iter()
                .map(|byte| f64::from(*byte))
                .collect::<Vec<_>>(),
            0.3,
        );
        assert_eq!(
            quantiles(&bytes, &[0.3], false, &Watch::new()).unwrap(),
            [expected]
        );
    }

    #[test]
    fn nan_spreads_or_is_left_out() {
        let mut values: Vec<f64> = (0..100_000).map(f64::from).collect();
        values[50] = -f64::NAN;
        assert!(quantiles(&values, &[0.5], false, &Watch::new()).unwrap()[0].is_nan());
        let kept: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .collect();
        assert_eq!(
            quantiles(&values, &[0.5], true, &Watch::new()).unwrap(),
            [naive(&kept, 0.5)]
        );
        assert!(quantiles::<f64>(&[], &[0.5], false, &Watch::new()).unwrap()[0].is_nan());
    }

    #[test]
    fn nonsense_is_refused() {
        let error = quantiles(&[1.0], &[1.5], false, &Watch::new()).unwrap_err();
        assert_eq!(error.to_string(), "q must be from 0 to 1, not 1.5");
    }
}

//! Sorting: values, the order of values, distinct values.
//!
//! Values are sorted as [`Key`]s. Orders are sorted as keys that carry their index, which makes them
//! stable and the same however many threads there are.

use super::Error;
use super::blocks;
use super::integers::sort_integers;
use super::key::{Bits, Key};
use crate::work::Watch;

/// So many elements one thread takes at a time where order does not matter.
pub(crate) const BLOCK: usize = 1 << 15;

/// `values`, sorted; NaN last (first when descending).
///
/// # Errors
/// When cancelled.
pub fn sorted<T: Key>(values: &[T], descending: bool, watch: &Watch) -> Result<Vec<T>, Error> {
    let turn = turn::<T::Bits>(descending);
    sorted_by(
        values,
        |value| turn(value.key()),
        |key| T::from_key(turn(key)),
        watch,
    )
}

/// The key itself, or the one that compares the other way round.
fn turn<B: Bits>(descending: bool) -> impl Fn(B) -> B + Copy {
    move |key| {
        if descending {
            B::narrow(!key.wide())
        } else {
            key
        }
    }
}

/// Sorted by keys that values can be made of.
fn sorted_by<T: Key>(
    values: &[T],
    key: impl Fn(T) -> T::Bits + Sync,
    value: impl Fn(T::Bits) -> T + Sync,
    watch: &Watch,
) -> Result<Vec<T>, Error> {
    watch.check()?;
    if T::Bits::WIDTH <= 16 {
        return counted(values, key, value, watch);
    }
    watch.part(0.05);
    let mut keys = blocks::build(values.len(), BLOCK, watch, |place| key(values[place]))?;
    watch.part(0.9);
    sort_integers(&mut keys, watch)?;
    watch.part(0.05);
    // In the same memory: to get more of it from the system takes longer.
    blocks::fill(&mut keys, BLOCK, watch, |_, part| {
        for place in part {
            let number = value(*place);
            // SAFETY: a number is as large as its key and aligned alike, says `Key`.
            unsafe { std::ptr::from_mut(place).cast::<T>().write(number) };
        }
    })?;
    let mut keys = std::mem::ManuallyDrop::new(keys);
    // SAFETY: as above; all were written.
    Ok(unsafe { Vec::from_raw_parts(keys.as_mut_ptr().cast(), keys.len(), keys.capacity()) })
}

/// Of few different keys: how often each is there says all.
fn counted<T: Key>(
    values: &[T],
    key: impl Fn(T) -> T::Bits + Sync,
    value: impl Fn(T::Bits) -> T + Sync,
    watch: &Watch,
) -> Result<Vec<T>, Error> {
    let different = 1 << T::Bits::WIDTH;
    // Counters of a thread's own take time to be cleared and added.
    let block = values
        .len()
        .div_ceil(4 * blocks::threads())
        .max(4 * different);
    watch.part(0.5);
    let counts = blocks::try_map(values.len().div_ceil(block), watch, |place| {
        let part = &values[place * block..values.len().min((place + 1) * block)];
        // Several, since neighbours are often equal and would wait for each other.
        let mut counts = vec![[0_u64; 4]; different];
        for part in part.chunks(BLOCK) {
            watch.check()?;
            let (fours, rest) = part.as_chunks::<4>();
            for four in fours {
                for lane in 0..4 {
                    counts[index(key(four[lane]).wide())][lane] += 1;
                }
            }
            for value in rest {
                counts[index(key(*value).wide())][0] += 1;
            }
        }
        Ok::<_, Error>(counts)
    })?;
    // Where in the sorted array each ends.
    let mut ends = vec![0_usize; different];
    let mut end = 0;
    for (number, place) in ends.iter_mut().enumerate() {
        let count: u64 = counts.iter().flat_map(|counts| counts[number]).sum();
        end += index(count);
        *place = end;
    }
    watch.part(0.5);
    let mut sorted = vec![value(T::Bits::narrow(0)); values.len()];
    blocks::fill(&mut sorted, BLOCK, watch, |start, mut part| {
        let mut number = ends.partition_point(|end| *end <= start);
        let mut start = start;
        while !part.is_empty() {
            let (same, rest) = part.split_at_mut((ends[number] - start).min(part.len()));
            same.fill(value(T::Bits::narrow(number as u64)));
            start = ends[number];
            (number, part) = (number + 1, rest);
        }
    })?;
    Ok(sorted)
}

/// The indices that sort `values`; equal ones keep their order, also when descending. NaN last (first
/// when descending).
///
/// # Errors
/// When cancelled.
pub fn order<T: Key>(values: &[T], descending: bool, watch: &Watch) -> Result<Vec<u64>, Error> {
    let turn = turn::<T::Bits>(descending);
    order_by(
        values.len(),
        &|place| turn(values[place].key()).wide(),
        watch,
    )
}

/// The indices that sort by the given keys, stable.
///
/// Key and index are packed into one integer, which sorts fast and has no equals: of the key as many leading
/// bits as there is room for. Where those are equal, the whole keys decide.
pub(crate) fn order_by(
    count: usize,
    key: &(dyn Fn(usize) -> u64 + Sync),
    watch: &Watch,
) -> Result<Vec<u64>, Error> {
    watch.part(0.05);
    let ends = blocks::map(count.div_ceil(BLOCK), watch, |block| {
        let places = block * BLOCK..count.min((block + 1) * BLOCK);
        places.map(key).fold((u64::MAX, 0), |(low, high), key| {
            (low.min(key), high.max(key))
        })
    })?;
    let (low, high) = ends
        .iter()
        .fold((u64::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    if low >= high {
        return Ok(blocks::build(count, BLOCK, watch, |place| place as u64)?);
    }
    let index_bits = (count as u64 - 1).max(1).ilog2() + 1;
    let key_bits = (high - low).ilog2() + 1;
    let cut = (key_bits + index_bits).saturating_sub(64);
    let mask = (1_u64 << index_bits) - 1;
    let mut order = blocks::build(count, BLOCK, watch, |place| {
        ((key(place) - low) >> cut) << index_bits | place as u64
    })?;
    watch.part(0.6);
    sort_integers(&mut order, watch)?;
    watch.part(0.1);
    if cut > 0 {
        let rest = |place: usize| (key(place) - low) & ((1 << cut) - 1);
        by_whole_keys(&mut order, index_bits, cut, &rest, watch)?;
    }
    blocks::fill(&mut order, BLOCK, watch, |_, part| {
        part.iter_mut().for_each(|packed| *packed &= mask)
    })?;
    Ok(order)
}

/// Sorts runs of equal leading bits by the `cut` bits that are left of their keys, then by indices.
fn by_whole_keys(
    order: &mut [u64],
    index_bits: u32,
    cut: u32,
    rest: &(dyn Fn(usize) -> u64 + Sync),
    watch: &Watch,
) -> Result<(), Error> {
    // So long runs are sorted one after another, each by all threads.
    const LONG: usize = 1 << 12;
    let mask = (1_u64 << index_bits) - 1;
    let runs = blocks::try_map(order.len().div_ceil(BLOCK), watch, |block| {
        let mut runs: Vec<(usize, usize)> = vec![];
        let end = order.len().min((block + 1) * BLOCK);
        let mut place = block * BLOCK;
        // A run belongs to the block that it begins in.
        while place > 0
            && place < end
            && order[place] >> index_bits == order[place - 1] >> index_bits
        {
            place += 1;
        }
        while place < end {
            let leading = order[place] >> index_bits;
            let start = place;
            place += 1;
            while place < order.len() && order[place] >> index_bits == leading {
                if (place - start).is_multiple_of(BLOCK) {
                    watch.check()?;
                }
                place += 1;
            }
            if place - start > 1 {
                runs.push((start, place - start));
            }
        }
        Ok::<_, Error>(runs)
    })?;
    let runs = blocks::concat(&runs, watch)?;
    let (long, short): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.1 >= LONG);
    let parts = blocks::Parts::new(order);
    blocks::each(short.len().div_ceil(64), watch, &|block| {
        for (start, length) in &short[block * 64..short.len().min((block + 1) * 64)] {
            // SAFETY: runs do not overlap, and each comes once.
            let run = unsafe { parts.of(*start, *length) };
            run.sort_unstable_by_key(|packed| (rest(index(packed & mask)), *packed));
        }
    })?;
    // There is room for all of a rest: fewer bits were cut off than an index has, whose bits are few.
    assert!(cut + index_bits <= 64);
    for (start, length) in long {
        let run = &mut order[start..start + length];
        blocks::fill(run, BLOCK, watch, |_, part| {
            for packed in part {
                let place = *packed & mask;
                *packed = rest(index(place)) << index_bits | place;
            }
        })?;
        sort_integers(run, watch)?;
    }
    Ok(())
}

/// Distinct values, ascending, and what belongs to them.
pub struct Unique<T> {
    /// The distinct values; of those that are equal (`-0.0` and `0.0`, NaN) the first.
    pub values: Vec<T>,
    /// Where each of them is first.
    pub first: Vec<u64>,
    /// How often each of them is there.
    pub counts: Vec<u64>,
    /// For each given value, its place among the distinct ones.
    pub inverse: Vec<u64>,
}

/// Distinct values only: faster than [`unique`]. Zero comes without a sign.
///
/// # Errors
/// When cancelled.
pub fn distinct<T: Key>(values: &[T], watch: &Watch) -> Result<Vec<T>, Error> {
    let sorted = sorted_by(values, T::equality_key, T::from_key, watch)?;
    // Blocks keep what differs from what is before it, also at the end of the block before.
    let kept = blocks::map(sorted.len().div_ceil(BLOCK), watch, |block| {
        let start = block * BLOCK;
        let part = &sorted[start..sorted.len().min(start + BLOCK)];
        let mut kept = Vec::with_capacity(part.len());
        let mut last = start.checked_sub(1).map(|before| sorted[before].key());
        for value in part {
            let key = Some(value.key());
            if key != last {
                kept.push(*value);
            }
            last = key;
        }
        kept
    })?;
    Ok(blocks::concat(&kept, watch)?)
}

/// Distinct values with their first places, counts and inverse.
///
/// # Errors
/// When cancelled.
pub fn unique<T: Key>(values: &[T], watch: &Watch) -> Result<Unique<T>, Error> {
    let key = |place: usize| values[place].equality_key().wide();
    let order = order_by(values.len(), &key, watch)?;
    let starts = starts(&order, &key, watch)?;
    watch.part(0.15);
    let mut inverse = vec![0; values.len()];
    let places = blocks::Parts::new(&mut inverse);
    blocks::each(order.len().div_ceil(BLOCK), watch, &|block| {
        let first = block * BLOCK;
        let mut group = starts.partition_point(|start| *start <= first) - 1;
        for (place, member) in order.iter().enumerate().skip(first).take(BLOCK) {
            group += usize::from(starts.get(group + 1) == Some(&place));
            // SAFETY: each index is in the order once.
            let slot = unsafe { places.of(index(*member), 1) };
            slot[0] = group as u64;
        }
    })?;
    let of_each = |group: usize| order[starts[group]];
    Ok(Unique {
        values: blocks::build(starts.len(), BLOCK, watch, |group| {
            values[index(of_each(group))]
        })?,
        first: blocks::build(starts.len(), BLOCK, watch, of_each)?,
        counts: blocks::build(starts.len(), BLOCK, watch, |group| {
            range(&starts, group, order.len()).len() as u64
        })?,
        inverse,
    })
}

/// Where in `order` another key begins.
pub(crate) fn starts(
    order: &[u64],
    key: &(dyn Fn(usize) -> u64 + Sync),
    watch: &Watch,
) -> Result<Vec<usize>, Error> {
    watch.part(0.1);
    let starts = blocks::map(order.len().div_ceil(BLOCK), watch, |block| {
        let mut starts = vec![];
        let first = block * BLOCK;
        let mut last = first.checked_sub(1).map(|before| key(index(order[before])));
        for (place, member) in order.iter().enumerate().skip(first).take(BLOCK) {
            let this = Some(key(index(*member)));
            if this != last {
                starts.push(place);
            }
            last = this;
        }
        starts
    })?;
    Ok(blocks::concat(&starts, watch)?)
}

/// The places in the order of one group.
pub(crate) fn range(starts: &[usize], group: usize, end: usize) -> std::ops::Range<usize> {
    starts[group]..starts.get(group + 1).copied().unwrap_or(end)
}

/// Indices were made of places in memory.
pub(crate) const fn index(wide: u64) -> usize {
    wide as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pool;

    fn numpys(a: &f64, b: &f64) -> std::cmp::Ordering {
        a.is_nan()
            .cmp(&b.is_nan())
            .then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    }

    fn floats(count: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        (0..count)
            .map(|_| match next() % 50 {
                0 => f64::NAN,
                1 => -0.0,
                2 => f64::INFINITY,
                _ => (next() % 1000) as f64 / 8.0 - 40.0,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(values in prop::collection::vec(any::<i32>(), 0..300)) {
            let mut expected = values.clone();
            expected.sort_unstable();
            prop_assert_eq!(sorted(&values, false, &Watch::new()).unwrap(), expected.clone());
            expected.reverse();
            prop_assert_eq!(sorted(&values, true, &Watch::new()).unwrap(), expected);
        }

        #[test]
        fn orders_are_stable(values in prop::collection::vec(-3_i64..3, 0..300)) {
            let mut expected: Vec<u64> = (0..values.len() as u64).collect();
            expected.sort_by_key(|place| values[index(*place)]);
            prop_assert_eq!(order(&values, false, &Watch::new()).unwrap(), expected.clone());
            expected.sort_by_key(|place| (-values[index(*place)], *place));
            prop_assert_eq!(order(&values, true, &Watch::new()).unwrap(), expected);
        }
    }

    #[test]
    fn large_arrays_with_nan_are_the_same_on_any_number_of_threads() {
        for count in [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 17, 300_000] {
            let values = floats(count);
            let mut expected = values.clone();
            expected.sort_by(numpys);
            for threads in [1, 2, 5] {
                pool::with_threads(threads, || {
                    let watch = Watch::new();
                    let got = sorted(&values, false, &watch).unwrap();
                    assert!(
                        got.iter()
                            .zip(&expected)
                            .all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
                    );
                    let mut stable: Vec<u64> = (0..count as u64).collect();
                    stable.sort_by_key(|place| values[index(*place)].key());
                    assert_eq!(order(&values, false, &watch).unwrap(), stable);
                    let mut kept = expected.clone();
                    kept.dedup_by(|a, b| a == b || (a.is_nan() && b.is_nan()));
                    let got = distinct(&values, &watch).unwrap();
                    assert!(
                        got.len() == kept.len()
                            && got.iter().zip(&kept).all(|(a, b)| a == b || a.is_nan())
                    );
                })
                .unwrap();
            }
        }
    }

    #[test]
    fn unique_tells_places_and_counts() {
        let values = [3.0, -0.0, 3.0, f64::NAN, 0.0, f64::NAN];
        let unique = unique(&values, &Watch::new()).unwrap();
        assert_eq!(unique.values[..2], [-0.0, 3.0]);
        assert!(unique.values[2].is_nan());
        assert_eq!(unique.first, [1, 0, 3]);
        assert_eq!(unique.counts, [2, 2, 2]);
        assert_eq!(unique.inverse, [1, 0, 1, 2, 0, 2]);
    }

    #[test]
    fn cancelled_work_gives_nothing() {
        let watch = Watch::new();
        watch.cancel();
        assert!(matches!(
            sorted(&[1, 2], false, &watch),
            Err(Error::Cancelled(_))
        ));
        assert!(matches!(
            order(&[1, 2], false, &watch),
            Err(Error::Cancelled(_))
        ));
        assert!(matches!(
            distinct(&[1, 2], &watch),
            Err(Error::Cancelled(_))
        ));
    }
}

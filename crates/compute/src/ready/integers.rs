//! Sorting of unsigned integers in place: quicksort, halves on different threads, with vectors where the
//! processor has them.

#[cfg(target_arch = "x86_64")]
use rayon::prelude::*;

use super::key::Bits;
use super::{Error, blocks};
use crate::apart;
use crate::work::{Cancelled, Watch};

/// From so many on, two threads share the work.
const SHARED: usize = 1 << 15;

/// From so many on, threads that have nothing else yet share one partition.
#[cfg(target_arch = "x86_64")]
const LARGE: usize = 1 << 18;

/// Integers that can be sorted.
pub trait Integer: Copy + Ord + Send + Sync + 'static {
    /// Sorts, ascending.
    ///
    /// # Errors
    /// When cancelled; the integers are then any ones.
    fn sort(values: &mut [Self], watch: &Watch) -> Result<(), Error>;
}

/// Sorts, ascending.
///
/// # Errors
/// When cancelled; the integers are then any ones.
pub fn sort_integers<B: Bits>(values: &mut [B], watch: &Watch) -> Result<(), Error> {
    watch.expect(values.len() as u64);
    B::sort(values, watch)
}

macro_rules! counted_instead {
    ($($type:ty),*) => {$(
        impl Integer for $type {
            fn sort(values: &mut [Self], _: &Watch) -> Result<(), Error> {
                values.sort_unstable();
                Ok(())
            }
        }
    )*};
}
// Arrays of these are sorted by counting.
counted_instead!(u8, u16);

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Integer for $type {
            fn sort(values: &mut [Self], watch: &Watch) -> Result<(), Error> {
                #[cfg(target_arch = "x86_64")]
                if super::vectors::available() {
                    let deepest = 2 * values.len().max(1).ilog2();
                    return Ok(vectorized(values, deepest, blocks::threads(), watch)?);
                }
                Ok(scalar(values, watch)?)
            }
        }
    )*};
}
integer!(u32, u64);

/// A pivot near the middle: the median of spread out samples.
#[cfg(target_arch = "x86_64")]
fn pivot<B: super::vectors::Lane>(values: &[B]) -> B {
    const MANY: usize = 64;
    let mut samples = [values[0]; MANY];
    let samples = if values.len() < 4096 {
        &mut samples[..MANY / 4]
    } else {
        &mut samples[..]
    };
    let step = values.len() / samples.len();
    // Not at equal distances, so that no regular pattern spoils them.
    let mut state = values.len() as u32 | 1;
    for (place, sample) in samples.iter_mut().enumerate() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = values[place * step + (state >> 8) as usize % step];
    }
    // SAFETY: `sort` asked whether it is available.
    unsafe { super::vectors::sort_small(samples) };
    samples[samples.len() / 2 - 1]
}

/// Needs [`available`](super::vectors::available). `threads` are those that have nothing else to do.
#[cfg(target_arch = "x86_64")]
fn vectorized<B: super::vectors::Lane + Send + Sync>(
    mut values: &mut [B],
    mut deepest: u32,
    threads: usize,
    watch: &Watch,
) -> Result<(), Cancelled> {
    use super::vectors::{partition, small, sort_small};
    loop {
        if values.len() <= small::<B>() {
            // SAFETY: `sort` asked whether it is available.
            unsafe { sort_small(values) };
            return watch.advance(values.len() as u64);
        }
        if deepest == 0 {
            // Pivots were bad again and again: this one cannot be made slow.
            return scalar(values, watch);
        }
        watch.check()?;
        if values.len() >= SHARED {
            apart::settle();
        }
        deepest -= 1;
        let pivot = pivot(values);
        let count = if threads > 1 && values.len() >= LARGE {
            together(values, pivot, threads, watch)
        } else {
            // SAFETY: `sort` asked whether it is available.
            unsafe { partition(values, pivot, watch) }
        };
        // What a cancelled partition says is nothing.
        watch.check()?;
        if count == values.len() {
            // Nothing is larger: those that are the pivot go to the end, and are done. What is smaller than
            // it is at most the next smaller.
            let mut below = None;
            for part in values.chunks(SHARED) {
                watch.check()?;
                below = below.max(part.iter().copied().filter(|value| *value < pivot).max());
            }
            let Some(below) = below else {
                return watch.advance(values.len() as u64);
            };
            // SAFETY: as above.
            let count = unsafe { partition(values, below, watch) };
            watch.check()?;
            watch.advance((values.len() - count) as u64)?;
            values = &mut values[..count];
            continue;
        }
        let (low, high) = values.split_at_mut(count);
        if low.len() + high.len() >= SHARED && blocks::threads() > 1 {
            let half = threads.div_ceil(2);
            let (low, high) = rayon::join(
                || vectorized(low, deepest, half, watch),
                || vectorized(high, deepest, half, watch),
            );
            return low.and(high);
        }
        vectorized(low, deepest, 1, watch)?;
        values = high;
    }
}

/// As `partition`: each thread does a piece, then large ones before the border change places with small
/// ones behind it.
#[cfg(target_arch = "x86_64")]
fn together<B: super::vectors::Lane + Send + Sync>(
    values: &mut [B],
    pivot: B,
    threads: usize,
    watch: &Watch,
) -> usize {
    let piece = values.len().div_ceil(threads);
    let counts: Vec<usize> = values
        .par_chunks_mut(piece)
        .map(|piece| {
            apart::settle();
            // SAFETY: `sort` asked whether it is available.
            unsafe { super::vectors::partition(piece, pivot, watch) }
        })
        .collect();
    let border = counts.iter().sum();
    if watch.is_cancelled() {
        return border;
    }
    // Places of large ones before the border, and of small ones behind it: equally many.
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for (place, count) in counts.into_iter().enumerate() {
        let (start, end) = (place * piece, values.len().min((place + 1) * piece));
        large.extend((start + count < border).then(|| start + count..end.min(border)));
        small.extend((start + count > border).then(|| start.max(border)..start + count));
    }
    let (mut large, mut small) = (large.into_iter(), small.into_iter());
    let mut pairs = Vec::new();
    let (mut from, mut to) = (0..0, 0..0);
    loop {
        if from.is_empty() {
            let Some(next) = large.next() else { break };
            from = next;
        } else if to.is_empty() {
            let Some(next) = small.next() else { break };
            to = next;
        } else {
            let length = from.len().min(to.len()).min(SHARED);
            pairs.push((from.start, to.start, length));
            (from.start, to.start) = (from.start + length, to.start + length);
        }
    }
    let parts = blocks::Parts::new(values);
    pairs.into_par_iter().for_each(|(from, to, length)| {
        // SAFETY: each place is in one pair at most, and is either before the border or behind it.
        let (from, to) = unsafe { (parts.of(from, length), parts.of(to, length)) };
        from.swap_with_slice(to);
    });
    border
}

/// For any processor.
fn scalar<B: Copy + Ord + Send>(values: &mut [B], watch: &Watch) -> Result<(), Cancelled> {
    if values.len() < SHARED {
        values.sort_unstable();
        return watch.advance(values.len() as u64);
    }
    let middle = values.len() / 2;
    let (low, _, high) = watch.leaving(|| {
        values.select_nth_unstable_by(middle, |a, b| {
            watch.leave_if_cancelled();
            a.cmp(b)
        })
    })?;
    let (low, high) = rayon::join(|| scalar(low, watch), || scalar(high, watch));
    low.and(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    fn numbers(count: usize, kind: usize) -> Vec<u64> {
        let mut state = 9_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state ^ state >> 31
        };
        let count_wide = count as u64;
        match kind {
            0 => (0..count).map(|_| next()).collect(),
            1 => (0..count_wide).collect(),
            2 => (0..count_wide).rev().collect(),
            3 => vec![u64::MAX; count],
            4 => (0..count).map(|_| next() % 3).collect(),
            5 => (0..count_wide).map(|i| i.min(count_wide - i)).collect(),
            6 => (0..count).map(|_| 1 << (next() % 64)).collect(),
            _ => (0..count_wide)
                .map(|i| if i % 1000 == 0 { next() } else { 7 })
                .collect(),
        }
    }

    #[test]
    fn all_kinds_of_numbers_are_sorted_on_any_number_of_threads() {
        for kind in 0..8 {
            for count in [0, 1, 100, 129, 5000, SHARED + 1, 200_000] {
                let wide = numbers(count, kind);
                let mut sorted = wide.clone();
                sorted.sort_unstable();
                let narrow: Vec<u32> = wide
                    .iter()
                    .map(|value| (value >> 32 ^ value) as u32)
                    .collect();
                let mut sorted_narrow = narrow.clone();
                sorted_narrow.sort_unstable();
                for threads in [1, 3] {
                    pool::with_threads(threads, || {
                        let mut got = wide.clone();
                        sort_integers(&mut got, &Watch::new()).unwrap();
                        assert!(got == sorted, "{kind} {count}");
                        let mut got = narrow.clone();
                        sort_integers(&mut got, &Watch::new()).unwrap();
                        assert!(got == sorted_narrow, "{kind} {count}");
                        let mut got = wide.clone();
                        scalar(&mut got, &Watch::new()).unwrap();
                        assert!(got == sorted, "{kind} {count}");
                    })
                    .unwrap();
                }
            }
        }
    }

    #[test]
    fn cancelled_sorting_says_so() {
        let watch = Watch::new();
        watch.cancel();
        let mut values = numbers(200_000, 0);
        assert!(matches!(
            sort_integers(&mut values, &watch),
            Err(Error::Cancelled(_))
        ));
    }
}

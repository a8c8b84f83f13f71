//! Sorting of unsigned integers in place: quicksort, halves on different threads, with vectors where the
//! processor has them.

use super::Error;
use super::key::Bits;
use crate::work::Watch;

/// From so many on, two threads share the work.
const SHARED: usize = 1 << 15;

/// Integers that can be sorted.
pub trait Integer: Copy + Ord + Send + Sync + 'static {
    /// Sorts, ascending.
    ///
    /// # Errors
    /// When cancelled; the integers are then in any order.
    fn sort(values: &mut [Self], watch: &Watch) -> Result<(), Error>;
}

/// Sorts, ascending.
///
/// # Errors
/// When cancelled; the integers are then in any order.
pub fn sort_integers<B: Bits>(values: &mut [B], watch: &Watch) -> Result<(), Error> {
    B::sort(values, watch)
}

impl Integer for u8 {
    fn sort(values: &mut [Self], _: &Watch) -> Result<(), Error> {
        values.sort_unstable();
        Ok(())
    }
}

impl Integer for u16 {
    fn sort(values: &mut [Self], _: &Watch) -> Result<(), Error> {
        values.sort_unstable();
        Ok(())
    }
}

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Integer for $type {
            fn sort(values: &mut [Self], watch: &Watch) -> Result<(), Error> {
                #[cfg(target_arch = "x86_64")]
                if super::vectors::available() {
                    let deepest = 2 * values.len().max(1).ilog2();
                    vectorized(values, deepest, watch);
                    return Ok(watch.check()?);
                }
                scalar(values, watch);
                Ok(watch.check()?)
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

/// Needs [`available`](super::vectors::available). When cancelled, it just ends.
#[cfg(target_arch = "x86_64")]
fn vectorized<B: super::vectors::Lane + Send>(
    mut values: &mut [B],
    mut deepest: u32,
    watch: &Watch,
) {
    use super::vectors::{partition, small, sort_small};
    loop {
        if values.len() <= small::<B>() {
            // SAFETY: `sort` asked whether it is available.
            return unsafe { sort_small(values) };
        }
        if deepest == 0 {
            // Pivots were bad again and again: this one cannot be made slow.
            return values.sort_unstable();
        }
        if watch.is_cancelled() {
            return;
        }
        deepest -= 1;
        let pivot = pivot(values);
        // SAFETY: `sort` asked whether it is available.
        let count = unsafe { partition(values, pivot) };
        if count == values.len() {
            // Nothing is larger: those that are the pivot go to the end, and are done. What is smaller than
            // it is at most the next smaller.
            let Some(below) = values.iter().copied().filter(|value| *value < pivot).max() else {
                return;
            };
            // SAFETY: as above.
            let count = unsafe { partition(values, below) };
            values = &mut values[..count];
            continue;
        }
        let (low, high) = values.split_at_mut(count);
        if low.len() + high.len() >= SHARED {
            rayon::join(
                || vectorized(low, deepest, watch),
                || vectorized(high, deepest, watch),
            );
            return;
        }
        vectorized(low, deepest, watch);
        values = high;
    }
}

/// For any processor. When cancelled, it just ends.
fn scalar<B: Copy + Ord + Send>(values: &mut [B], watch: &Watch) {
    if values.len() < SHARED || watch.is_cancelled() {
        return values.sort_unstable();
    }
    let (low, _, high) = values.select_nth_unstable(values.len() / 2);
    rayon::join(|| scalar(low, watch), || scalar(high, watch));
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
                        scalar(&mut got, &Watch::new());
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

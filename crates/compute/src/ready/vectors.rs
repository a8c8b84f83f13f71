//! Sorting integers with AVX-512: quicksort whose partition and whose smallest pieces work on whole
//! vectors.
//!
//! After M. Blacher, J. Giesen, L. Kühne, "Fast and robust vectorized in-place sorting of primitive types"
//! (2021) and B. Bramas, "A novel hybrid quicksort algorithm vectorized using AVX-512" (2017). Only
//! [`sorting`](super::sorting) calls this; there is a way without such vectors too.

use std::arch::x86_64::*;

use crate::work::Watch;

/// Whether the processor has what all functions of this room are compiled for.
pub fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
}

/// Vectors that one step of the partition takes.
const STEP: usize = 8;

/// Vectors of a smallest piece.
const SMALL: usize = 16;

/// What can be sorted here: integers of which several make a vector.
///
/// # Safety
/// All methods need what [`available`] asks for. `load` and `store` touch only the lanes whose bits are set in the mask.
pub unsafe trait Lane: Copy + Ord {
    /// Lanes of a vector.
    const LANES: usize;
    /// The largest value.
    const MOST: Self;
    /// # Safety
    /// See the trait.
    unsafe fn load(from: *const Self, mask: u32) -> __m512i;
    /// # Safety
    /// See the trait.
    unsafe fn store(to: *mut Self, mask: u32, vector: __m512i);
    /// # Safety
    /// See the trait.
    unsafe fn splat(self) -> __m512i;
    /// Which lanes of `a` are at most those of `b`.
    /// # Safety
    /// See the trait.
    unsafe fn at_most(a: __m512i, b: __m512i) -> u32;
    /// Lanes whose bits are set, moved to the front.
    /// # Safety
    /// See the trait.
    unsafe fn compress(mask: u32, vector: __m512i) -> __m512i;
    /// # Safety
    /// See the trait.
    unsafe fn least(a: __m512i, b: __m512i) -> __m512i;
    /// # Safety
    /// See the trait.
    unsafe fn most(a: __m512i, b: __m512i) -> __m512i;
    /// Lane `i` is exchanged with lane `i ^ with`; `with` is below `LANES`.
    /// # Safety
    /// See the trait.
    unsafe fn exchanged(vector: __m512i, with: usize) -> __m512i;
    /// `b` where bits are set, else `a`.
    /// # Safety
    /// See the trait.
    unsafe fn blend(mask: u32, a: __m512i, b: __m512i) -> __m512i;
}

macro_rules! lane {
    (
        $type:ty, $signed:ty, $lanes:literal, $mask:ty, $load:ident, $store:ident, $splat:ident, $compare:ident,
        $compress:ident, $min:ident, $max:ident, $permute:ident, $blend:ident
    ) => {
        // SAFETY: the intrinsics do what the trait says.
        unsafe impl Lane for $type {
            const LANES: usize = $lanes;
            const MOST: Self = Self::MAX;
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn load(from: *const Self, mask: u32) -> __m512i {
                // SAFETY: the caller promises that the lanes of the mask can be read.
                unsafe { $load(mask as $mask, from.cast()) }
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn store(to: *mut Self, mask: u32, vector: __m512i) {
                // SAFETY: the caller promises that the lanes of the mask can be written.
                unsafe { $store(to.cast(), mask as $mask, vector) }
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn splat(self) -> __m512i {
                $splat(self as $signed)
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn at_most(a: __m512i, b: __m512i) -> u32 {
                u32::from($compare(a, b))
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn compress(mask: u32, vector: __m512i) -> __m512i {
                $compress(mask as $mask, vector)
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn least(a: __m512i, b: __m512i) -> __m512i {
                $min(a, b)
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn most(a: __m512i, b: __m512i) -> __m512i {
                $max(a, b)
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn exchanged(vector: __m512i, with: usize) -> __m512i {
                const PLACES: [[$type; $lanes]; $lanes] = {
                    let mut places = [[0; $lanes]; $lanes];
                    let mut with = 0;
                    while with < $lanes {
                        let mut lane = 0;
                        while lane < $lanes {
                            places[with][lane] = (lane ^ with) as $type;
                            lane += 1;
                        }
                        with += 1;
                    }
                    places
                };
                static TABLE: [[$type; $lanes]; $lanes] = PLACES;
                // SAFETY: each row has 64 bytes.
                let places = unsafe { _mm512_loadu_si512(TABLE[with].as_ptr().cast()) };
                $permute(places, vector)
            }
            #[inline]
            #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
            unsafe fn blend(mask: u32, a: __m512i, b: __m512i) -> __m512i {
                $blend(mask as $mask, a, b)
            }
        }
    };
}
lane!(
    u64,
    i64,
    8,
    u8,
    _mm512_maskz_loadu_epi64,
    _mm512_mask_storeu_epi64,
    _mm512_set1_epi64,
    _mm512_cmple_epu64_mask,
    _mm512_maskz_compress_epi64,
    _mm512_min_epu64,
    _mm512_max_epu64,
    _mm512_permutexvar_epi64,
    _mm512_mask_blend_epi64
);
lane!(
    u32,
    i32,
    16,
    u16,
    _mm512_maskz_loadu_epi32,
    _mm512_mask_storeu_epi32,
    _mm512_set1_epi32,
    _mm512_cmple_epu32_mask,
    _mm512_maskz_compress_epi32,
    _mm512_min_epu32,
    _mm512_max_epu32,
    _mm512_permutexvar_epi32,
    _mm512_mask_blend_epi32
);

/// All lanes of a vector.
const fn all<B: Lane>() -> u32 {
    (1 << B::LANES) - 1
}

/// The first lanes.
const fn first<B: Lane>(count: usize) -> u32 {
    (1 << count) - 1
}

/// So many elements are sorted by [`sort_small`].
pub const fn small<B: Lane>() -> usize {
    SMALL * B::LANES
}

/// Sorts at most [`small`] elements.
///
/// # Safety
/// [`available`].
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
pub unsafe fn sort_small<B: Lane>(values: &mut [B]) {
    assert!(values.len() <= small::<B>());
    let vectors = values.len().div_ceil(B::LANES);
    // SAFETY: the processor has it, says the caller; masks keep loads and stores within `values`.
    unsafe {
        match vectors {
            0 => {}
            1 => network::<B, 1>(values),
            2 => network::<B, 2>(values),
            3 | 4 => network::<B, 4>(values),
            5..=8 => network::<B, 8>(values),
            _ => network::<B, 16>(values),
        }
    }
}

/// A bitonic network over `V` vectors; missing elements count as the largest.
#[inline]
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
unsafe fn network<B: Lane, const V: usize>(values: &mut [B]) {
    let length = values.len();
    let mask = |vector: usize| first::<B>(length.saturating_sub(vector * B::LANES).min(B::LANES));
    let start = values.as_mut_ptr();
    // SAFETY: `mask` sets the bits of places within `values` only.
    unsafe {
        let most = B::MOST.splat();
        let mut rows = [most; V];
        for (place, row) in rows.iter_mut().enumerate() {
            let mask = mask(place);
            *row = B::blend(
                mask,
                most,
                B::load(start.wrapping_add(place * B::LANES), mask),
            );
        }
        // Every vector on its own.
        let mut size = 2;
        while size <= B::LANES {
            for row in &mut rows {
                *row = compared::<B>(*row, size - 1, size / 2);
                let mut distance = size / 4;
                while distance > 0 {
                    *row = compared::<B>(*row, distance, distance);
                    distance /= 2;
                }
            }
            size *= 2;
        }
        // Sorted runs of `width` vectors become runs of twice as many.
        let mut width = 1;
        while width < V {
            for start in (0..V).step_by(2 * width) {
                for place in 0..width {
                    let (low, high) = (start + place, start + 2 * width - 1 - place);
                    let turned = B::exchanged(rows[high], B::LANES - 1);
                    let (a, b) = (B::least(rows[low], turned), B::most(rows[low], turned));
                    (rows[low], rows[high]) = (a, B::exchanged(b, B::LANES - 1));
                }
            }
            let mut distance = width / 2;
            while distance > 0 {
                for place in 0..V {
                    if place & distance == 0 {
                        let (a, b) = (rows[place], rows[place + distance]);
                        (rows[place], rows[place + distance]) = (B::least(a, b), B::most(a, b));
                    }
                }
                distance /= 2;
            }
            for row in &mut rows {
                let mut distance = B::LANES / 2;
                while distance > 0 {
                    *row = compared::<B>(*row, distance, distance);
                    distance /= 2;
                }
            }
            width *= 2;
        }
        for (place, row) in rows.iter().enumerate() {
            B::store(start.wrapping_add(place * B::LANES), mask(place), *row);
        }
    }
}

/// Lanes `i` and `i ^ with` in order: the larger goes where `bit` is set in `i`.
#[inline]
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
unsafe fn compared<B: Lane>(row: __m512i, with: usize, bit: usize) -> __m512i {
    let upper = match bit {
        1 => 0xaaaa,
        2 => 0xcccc,
        4 => 0xf0f0,
        _ => 0xff00,
    } & all::<B>();
    // SAFETY: as the caller promises.
    unsafe {
        let other = B::exchanged(row, with);
        B::blend(upper, B::least(row, other), B::most(row, other))
    }
}

/// Puts what is at most `pivot` before what is larger; says how many those are. When cancelled, it just ends.
///
/// # Safety
/// [`available`].
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
pub unsafe fn partition<B: Lane>(values: &mut [B], pivot: B, watch: &Watch) -> usize {
    // SAFETY: the processor has it, says the caller.
    unsafe {
        if values.len() >= 8 * STEP * B::LANES {
            partition_by::<B, STEP>(values, pivot, watch)
        } else if values.len() >= STEP * B::LANES {
            partition_by::<B, { STEP / 2 }>(values, pivot, watch)
        } else {
            let mut count = 0;
            for place in 0..values.len() {
                if values[place] <= pivot {
                    values.swap(place, count);
                    count += 1;
                }
            }
            count
        }
    }
}

/// Where the partition stands: `[start, write_low)` is done, `[write_high, end)` too, `[read_low, read_high)` is to
/// be read; what was between is in registers or already written.
struct Ends<B> {
    low: *mut B,
    high: *mut B,
    pivot: __m512i,
}

impl<B: Lane> Ends<B> {
    /// Writes one vector's first `lanes`, the small ones low, the large ones high.
    ///
    /// # Safety
    /// [`available`]; at least `lanes` places are free from `low` on and before `high`.
    #[inline]
    #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
    unsafe fn write(&mut self, vector: __m512i, lanes: u32) {
        // SAFETY: as many lanes are written as there are free places, says the caller.
        unsafe {
            let small = B::at_most(vector, self.pivot) & lanes;
            let large = !small & lanes;
            let (few, many) = (small.count_ones() as usize, large.count_ones() as usize);
            B::store(self.low, first::<B>(few), B::compress(small, vector));
            self.low = self.low.add(few);
            self.high = self.high.sub(many);
            B::store(self.high, first::<B>(many), B::compress(large, vector));
        }
    }

    /// As `write`, of a whole vector.
    ///
    /// # Safety
    /// As `write`.
    #[inline]
    #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
    unsafe fn write_all(&mut self, vector: __m512i) {
        // SAFETY: as in `write`.
        unsafe {
            let small = B::at_most(vector, self.pivot);
            let few = small.count_ones() as usize;
            B::store(self.low, first::<B>(few), B::compress(small, vector));
            self.low = self.low.add(few);
            self.high = self.high.sub(B::LANES - few);
            B::store(
                self.high,
                first::<B>(B::LANES - few),
                B::compress(!small & all::<B>(), vector),
            );
        }
    }
}

/// `values` has at least two steps of `N` vectors.
#[inline]
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
unsafe fn partition_by<B: Lane, const N: usize>(
    values: &mut [B],
    pivot: B,
    watch: &Watch,
) -> usize {
    let step = N * B::LANES;
    let length = values.len();
    assert!(length >= 2 * step);
    let start = values.as_mut_ptr();
    // SAFETY: all places are within `values`. One step from each end, and what is left over by steps, are
    // kept aside first; so at any time both ends together have at least two steps of free places, and the end that is
    // read from is the one with fewer: after reading, both have at least one step, as much as is written.
    unsafe {
        let end = start.add(length);
        let splat = pivot.splat();
        let mut ends = Ends::<B> {
            low: start,
            high: end,
            pivot: splat,
        };
        let mut from_low = [splat; N];
        let mut from_high = [splat; N];
        for place in 0..N {
            from_low[place] = B::load(start.add(place * B::LANES), all::<B>());
            from_high[place] = B::load(end.sub(step).add(place * B::LANES), all::<B>());
        }
        let (mut low, mut high) = (start.add(step), end.sub(step));
        let over = high.offset_from_unsigned(low) % step;
        // At most one step, in vectors of which the last may be part of one.
        let mut kept = [splat; N];
        for (place, vector) in kept.iter_mut().enumerate() {
            let lanes = over.saturating_sub(place * B::LANES).min(B::LANES);
            *vector = B::load(low.wrapping_add(place * B::LANES), first::<B>(lanes));
        }
        low = low.add(over);
        while low < high {
            if watch.is_cancelled() {
                return 0;
            }
            let from_low =
                low.offset_from_unsigned(ends.low) <= ends.high.offset_from_unsigned(high);
            let from = if from_low { low } else { high.sub(step) };
            low = if from_low { low.add(step) } else { low };
            high = if from_low { high } else { from };
            // Which end comes next is not known before this is written, so loads would wait for it.
            let ahead = if from_low {
                from.wrapping_add(2 * step)
            } else {
                from.wrapping_sub(2 * step)
            };
            for place in 0..N {
                _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(place * B::LANES).cast());
            }
            let mut vectors = [splat; N];
            for (place, vector) in vectors.iter_mut().enumerate() {
                *vector = B::load(from.add(place * B::LANES), all::<B>());
            }
            for vector in vectors {
                ends.write_all(vector);
            }
        }
        for (place, vector) in kept.into_iter().enumerate() {
            let lanes = over.saturating_sub(place * B::LANES).min(B::LANES);
            ends.write(vector, first::<B>(lanes));
        }
        for vector in from_low.into_iter().chain(from_high) {
            ends.write(vector, all::<B>());
        }
        ends.low.offset_from_unsigned(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, below: u64) -> Vec<u64> {
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        (0..count).map(|_| next()).collect()
    }

    fn check<B: Lane + std::fmt::Debug>(values: Vec<B>) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        if values.len() <= small::<B>() {
            let mut got = values.clone();
            // SAFETY: the test looked for AVX-512.
            unsafe { sort_small(&mut got) };
            assert_eq!(got, sorted);
        }
        for pivot in [0, values.len() / 3, values.len() - 1] {
            let pivot = sorted[pivot];
            let mut got = values.clone();
            // SAFETY: the test looked for AVX-512.
            let count = unsafe { partition(&mut got, pivot, &Watch::new()) };
            assert_eq!(count, sorted.partition_point(|value| *value <= pivot));
            assert!(got[..count].iter().all(|value| *value <= pivot));
            assert!(got[count..].iter().all(|value| *value > pivot));
            got.sort_unstable();
            assert_eq!(got, sorted);
        }
    }

    #[test]
    fn every_length_is_sorted_and_split() {
        if !available() {
            return;
        }
        for length in (1..600).chain([1000, 1023, 1024, 1025, 4099]) {
            for below in [u64::MAX, 5, 1] {
                let values = numbers(length, below);
                check(values.iter().map(|value| *value as u32).collect());
                check(values.iter().map(|value| u64::MAX - value).collect());
                check(values);
            }
        }
    }
}

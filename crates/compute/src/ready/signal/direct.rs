//! Convolution as sums of products.

use super::{Grid, Part};
use crate::ready::{Error, blocks};
use crate::work::Watch;

/// Columns that are summed together, in registers.
const LANES: usize = 32;

/// So many products one task sums, about: a moment of work.
const PRODUCTS: usize = 1 << 18;

pub fn direct(a: Grid<'_>, b: Grid<'_>, part: Part, watch: &Watch) -> Result<Vec<f64>, Error> {
    watch.part(0.9);
    let mut all = vec![0.0; part.rows * part.columns];
    // A piece of a row, or several rows.
    let piece = (PRODUCTS / (b.rows * b.columns))
        .max(LANES)
        .next_multiple_of(LANES);
    if piece >= part.columns {
        let rows = piece / part.columns;
        blocks::fill(&mut all, rows * part.columns, watch, |start, sums| {
            for (row, sums) in sums.chunks_mut(part.columns).enumerate() {
                let row = part.row + start / part.columns + row;
                Row {
                    a,
                    b,
                    row,
                    first: part.column,
                    watch,
                }
                .sum(sums);
            }
        })?;
        return Ok(all);
    }
    let cells = blocks::Parts::new(&mut all);
    let pieces = part.columns.div_ceil(piece);
    blocks::each(part.rows * pieces, watch, &|task| {
        let (row, first) = (task / pieces, task % pieces * piece);
        let length = piece.min(part.columns - first);
        // SAFETY: pieces of rows do not overlap, and each comes once.
        let sums = unsafe { cells.of(row * part.columns + first, length) };
        Row {
            a,
            b,
            row: part.row + row,
            first: part.column + first,
            watch,
        }
        .sum(sums);
    })?;
    Ok(all)
}

/// A piece of one row of the full convolution, from `first` on.
struct Row<'a> {
    a: Grid<'a>,
    b: Grid<'a>,
    row: usize,
    first: usize,
    watch: &'a Watch,
}

/// The same sums, compiled for wider vectors.
macro_rules! for_processors {
    ($($name:ident $feature:literal),*) => {$(
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $feature)]
        fn $name(&self, sums: &mut [f64]) {
            self.sum_any(sums);
        }
    )*};
}

impl Row<'_> {
    /// For each result, products are added in the same order: by `b`'s rows, then its columns. When cancelled,
    /// it just ends.
    fn sum(&self, sums: &mut [f64]) {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.sum_avx512(sums) };
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.sum_avx2(sums) };
            }
        }
        self.sum_any(sums);
    }

    for_processors!(sum_avx512 "avx512f", sum_avx2 "avx2");

    #[inline(always)]
    fn sum_any(&self, sums: &mut [f64]) {
        let Self {
            a,
            b,
            row,
            first,
            watch,
        } = *self;

        // Rows of `b` that meet a row of `a` here.
        let rows = (row + 1).saturating_sub(a.rows)..b.rows.min(row + 1);
        // From here to there every column of `b` meets one of `a`.
        let inner_start = (b.columns - 1).max(first) - first;
        let inner_end = a.columns.saturating_sub(first).min(sums.len());
        let inner_start = inner_start.min(sums.len());
        // Large ones take long for one result already.
        let large = b.rows * b.columns > PRODUCTS / LANES;
        let mut place = 0;
        while place < sums.len() {
            if place >= inner_start && place + LANES <= inner_end {
                let mut lanes = [0.0; LANES];
                for u in rows.clone() {
                    if large && watch.is_cancelled() {
                        return;
                    }
                    let from = &a.values[(row - u) * a.columns..][..a.columns];
                    let factors = &b.values[u * b.columns..][..b.columns];
                    for (v, factor) in factors.iter().enumerate() {
                        let start = first + place - v;
                        let from = &from[start..start + LANES];
                        for (lane, value) in lanes.iter_mut().zip(from) {
                            *lane += factor * value;
                        }
                    }
                }
                sums[place..place + LANES].copy_from_slice(&lanes);
                place += LANES;
                continue;
            }
            let column = first + place;
            let columns = (column + 1).saturating_sub(a.columns)..b.columns.min(column + 1);
            let mut sum = 0.0;
            for u in rows.clone() {
                if large && watch.is_cancelled() {
                    return;
                }
                for v in columns.clone() {
                    sum +=
                        b.values[u * b.columns + v] * a.values[(row - u) * a.columns + column - v];
                }
            }
            sums[place] = sum;
            place += 1;
        }
    }
}

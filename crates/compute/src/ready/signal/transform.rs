//! Convolution through the Fourier transform: `rustfft`, `realfft`.

use realfft::RealFftPlanner;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::{Grid, Part};
use crate::ready::{Error, blocks};
use crate::work::{Cancelled, Watch};

/// Rows that one task transforms.
const ROWS: usize = 16;

/// The next length that the transform is fast for: factors 2, 3 and 5 only.
pub fn fast(length: usize) -> usize {
    (length.max(1)..)
        .find(|length| {
            let mut rest = *length;
            for factor in [2, 3, 5] {
                while rest % factor == 0 {
                    rest /= factor;
                }
            }
            rest == 1
        })
        .unwrap_or(length)
}

pub fn by_fft(a: Grid<'_>, b: Grid<'_>, part: Part, watch: &Watch) -> Result<Vec<f64>, Error> {
    let rows = fast(a.rows + b.rows - 1);
    // Even, so that a transform of reals is one of half the length.
    let columns = 2 * fast((a.columns + b.columns).div_ceil(2));
    let bins = columns / 2 + 1;
    let mut reals = RealFftPlanner::<f64>::new();
    let (there, back) = (
        reals.plan_fft_forward(columns),
        reals.plan_fft_inverse(columns),
    );
    let mut planner = FftPlanner::<f64>::new();
    let (down, up) = (
        planner.plan_fft_forward(rows),
        planner.plan_fft_inverse(rows),
    );
    // Transformed along rows; then column after column, so that columns are contiguous.
    let spectrum = |grid: Grid<'_>| -> Result<Vec<Complex<f64>>, Error> {
        watch.part(0.15);
        let mut along = zeros(grid.rows * bins, watch)?;
        blocks::fill(&mut along, ROWS * bins, watch, |start, out| {
            let (mut row, mut scratch) = (vec![0.0; columns], there.make_scratch_vec());
            let values = &grid.values[start / bins * grid.columns..];
            for (out, values) in out.chunks_mut(bins).zip(values.chunks(grid.columns)) {
                if watch.is_cancelled() {
                    return;
                }
                row[..values.len()].copy_from_slice(values);
                row[values.len()..].fill(0.0);
                // The lengths are those that it was planned for.
                let _ = there.process_with_scratch(&mut row, out, &mut scratch);
            }
        })?;
        let mut columns = transposed(&along, grid.rows, bins, rows, watch)?;
        watch.part(0.15);
        columns_in_place(&mut columns, rows, &*down, watch)?;
        Ok(columns)
    };
    let mut product = spectrum(a)?;
    let other = spectrum(b)?;
    let scale = 1.0 / (rows * columns) as f64;
    watch.part(0.05);
    blocks::fill(&mut product, 1 << 14, watch, |start, part| {
        let other = &other[start..];
        part.iter_mut()
            .zip(other)
            .for_each(|(a, b)| *a = *a * b * scale);
    })?;
    watch.part(0.15);
    columns_in_place(&mut product, rows, &*up, watch)?;
    watch.part(0.2);
    let along = transposed(&product, bins, rows, bins, watch)?;
    let mut all = vec![0.0; part.rows * part.columns];
    blocks::fill(&mut all, ROWS * part.columns, watch, |start, out| {
        let (mut row, mut scratch) = (vec![0.0; columns], back.make_scratch_vec());
        let mut spectrum = vec![Complex::default(); bins];
        let first = part.row + start / part.columns;
        for (out, from) in out
            .chunks_mut(part.columns)
            .zip(along[first * bins..].chunks(bins))
        {
            if watch.is_cancelled() {
                return;
            }
            spectrum.copy_from_slice(from);
            // Of real arrays these two have no imaginary part, but rounding leaves one.
            spectrum[0].im = 0.0;
            spectrum[bins - 1].im = 0.0;
            let _ = back.process_with_scratch(&mut spectrum, &mut row, &mut scratch);
            out.copy_from_slice(&row[part.column..part.column + part.columns]);
        }
    })?;
    Ok(all)
}

fn zeros(count: usize, watch: &Watch) -> Result<Vec<Complex<f64>>, Cancelled> {
    blocks::build(count, 1 << 15, watch, |_| Complex::default())
}

fn columns_in_place(
    columns: &mut [Complex<f64>],
    length: usize,
    plan: &dyn Fft<f64>,
    watch: &Watch,
) -> Result<(), Cancelled> {
    blocks::fill(columns, ROWS * length, watch, |_, columns| {
        let mut scratch = vec![Complex::default(); plan.get_inplace_scratch_len()];
        for column in columns.chunks_mut(length) {
            if watch.is_cancelled() {
                return;
            }
            plan.process_with_scratch(column, &mut scratch);
        }
    })
}

/// Rows become columns, each `length` long: zeros at the end.
fn transposed(
    values: &[Complex<f64>],
    rows: usize,
    columns: usize,
    length: usize,
    watch: &Watch,
) -> Result<Vec<Complex<f64>>, Cancelled> {
    // A tile of this many columns is read and written within the cache.
    const TILE: usize = 16;
    let mut all = zeros(columns * length, watch)?;
    blocks::fill(&mut all, TILE * length, watch, |start, out| {
        let first = start / length;
        for start in (0..rows).step_by(TILE) {
            for row in start..rows.min(start + TILE) {
                let from = &values[row * columns + first..][..out.len() / length];
                for (column, value) in from.iter().enumerate() {
                    out[column * length + row] = *value;
                }
            }
        }
    })?;
    Ok(all)
}

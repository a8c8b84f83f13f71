//! 2-D convolution: directly, or through the Fourier transform (`rustfft`, `realfft`).
//!
//! Conventions are `scipy.signal`'s: outside the arrays there are zeros; `same` is centred as there.

use rayon::prelude::*;
use realfft::RealFftPlanner;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::Error;
use crate::work::Watch;

/// An array of two dimensions, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// The values.
    pub values: &'a [f64],
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub columns: usize,
}

/// Which part of the convolution is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it.
    Full,
    /// As large as the first array, from the middle.
    Same,
    /// Only where no zero from outside takes part.
    Valid,
}

impl Mode {
    /// By the name that Python uses.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "full" => Self::Full,
            "same" => Self::Same,
            "valid" => Self::Valid,
            _ => {
                return Err(Error::value(
                    "mode",
                    "'full', 'same' or 'valid'",
                    format!("{name:?}"),
                ));
            }
        })
    }
}

/// How it is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Whichever is expected to be faster.
    Auto,
    /// Sums of products: exact for integers below 2^53.
    Direct,
    /// Through the Fourier transform.
    Fft,
}

impl Method {
    /// By the name that Python uses.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "auto" => Self::Auto,
            "direct" => Self::Direct,
            "fft" => Self::Fft,
            _ => {
                return Err(Error::value(
                    "method",
                    "'auto', 'direct' or 'fft'",
                    format!("{name:?}"),
                ));
            }
        })
    }
}

/// The part of the full convolution that is wanted: first row and column, rows, columns.
#[derive(Debug, Clone, Copy)]
struct Part {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
}

/// The convolution, its rows and its columns.
///
/// # Errors
/// When for `valid` neither array is at least as large as the other in both dimensions, when an array is
/// empty, or when cancelled.
pub fn convolve2d<'a>(
    mut a: Grid<'a>,
    mut b: Grid<'a>,
    mode: Mode,
    method: Method,
    watch: &Watch,
) -> Result<(Vec<f64>, usize, usize), Error> {
    for (what, grid) in [("a", a), ("b", b)] {
        if grid.rows == 0 || grid.columns == 0 {
            let got = format!("({}, {})", grid.rows, grid.columns);
            return Err(Error::Shape {
                what,
                expected: "at least one row and one column".into(),
                got,
            });
        }
    }
    let part = match mode {
        Mode::Full => Part {
            row: 0,
            column: 0,
            rows: a.rows + b.rows - 1,
            columns: a.columns + b.columns - 1,
        },
        Mode::Same => Part {
            row: (b.rows - 1) / 2,
            column: (b.columns - 1) / 2,
            rows: a.rows,
            columns: a.columns,
        },
        Mode::Valid => {
            if b.rows >= a.rows && b.columns >= a.columns {
                std::mem::swap(&mut a, &mut b);
            } else if a.rows < b.rows || a.columns < b.columns {
                return Err(Error::Shape {
                    what: "b",
                    expected:
                        "for mode='valid', one array no smaller than the other in both dimensions"
                            .into(),
                    got: format!(
                        "({}, {}) and ({}, {})",
                        a.rows, a.columns, b.rows, b.columns
                    ),
                });
            }
            Part {
                row: b.rows - 1,
                column: b.columns - 1,
                rows: a.rows - b.rows + 1,
                columns: a.columns - b.columns + 1,
            }
        }
    };
    // The order of the two does not matter, but direct sums go over the second.
    if a.rows * a.columns < b.rows * b.columns {
        std::mem::swap(&mut a, &mut b);
    }
    let values = match method {
        Method::Direct => direct(a, b, part, watch)?,
        Method::Fft => by_fft(a, b, part, watch)?,
        Method::Auto if direct_is_faster(a, b, part) => direct(a, b, part, watch)?,
        Method::Auto => by_fft(a, b, part, watch)?,
    };
    Ok((values, part.rows, part.columns))
}

/// Products per second against transforms per second, as measured.
fn direct_is_faster(a: Grid<'_>, b: Grid<'_>, part: Part) -> bool {
    let products = (part.rows * part.columns) as f64 * (b.rows * b.columns) as f64;
    let size = ((a.rows + b.rows) * (a.columns + b.columns)) as f64;
    products < 5.0 * size * size.log2()
}

/// Columns that are summed together, in registers.
const LANES: usize = 32;

fn direct(a: Grid<'_>, b: Grid<'_>, part: Part, watch: &Watch) -> Result<Vec<f64>, Error> {
    let mut all = vec![0.0; part.rows * part.columns];
    all.par_chunks_mut(part.columns)
        .enumerate()
        .with_max_len(8)
        .try_for_each(|(row, sums)| {
            watch.check()?;
            direct_row(a, b, part.row + row, part.column, sums);
            Ok::<_, Error>(())
        })?;
    Ok(all)
}

/// One row of the full convolution, from `first` on.
///
/// For each result, products are added in the same order: by `b`'s rows, then its columns.
fn direct_row(a: Grid<'_>, b: Grid<'_>, row: usize, first: usize, sums: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { direct_row_avx512(a, b, row, first, sums) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { direct_row_avx2(a, b, row, first, sums) };
        }
    }
    direct_row_any(a, b, row, first, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn direct_row_avx512(a: Grid<'_>, b: Grid<'_>, row: usize, first: usize, sums: &mut [f64]) {
    direct_row_any(a, b, row, first, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn direct_row_avx2(a: Grid<'_>, b: Grid<'_>, row: usize, first: usize, sums: &mut [f64]) {
    direct_row_any(a, b, row, first, sums);
}

#[inline(always)]
fn direct_row_any(a: Grid<'_>, b: Grid<'_>, row: usize, first: usize, sums: &mut [f64]) {
    // Rows of `b` that meet a row of `a` here.
    let rows = (row + 1).saturating_sub(a.rows)..b.rows.min(row + 1);
    // From here to there every column of `b` meets one of `a`.
    let inner_start = (b.columns - 1).max(first) - first;
    let inner_end = a.columns.saturating_sub(first).min(sums.len());
    let inner_start = inner_start.min(sums.len());
    let mut place = 0;
    while place < sums.len() {
        if place >= inner_start && place + LANES <= inner_end {
            let mut lanes = [0.0; LANES];
            for u in rows.clone() {
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
            for v in columns.clone() {
                sum += b.values[u * b.columns + v] * a.values[(row - u) * a.columns + column - v];
            }
        }
        sums[place] = sum;
        place += 1;
    }
}

/// The next length that the transform is fast for: factors 2, 3 and 5 only.
fn fast(length: usize) -> usize {
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

fn by_fft(a: Grid<'_>, b: Grid<'_>, part: Part, watch: &Watch) -> Result<Vec<f64>, Error> {
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
        let mut along = vec![Complex::default(); grid.rows * bins];
        along
            .par_chunks_mut(bins)
            .zip(grid.values.par_chunks(grid.columns))
            .with_max_len(16)
            .try_for_each_init(
                || (vec![0.0; columns], there.make_scratch_vec()),
                |(row, scratch), (out, values)| {
                    watch.check()?;
                    row[..values.len()].copy_from_slice(values);
                    row[values.len()..].fill(0.0);
                    // The lengths are those that it was planned for.
                    let _ = there.process_with_scratch(row, out, scratch);
                    Ok::<_, Error>(())
                },
            )?;
        let mut columns = transposed(&along, grid.rows, bins, rows);
        columns_in_place(&mut columns, rows, &*down, watch)?;
        Ok(columns)
    };
    let mut product = spectrum(a)?;
    let other = spectrum(b)?;
    let scale = 1.0 / (rows * columns) as f64;
    product
        .par_iter_mut()
        .zip(&other)
        .with_min_len(1 << 14)
        .for_each(|(a, b)| *a = *a * b * scale);
    columns_in_place(&mut product, rows, &*up, watch)?;
    let mut along = transposed(&product, bins, rows, bins);
    let mut all = vec![0.0; part.rows * part.columns];
    let wanted = along.par_chunks_mut(bins).skip(part.row).take(part.rows);
    all.par_chunks_mut(part.columns)
        .zip(wanted)
        .with_max_len(16)
        .try_for_each_init(
            || (vec![0.0; columns], back.make_scratch_vec()),
            |(row, scratch), (out, spectrum)| {
                watch.check()?;
                // Of real arrays these two have no imaginary part, but rounding leaves one.
                spectrum[0].im = 0.0;
                spectrum[bins - 1].im = 0.0;
                let _ = back.process_with_scratch(spectrum, row, scratch);
                out.copy_from_slice(&row[part.column..part.column + part.columns]);
                Ok::<_, Error>(())
            },
        )?;
    Ok(all)
}

fn columns_in_place(
    columns: &mut [Complex<f64>],
    length: usize,
    plan: &dyn Fft<f64>,
    watch: &Watch,
) -> Result<(), Error> {
    columns
        .par_chunks_mut(length)
        .with_max_len(16)
        .try_for_each_init(
            || vec![Complex::default(); plan.get_inplace_scratch_len()],
            |scratch, column| {
                watch.check()?;
                plan.process_with_scratch(column, scratch);
                Ok(())
            },
        )
}

/// Rows become columns, each `length` long: zeros at the end.
fn transposed(
    values: &[Complex<f64>],
    rows: usize,
    columns: usize,
    length: usize,
) -> Vec<Complex<f64>> {
    // A tile of this many columns is read and written within the cache.
    const TILE: usize = 16;
    let mut all = vec![Complex::default(); columns * length];
    all.par_chunks_mut(TILE * length)
        .enumerate()
        .for_each(|(tile, out)| {
            let first = tile * TILE;
            for start in (0..rows).step_by(TILE) {
                for row in start..rows.min(start + TILE) {
                    let from = &values[row * columns + first..][..out.len() / length];
                    for (column, value) in from.iter().enumerate() {
                        out[column * length + row] = *value;
                    }
                }
            }
        });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    fn numbers(count: usize, seed: usize) -> Vec<f64> {
        (0..count)
            .map(|i| (((i + seed) * 7919) % 201) as f64 - 100.0)
            .collect()
    }

    fn naive(a: Grid<'_>, b: Grid<'_>) -> Vec<Vec<f64>> {
        let mut full = vec![vec![0.0; a.columns + b.columns - 1]; a.rows + b.rows - 1];
        for i in 0..a.rows * a.columns {
            for j in 0..b.rows * b.columns {
                let row = i / a.columns + j / b.columns;
                full[row][i % a.columns + j % b.columns] += a.values[i] * b.values[j];
            }
        }
        full
    }

    const SHAPES: [((usize, usize), (usize, usize)); 9] = [
        ((1, 1), (1, 1)),
        ((5, 7), (3, 3)),
        ((3, 3), (5, 7)),
        ((4, 90), (2, 5)),
        ((90, 4), (5, 4)),
        ((40, 130), (7, 9)),
        ((6, 3), (2, 9)),
        ((33, 65), (33, 65)),
        ((1, 200), (1, 31)),
    ];

    #[test]
    fn both_methods_agree_with_the_definition_in_every_mode() {
        for ((m, n), (p, q)) in SHAPES {
            let (first, second) = (numbers(m * n, 1), numbers(p * q, 5));
            let a = Grid {
                values: &first,
                rows: m,
                columns: n,
            };
            let b = Grid {
                values: &second,
                rows: p,
                columns: q,
            };
            let full = naive(a, b);
            for mode in [Mode::Full, Mode::Same, Mode::Valid] {
                let (row, column, rows, columns) = match mode {
                    Mode::Full => (0, 0, m + p - 1, n + q - 1),
                    Mode::Same => ((p - 1) / 2, (q - 1) / 2, m, n),
                    Mode::Valid if m >= p && n >= q => (p - 1, q - 1, m - p + 1, n - q + 1),
                    Mode::Valid if m <= p && n <= q => (m - 1, n - 1, p - m + 1, q - n + 1),
                    Mode::Valid => {
                        let error =
                            convolve2d(a, b, mode, Method::Auto, &Watch::new()).unwrap_err();
                        assert!(
                            error.to_string().contains("one array no smaller"),
                            "{error}"
                        );
                        continue;
                    }
                };
                let expected: Vec<f64> = full[row..row + rows]
                    .iter()
                    .flat_map(|row| row[column..column + columns].to_vec())
                    .collect();
                for threads in [1, 3] {
                    let run = |method| {
                        let work = || convolve2d(a, b, mode, method, &Watch::new()).unwrap();
                        pool::with_threads(threads, work).unwrap()
                    };
                    assert_eq!(
                        run(Method::Direct),
                        (expected.clone(), rows, columns),
                        "{m} {n} {p} {q} {mode:?}"
                    );
                    let by_fft = run(Method::Fft);
                    let size = expected.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
                    assert!(
                        by_fft
                            .0
                            .iter()
                            .zip(&expected)
                            .all(|(a, b)| (a - b).abs() < 1e-9 * size)
                    );
                    assert_eq!((by_fft.1, by_fft.2), (rows, columns));
                }
            }
        }
    }

    #[test]
    fn transforms_are_the_same_on_any_number_of_threads() {
        let values = numbers(200 * 300, 3);
        let a = Grid {
            values: &values,
            rows: 200,
            columns: 300,
        };
        let run = || {
            convolve2d(a, a, Mode::Full, Method::Fft, &Watch::new())
                .unwrap()
                .0
        };
        assert_eq!(
            pool::with_threads(1, run).unwrap(),
            pool::with_threads(4, run).unwrap()
        );
    }

    #[test]
    fn nothing_and_nonsense_are_refused() {
        let empty = Grid {
            values: &[],
            rows: 0,
            columns: 3,
        };
        let one = Grid {
            values: &[1.0],
            rows: 1,
            columns: 1,
        };
        let error = convolve2d(one, empty, Mode::Full, Method::Auto, &Watch::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "b: expected at least one row and one column, got (0, 3)"
        );
        assert!(Mode::named("fill").is_err() && Method::named("fast").is_err());
        let watch = Watch::new();
        watch.cancel();
        for method in [Method::Direct, Method::Fft] {
            assert!(matches!(
                convolve2d(one, one, Mode::Full, method, &watch),
                Err(Error::Cancelled(_))
            ));
        }
        assert_eq!([fast(1), fast(7), fast(11), fast(1087)], [1, 8, 12, 1125]);
    }
}

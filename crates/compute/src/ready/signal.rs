//! 2-D convolution: directly, or through the Fourier transform (`rustfft`, `realfft`).
//!
//! Conventions are `scipy.signal`'s: outside the arrays there are zeros; `same` is centred as there.

mod direct;
mod transform;

use direct::direct;
use transform::by_fft;

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

#[cfg(test)]
mod tests {
    use super::transform::fast;
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

//! Kernels over rows of numbers: saxpy, dot, Black-Scholes, edit distance.

use rayon::prelude::*;

use crate::{lent, lent_mut};

/// `y = a x + y`, computed in double precision.
///
/// # Safety
/// `x` and `y` point at `len` values, `y` at ones that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn saxpy(a: f64, x: *const f32, y: *mut f32, len: usize) {
    // SAFETY: as the caller promises.
    let (x, y) = unsafe { (lent(x, len), lent_mut(y, len)) };
    y.par_iter_mut()
        .zip(x)
        .for_each(|(y, x)| *y = (a * f64::from(*x) + f64::from(*y)) as f32);
}

/// The dot product, summed in order.
///
/// # Safety
/// `x` and `y` point at `len` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dot(x: *const f64, y: *const f64, len: usize) -> f64 {
    // SAFETY: as the caller promises.
    let (x, y) = unsafe { (lent(x, len), lent(y, len)) };
    let mut total = 0.0;
    for (x, y) in x.iter().zip(y) {
        total += x * y;
    }
    total
}

/// The normal distribution's integral, by the polynomial of Abramowitz and Stegun, 26.2.17.
fn normal(d: f64) -> f64 {
    let k = 1.0 / (1.0 + 0.231_641_9 * d.abs());
    let poly = k
        * (0.319_381_530
            + k * (-0.356_563_782
                + k * (1.781_477_937 + k * (-1.821_255_978 + k * 1.330_274_429))));
    let tail = 0.398_942_280_401_432_7 * (-0.5 * d * d).exp() * poly;
    if d > 0.0 { 1.0 - tail } else { tail }
}

/// Prices of European calls and puts.
///
/// # Safety
/// The pointers are to `len` values each, `calls` and `puts` to ones that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn black_scholes(
    price: *const f64,
    strike: *const f64,
    years: *const f64,
    calls: *mut f64,
    puts: *mut f64,
    len: usize,
    rate: f64,
    volatility: f64,
) {
    // SAFETY: as the caller promises.
    let (price, strike, years) = unsafe { (lent(price, len), lent(strike, len), lent(years, len)) };
    // SAFETY: as the caller promises.
    let (calls, puts) = unsafe { (lent_mut(calls, len), lent_mut(puts, len)) };
    let given = price.par_iter().zip(strike).zip(years);
    let made = calls.par_iter_mut().zip(puts);
    given
        .zip(made)
        .for_each(|(((price, strike), years), (call, put))| {
            let root = years.sqrt();
            let d1 = ((price / strike).ln() + (rate + 0.5 * volatility * volatility) * years)
                / (volatility * root);
            let d2 = d1 - volatility * root;
            let (n1, n2) = (normal(d1), normal(d2));
            let discounted = strike * (-rate * years).exp();
            *call = price * n1 - discounted * n2;
            *put = discounted * (1.0 - n2) - price * (1.0 - n1);
        });
}

/// The edit distance of Levenshtein.
///
/// # Safety
/// `a` and `b` point at as many bytes as is said, `row` at one more than `b`, for this call only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn levenshtein(
    a: *const u8,
    a_len: usize,
    b: *const u8,
    b_len: usize,
    row: *mut i64,
) -> i64 {
    // SAFETY: as the caller promises.
    let (a, b) = unsafe { (lent(a, a_len), lent(b, b_len)) };
    // SAFETY: as the caller promises.
    let row = unsafe { lent_mut(row, b_len + 1) };
    for (j, cell) in row.iter_mut().enumerate() {
        *cell = j as i64;
    }
    for (i, a) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i as i64 + 1;
        for (j, b) in b.iter().enumerate() {
            let above = row[j + 1];
            let changed = diagonal + i64::from(a != b);
            row[j + 1] = changed.min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b_len]
}

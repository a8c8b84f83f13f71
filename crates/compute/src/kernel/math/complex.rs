//! Quotients and powers of complex numbers, in CPython's order of operations.

use super::{atan2, cos, exp, hypot, log, pow, sin};

/// `(a + bj) / (c + dj)`, scaled by the divisor's larger part; nothing where the divisor is 0.
#[must_use]
pub fn complex_div((a, b): (f64, f64), (c, d): (f64, f64)) -> Option<(f64, f64)> {
    if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let scale = c + d * ratio;
        Some(((a + b * ratio) / scale, (b - a * ratio) / scale))
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let scale = c * ratio + d;
        Some(((a * ratio + b) / scale, (b * ratio - a) / scale))
    } else {
        // One is NaN.
        Some((f64::NAN, f64::NAN))
    }
}

/// `(a + bj) ** (c + dj)`; nothing where CPython raises, or may: it knows of libm's errors.
#[must_use]
pub fn complex_pow(base: (f64, f64), power: (f64, f64)) -> Option<(f64, f64)> {
    let ((a, b), (c, d)) = (base, power);
    if d == 0.0 && c == c.floor() && c.abs() <= 100.0 {
        let whole = complex_whole_power(base, c.abs() as u32);
        let (re, im) = if c > 0.0 {
            whole
        } else {
            complex_div((1.0, 0.0), whole)?
        };
        return (!re.is_infinite() && !im.is_infinite()).then_some((re, im));
    }
    if a == 0.0 && b == 0.0 {
        return (d == 0.0 && c >= 0.0).then_some((0.0, 0.0));
    }
    // SAFETY: libm's functions take any floats.
    let (re, im) = unsafe {
        let size = hypot(a, b);
        let angle = atan2(b, a);
        let (mut length, mut phase) = (pow(size, c), angle * c);
        if d != 0.0 {
            length *= exp(-angle * d);
            phase += d * log(size);
        }
        (length * cos(phase), length * sin(phase))
    };
    (re.is_finite() && im.is_finite()).then_some((re, im))
}

/// By squaring, as CPython does it: other orders would round otherwise.
fn complex_whole_power(base: (f64, f64), power: u32) -> (f64, f64) {
    let times = |(a, b): (f64, f64), (c, d): (f64, f64)| (a * c - b * d, a * d + b * c);
    let (mut result, mut square, mut left) = ((1.0, 0.0), base, power);
    while left > 0 {
        if left & 1 == 1 {
            result = times(result, square);
        }
        left >>= 1;
        if left > 0 {
            square = times(square, square);
        }
    }
    result
}

//! Arithmetic of ints of 128 bits, and their way to floats.

use crate::kernel::interval;

/// The float nearest to an int, to even where two are.
pub extern "C" fn i128_to_f64(low: u64, high: i64) -> f64 {
    join(low, high) as f64
}

const fn join(low: u64, high: i64) -> i128 {
    ((high as i128) << 64) | low as i128
}

/// `a / b` of ints, `b` not 0: the float nearest to the exact quotient.
pub extern "C" fn int_true_div(a_low: u64, a_high: i64, b_low: u64, b_high: i64) -> f64 {
    let (a, b) = (join(a_low, a_high), join(b_low, b_high));
    let negative = (a < 0) != (b < 0);
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    if x == 0 {
        // An int has no negative zero, but Python's quotient has: 0 / -1.
        return if negative { -0.0 } else { 0.0 };
    }
    // Long division, until the quotient has the 53 bits and a bit for rounding, and what is left only says
    // "more than that".
    let (mut quotient, mut rest, mut exponent) = (x / y, x % y, 0_i32);
    while quotient < 1 << 54 {
        let (doubled, over) = (rest << 1, rest >> 127 == 1);
        let bit = over || doubled >= y;
        rest = if bit {
            doubled.wrapping_sub(y)
        } else {
            doubled
        };
        quotient = (quotient << 1) | u128::from(bit);
        exponent -= 1;
        if rest == 0 && exponent < -200 {
            break;
        }
    }
    // What is left of the division must be seen by the rounding: as the lowest of the bits that are dropped.
    let (quotient, exponent) = if quotient < 1 << 120 {
        ((quotient << 2) | u128::from(rest != 0), exponent - 2)
    } else {
        (quotient | u128::from(rest != 0), exponent)
    };
    let size = quotient as f64 * 2.0_f64.powi(exponent);
    if negative { -size } else { size }
}

/// Compares an int with a float, exactly: -1, 0, 1, or 2 for NaN.
pub extern "C" fn compare_int_float(low: u64, high: i64, b: f64) -> i32 {
    let a = join(low, high);
    if b.is_nan() {
        return 2;
    }
    // Beyond what an i128 holds.
    if b >= 2.0_f64.powi(127) {
        return -1;
    }
    if b < -(2.0_f64.powi(127)) {
        return 1;
    }
    let whole = b.trunc();
    let order = a.cmp(&(whole as i128)).then_with(|| {
        let rest = b - whole;
        0.0.partial_cmp(&rest).unwrap_or(std::cmp::Ordering::Equal)
    });
    order as i32
}

/// An i128 as generated code passes it: two words in memory.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Wide {
    low: u64,
    high: i64,
}

impl Wide {
    const fn get(self) -> i128 {
        join(self.low, self.high)
    }

    pub(super) const fn of(value: i128) -> Self {
        Self {
            low: value as u64,
            high: (value >> 64) as i64,
        }
    }
}

/// Arithmetic on 128 bits that has no instruction. Gives 0 where the result does not fit or is not defined.
///
/// # Safety
/// `operands` must point at two readable values, of which the first is writable: the result replaces it.
pub unsafe extern "C" fn wide_op(op: i32, operands: *mut Wide) -> i32 {
    // SAFETY: the caller's promise.
    let (a, b) = unsafe { ((*operands).get(), (*operands.add(1)).get()) };
    let Some(result) = wide(op, a, b) else {
        return 0;
    };
    // SAFETY: the caller's promise.
    unsafe { *operands = Wide::of(result) };
    1
}

/// Numbers of the operations of [`wide_op`].
pub mod op {
    #![allow(missing_docs)]
    pub const MUL: i32 = 0;
    pub const FLOOR_DIV: i32 = 1;
    pub const MOD: i32 = 2;
    pub const POW: i32 = 3;
    pub const SHL: i32 = 4;
    pub const SHR: i32 = 5;
    pub const GCD: i32 = 6;
    pub const ISQRT: i32 = 7;
}

fn wide(operation: i32, a: i128, b: i128) -> Option<i128> {
    match operation {
        op::MUL => a.checked_mul(b),
        op::FLOOR_DIV => interval::floor_div(a, b),
        op::MOD => {
            if b == 0 {
                return None;
            }
            let rest = a.checked_rem(b).unwrap_or(0);
            Some(if rest != 0 && ((rest < 0) != (b < 0)) {
                rest + b
            } else {
                rest
            })
        }
        op::POW => {
            if matches!(a, -1..=1) && b >= 0 {
                return Some(if b % 2 == 0 { a * a } else { a }.max(if b == 0 { 1 } else { -1 }));
            }
            a.checked_pow(u32::try_from(b).ok()?)
        }
        op::SHL => {
            if b < 0 {
                return None;
            }
            if a == 0 {
                return Some(0);
            }
            let k = u32::try_from(b).ok().filter(|k| *k < 127)?;
            a.checked_mul(1 << k)
        }
        op::SHR => (b >= 0).then(|| a >> b.min(127)),
        op::GCD => {
            let (mut x, mut y) = (a.unsigned_abs(), b.unsigned_abs());
            while y != 0 {
                (x, y) = (y, x % y);
            }
            i128::try_from(x).ok()
        }
        op::ISQRT => (a >= 0).then(|| a.isqrt()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn true_div(a: i128, b: i128) -> f64 {
        int_true_div(a as u64, (a >> 64) as i64, b as u64, (b >> 64) as i64)
    }

    #[test]
    fn quotients_of_ints_are_the_nearest_floats() {
        assert_eq!(true_div(1, 3), 1.0 / 3.0);
        assert_eq!(true_div(-7, 2), -3.5);
        assert_eq!(true_div(i128::MAX, 1), 2.0_f64.powi(127));
        assert_eq!(true_div(1, i128::MAX), 2.0_f64.powi(-127));
        assert_eq!(true_div(0, -5), 0.0);
        assert!(true_div(0, -5).is_sign_negative() && true_div(0, 5).is_sign_positive());
        // Half way between two floats, and a little more.
        assert_eq!(true_div((1 << 54) + 2, 1), 2.0_f64.powi(54));
        assert_eq!(true_div((1 << 54) + 3, 1), 2.0_f64.powi(54) + 4.0);
        assert_eq!(true_div(((1 << 54) + 2) * 3 + 1, 3), 2.0_f64.powi(54) + 4.0);
        for a in [7_i128, 12345, 1 << 40, (1 << 53) - 1] {
            for b in [3_i128, 11, 1 << 20, 999_999_937] {
                assert_eq!(true_div(a, b), a as f64 / b as f64, "{a} / {b}");
            }
        }
    }

    #[test]
    fn ints_and_floats_compare_exactly() {
        let compare = |a: i128, b: f64| compare_int_float(a as u64, (a >> 64) as i64, b);
        assert_eq!(compare((1 << 53) + 1, 2.0_f64.powi(53)), 1);
        assert_eq!(compare(1, 1.5), -1);
        assert_eq!(compare(-1, -1.5), 1);
        assert_eq!(compare(2, 2.0), 0);
        assert_eq!(compare(0, f64::NAN), 2);
        assert_eq!(compare(i128::MAX, f64::INFINITY), -1);
        assert_eq!(compare(i128::MIN, f64::NEG_INFINITY), 1);
    }

    #[test]
    fn wide_arithmetic_is_pythons() {
        assert_eq!(wide(op::MOD, -7, 3), Some(2));
        assert_eq!(wide(op::FLOOR_DIV, -7, 3), Some(-3));
        assert_eq!(wide(op::FLOOR_DIV, i128::MIN, -1), None);
        assert_eq!(wide(op::MOD, i128::MIN, -1), Some(0));
        assert_eq!(wide(op::POW, 0, 0), Some(1));
        assert_eq!(wide(op::POW, -1, 3), Some(-1));
        assert_eq!(wide(op::POW, -1, 4), Some(1));
        assert_eq!(wide(op::POW, 1, i128::MAX), Some(1));
        assert_eq!(wide(op::POW, 0, 5), Some(0));
        assert_eq!(wide(op::POW, 2, 127), None);
        assert_eq!(wide(op::SHL, -1, 127), None);
        assert_eq!(wide(op::SHL, 1, -1), None);
        assert_eq!(wide(op::SHR, -5, 1000), Some(-1));
        assert_eq!(wide(op::GCD, -12, 18), Some(6));
    }
}

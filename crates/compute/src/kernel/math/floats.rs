//! Arithmetic of floats that machines lack, rounded as CPython rounds it.

use super::fmod;
use crate::kernel::value::Slot;

/// `x % y` of floats, `y` not 0: the sign is the divisor's.
pub extern "C" fn float_mod(x: f64, y: f64) -> f64 {
    // SAFETY: libm's fmod takes any floats.
    let rest = unsafe { fmod(x, y) };
    if rest == 0.0 {
        return 0.0_f64.copysign(y);
    }
    // NaN goes through: it is neither.
    if (rest < 0.0) == (y < 0.0) {
        rest
    } else {
        rest + y
    }
}

/// `x // y` of floats, `y` not 0.
pub extern "C" fn float_floor_div(x: f64, y: f64) -> f64 {
    // SAFETY: libm's fmod takes any floats.
    let rest = unsafe { fmod(x, y) };
    let mut quotient = (x - rest) / y;
    if rest != 0.0 && ((y < 0.0) != (rest < 0.0)) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(x / y);
    }
    // The quotient is a whole number but for its last rounding.
    let floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// `x * y + z`, rounded once.
pub extern "C" fn fma(x: f64, y: f64, z: f64) -> f64 {
    if std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the machine has the instruction.
        return unsafe { fma_of_machine(x, y, z) };
    }
    x.mul_add(y, z)
}

#[target_feature(enable = "fma")]
fn fma_of_machine(x: f64, y: f64, z: f64) -> f64 {
    x.mul_add(y, z)
}

/// `math.hypot`: bit for bit what CPython 3.13 computes (`vector_norm`), which is nearer to the truth than libm's.
///
/// # Safety
/// So many floats must be readable, each in a slot of 16 bytes.
pub unsafe extern "C" fn norm(count: u64, values: *const Slot) -> f64 {
    // SAFETY: the caller's promise.
    let values = unsafe { std::slice::from_raw_parts(values, count as usize) };
    if std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the machine has the instruction.
        return unsafe { norm_of_machine(values) };
    }
    norm_of(values)
}

#[target_feature(enable = "fma")]
fn norm_of_machine(values: &[Slot]) -> f64 {
    norm_of(values)
}

#[inline(always)]
fn norm_of(values: &[Slot]) -> f64 {
    let sizes = values.iter().map(|slot| f64::from_bits(slot.0[0]).abs());
    let (mut largest, mut nan) = (0.0, false);
    for size in sizes.clone() {
        nan |= size.is_nan();
        largest = if size > largest { size } else { largest };
    }
    if largest == f64::INFINITY {
        return largest;
    }
    if nan {
        return f64::NAN;
    }
    if largest == 0.0 || values.len() == 1 {
        return largest;
    }
    // Below this the scale would be infinite.
    if largest < power_of_two(-1024) {
        let unit = f64::MIN_POSITIVE;
        return unit * scaled_norm(sizes.map(|size| size / unit), largest / unit);
    }
    scaled_norm(sizes, largest)
}

/// Squares of what was scaled to at most 1, exact in two floats each, are added up from 1 on, so that the sum is always
/// the larger operand; what rounding takes away is kept. The root is corrected once by what its square is off.
#[inline(always)]
fn scaled_norm(sizes: impl Iterator<Item = f64>, largest: f64) -> f64 {
    let scale = power_of_two(-exponent(largest));
    let (mut sum, mut low, mut lost) = (1.0, 0.0, 0.0);
    let mut add = |x: f64, y: f64| {
        let square = x * y;
        let next = sum + square;
        low += x.mul_add(y, -square);
        lost += (sum - next) + square;
        sum = next;
        sum - 1.0 + (low + lost)
    };
    let mut total = 0.0;
    for size in sizes {
        let x = size * scale;
        total = add(x, x);
    }
    let root = total.sqrt();
    let off = add(-root, root);
    (root + off / (2.0 * root)) / scale
}

/// Of a positive float `m * 2**e`, `m` from 1/2 to 1: `e`.
pub(super) fn exponent(x: f64) -> i32 {
    let of = |x: f64| ((x.to_bits() >> 52) & 0x7ff) as i32 - 1022;
    if x < f64::MIN_POSITIVE {
        of(x * power_of_two(54)) - 54
    } else {
        of(x)
    }
}

/// `2**k` for -1074 <= k <= 1023.
const fn power_of_two(k: i32) -> f64 {
    f64::from_bits(if k >= -1022 {
        ((k + 1023) as u64) << 52
    } else {
        1 << (k + 1074)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_division_rounds_down_and_keeps_signs() {
        assert_eq!(float_mod(-1.0, 3.0), 2.0);
        assert_eq!(float_mod(5.0, -3.0), -1.0);
        assert!(float_mod(-6.0, 3.0).is_sign_positive());
        assert!(float_mod(6.0, -3.0).is_sign_negative());
        assert!(float_mod(f64::NAN, 1.0).is_nan());
        assert_eq!(float_mod(1.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!(float_floor_div(-1.0, 3.0), -1.0);
        assert_eq!(float_floor_div(7.0, 2.0), 3.0);
        assert!(float_floor_div(-0.0, 2.0).is_sign_negative());
        assert_eq!(float_floor_div(1.0, 0.1), 9.0);
    }
}

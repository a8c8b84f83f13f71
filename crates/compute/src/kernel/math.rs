//! The functions of Python's `math` that kernels know, and arithmetic that machines lack.
//!
//! Everything here gives what CPython gives, or says that CPython must be asked (`None`): for an error, say.

use super::interval;
use super::value::Slot;

/// Functions of `math`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Math {
    Sqrt,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Cbrt,
    Erf,
    Erfc,
    Fabs,
    Floor,
    Ceil,
    Trunc,
    IsNan,
    IsInf,
    IsFinite,
    Degrees,
    Radians,
    Atan2,
    Pow,
    Fmod,
    Copysign,
    Gcd,
    Isqrt,
    Hypot,
    Dist,
    Fma,
}

impl Math {
    /// All of them, with their names in `math`.
    pub const ALL: [(&'static str, Self); 41] = [
        ("sqrt", Self::Sqrt),
        ("sin", Self::Sin),
        ("cos", Self::Cos),
        ("tan", Self::Tan),
        ("asin", Self::Asin),
        ("acos", Self::Acos),
        ("atan", Self::Atan),
        ("sinh", Self::Sinh),
        ("cosh", Self::Cosh),
        ("tanh", Self::Tanh),
        ("asinh", Self::Asinh),
        ("acosh", Self::Acosh),
        ("atanh", Self::Atanh),
        ("exp", Self::Exp),
        ("exp2", Self::Exp2),
        ("expm1", Self::Expm1),
        ("log", Self::Log),
        ("log2", Self::Log2),
        ("log10", Self::Log10),
        ("log1p", Self::Log1p),
        ("cbrt", Self::Cbrt),
        ("erf", Self::Erf),
        ("erfc", Self::Erfc),
        ("fabs", Self::Fabs),
        ("floor", Self::Floor),
        ("ceil", Self::Ceil),
        ("trunc", Self::Trunc),
        ("isnan", Self::IsNan),
        ("isinf", Self::IsInf),
        ("isfinite", Self::IsFinite),
        ("degrees", Self::Degrees),
        ("radians", Self::Radians),
        ("atan2", Self::Atan2),
        ("pow", Self::Pow),
        ("fmod", Self::Fmod),
        ("copysign", Self::Copysign),
        ("gcd", Self::Gcd),
        ("isqrt", Self::Isqrt),
        ("hypot", Self::Hypot),
        ("dist", Self::Dist),
        ("fma", Self::Fma),
    ];

    /// Its name in `math`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, f)| *f == self)
            .map_or("", |f| f.0)
    }

    /// How few and how many arguments it takes.
    #[must_use]
    pub const fn arity(self) -> (usize, usize) {
        match self {
            Self::Hypot => (0, usize::MAX),
            Self::Log => (1, 2),
            Self::Atan2 | Self::Pow | Self::Fmod | Self::Copysign | Self::Gcd | Self::Dist => {
                (2, 2)
            }
            Self::Fma => (3, 3),
            _ => (1, 1),
        }
    }
}

// CPython calls the platform's libm, and so must we: the last bits are its.
unsafe extern "C" {
    fn sin(x: f64) -> f64;
    fn cos(x: f64) -> f64;
    fn tan(x: f64) -> f64;
    fn asin(x: f64) -> f64;
    fn acos(x: f64) -> f64;
    fn atan(x: f64) -> f64;
    fn sinh(x: f64) -> f64;
    fn cosh(x: f64) -> f64;
    fn tanh(x: f64) -> f64;
    fn asinh(x: f64) -> f64;
    fn acosh(x: f64) -> f64;
    fn atanh(x: f64) -> f64;
    fn exp(x: f64) -> f64;
    fn exp2(x: f64) -> f64;
    fn expm1(x: f64) -> f64;
    fn log(x: f64) -> f64;
    fn log2(x: f64) -> f64;
    fn log10(x: f64) -> f64;
    fn log1p(x: f64) -> f64;
    fn cbrt(x: f64) -> f64;
    fn erf(x: f64) -> f64;
    fn erfc(x: f64) -> f64;
    fn atan2(y: f64, x: f64) -> f64;
    fn pow(x: f64, y: f64) -> f64;
    fn fmod(x: f64, y: f64) -> f64;
    fn hypot(x: f64, y: f64) -> f64;
}

/// The address of a libm function of one argument, if it is one.
#[must_use]
pub fn libm1(function: Math) -> Option<*const u8> {
    type F = unsafe extern "C" fn(f64) -> f64;
    let address: F = match function {
        Math::Sin => sin,
        Math::Cos => cos,
        Math::Tan => tan,
        Math::Asin => asin,
        Math::Acos => acos,
        Math::Atan => atan,
        Math::Sinh => sinh,
        Math::Cosh => cosh,
        Math::Tanh => tanh,
        Math::Asinh => asinh,
        Math::Acosh => acosh,
        Math::Atanh => atanh,
        Math::Exp => exp,
        Math::Exp2 => exp2,
        Math::Expm1 => expm1,
        Math::Log => log,
        Math::Log2 => log2,
        Math::Log10 => log10,
        Math::Log1p => log1p,
        Math::Cbrt => return Some(platforms_cbrt()),
        Math::Erf => erf,
        Math::Erfc => erfc,
        _ => return None,
    };
    Some(address as *const u8)
}

/// Takes back what libm said of the last numbers: some of CPython's functions look at it without having
/// set it before.
pub fn forget_range_errors() {
    // SAFETY: the address is that of this thread's own variable, as long as the thread lives.
    unsafe { *libc::__errno_location() = 0 };
}

/// The libm's own, of the process: Rust's runtime has one, too, with other last bits, which the linker
/// takes where we only name it.
fn platforms_cbrt() -> *const u8 {
    // SAFETY: the name ends with a zero byte.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"cbrt".as_ptr()) };
    if found.is_null() {
        cbrt as *const u8
    } else {
        found.cast_const().cast()
    }
}

/// The address of a libm function of two arguments, if it is one.
#[must_use]
pub fn libm2(function: Math) -> Option<*const u8> {
    type F = unsafe extern "C" fn(f64, f64) -> f64;
    let address: F = match function {
        Math::Atan2 => atan2,
        Math::Pow => pow,
        Math::Fmod => fmod,
        _ => return None,
    };
    Some(address as *const u8)
}

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
fn exponent(x: f64) -> i32 {
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

    const fn of(value: i128) -> Self {
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

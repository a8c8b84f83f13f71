//! The functions of Python's `math` that kernels know, and arithmetic that machines lack.
//!
//! Everything here gives what CPython gives, or says that CPython must be asked (`None`): for an error, say.

mod complex;
mod floats;
mod ints;

pub use complex::{complex_div, complex_pow};
pub use floats::{float_floor_div, float_mod, fma, norm};
pub use ints::{Wide, compare_int_float, i128_to_f64, int_true_div, op, wide_op};

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

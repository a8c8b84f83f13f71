//! What compiled code calls where one instruction would not do.

use crate::kernel::math;
use crate::kernel::types::DType;
use crate::kernel::value::{Array, Slot};

/// A whole float within 128 bits as an int.
///
/// # Safety
/// `out` must be writable.
pub unsafe extern "C" fn f64_to_i128(x: f64, out: *mut Slot) {
    let value = x as i128;
    // SAFETY: the caller's promise.
    unsafe { *out = Slot([value as u64, (value >> 64) as u64]) };
}

/// `|re + im j|`
///
/// # Safety
/// `out` must be writable.
pub unsafe extern "C" fn hypot(re: f64, im: f64, out: *mut Slot) {
    let size = re.hypot(im);
    // SAFETY: the caller's promise.
    unsafe { *out = Slot([size.to_bits(), 0]) };
}

/// `(a + bj) / (c + dj)`; 0 where CPython must be asked.
///
/// # Safety
/// `out` must be writable, two slots.
pub unsafe extern "C" fn complex_div(a: f64, b: f64, c: f64, d: f64, out: *mut Slot) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { give_complex(math::complex_div((a, b), (c, d)), out) }
}

/// `(a + bj) ** (c + dj)`; 0 where CPython must be asked.
///
/// # Safety
/// `out` must be writable, two slots.
pub unsafe extern "C" fn complex_pow(a: f64, b: f64, c: f64, d: f64, out: *mut Slot) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { give_complex(math::complex_pow((a, b), (c, d)), out) }
}

unsafe fn give_complex(result: Option<(f64, f64)>, out: *mut Slot) -> i32 {
    let Some((re, im)) = result else { return 0 };
    // SAFETY: the caller's promise.
    unsafe {
        *out = Slot([re.to_bits(), 0]);
        *out.add(1) = Slot([im.to_bits(), 0]);
    }
    1
}

pub const REDUCE_SUM: i32 = 0;
pub const REDUCE_MIN: i32 = 1;
pub const REDUCE_MAX: i32 = 2;

/// `sum`, `min` and `max` of a one-dimensional array. 0 where only Python knows the answer: of nothing there is no
/// least.
///
/// # Safety
/// The array must be as it says, and `out` writable, two slots.
pub unsafe extern "C" fn reduce(what: i32, array: *const Array, out: *mut Slot) -> i32 {
    // SAFETY: the caller's promise.
    let array = unsafe { &*array };
    let count = array.shape[0];
    let dtype = array.ty.dtype;
    // SAFETY: the element is there: the index is below the length.
    let at = |index: i64| unsafe {
        array
            .data
            .offset((index * array.strides[0]) as isize)
            .cast_const()
    };
    let floats = matches!(dtype, DType::F32 | DType::F64);
    let complex = matches!(dtype, DType::C64 | DType::C128);
    if array.ty.ndim != 1 || complex || (count == 0 && what != REDUCE_SUM) {
        return 0;
    }
    let result = if floats {
        // SAFETY: as above.
        let mut values = (0..count).map(|i| unsafe { Array::float(dtype, at(i)) });
        match what {
            REDUCE_SUM if count == 0 => [Slot([0, 0]), Slot([1, 0])],
            REDUCE_SUM => [Slot([compensated(values).to_bits(), 0]), Slot([0, 0])],
            _ => {
                let first = values.next().unwrap_or(0.0);
                let better = |a: f64, b: f64| if what == REDUCE_MIN { b < a } else { b > a };
                let found = values.fold(first, |a, b| if better(a, b) { b } else { a });
                [Slot([found.to_bits(), 0]), Slot::default()]
            }
        }
    } else {
        // SAFETY: as above.
        let mut values = (0..count).map(|i| unsafe { Array::int(dtype, at(i)) });
        let found = match what {
            // As many as fit into memory do not fill 128 bits.
            REDUCE_SUM => values.sum(),
            REDUCE_MIN => values.min().unwrap_or(0),
            _ => values.by_ref().max().unwrap_or(0),
        };
        [Slot([found as u64, (found >> 64) as u64]), Slot::default()]
    };
    // SAFETY: the caller's promise.
    unsafe {
        *out = result[0];
        *out.add(1) = result[1];
    }
    1
}

/// Python's sum of floats: Neumaier's, which carries what rounding lost.
fn compensated(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for x in values {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() {
            (sum - next) + x
        } else {
            (x - next) + sum
        };
        sum = next;
    }
    // What is lost of infinities is NaN, and does not count.
    if lost != 0.0 && lost.is_finite() {
        sum + lost
    } else {
        sum
    }
}

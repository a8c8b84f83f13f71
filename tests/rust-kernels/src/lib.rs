//! The kernels of `xtask/src/bench/apps/kernels.py` as a Rust programmer writes them: the same
//! arithmetic in the same order, slices and iterators, rayon where the Python has `prange`.
//!
//! The benchmark calls them through ctypes. Nothing here is clever in a way the Python is not.

mod classic;
mod numbers;
mod tables;

use std::slice;

/// An array that the benchmark lends for the length of a call.
///
/// # Safety
/// `data` points at `len` values that nobody writes to during the call.
unsafe fn lent<'a, T>(data: *const T, len: usize) -> &'a [T] {
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts(data, len) }
}

/// An array that the benchmark lends to be written to.
///
/// # Safety
/// `data` points at `len` values that nobody else looks at during the call.
unsafe fn lent_mut<'a, T>(data: *mut T, len: usize) -> &'a mut [T] {
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts_mut(data, len) }
}

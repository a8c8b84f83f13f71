//! CPython's `math.cbrt` is the platform's. Rust's own runtime has a `cbrt`, too, with other last digits,
//! and linkers take that one wherever a crate names it; so `build.rs` leads all calls here.

use std::ffi::{CStr, c_void};
use std::sync::OnceLock;

type Function = unsafe extern "C" fn(f64) -> f64;

unsafe extern "C" {
    /// What the linker would have taken.
    fn __real_cbrt(x: f64) -> f64;
}

/// What the linker puts in the place of `cbrt`: `-Wl,--wrap=cbrt`.
#[unsafe(no_mangle)]
extern "C" fn __wrap_cbrt(x: f64) -> f64 {
    static CBRT: OnceLock<Function> = OnceLock::new();
    let cbrt = CBRT.get_or_init(|| of_platform(c"cbrt").unwrap_or(__real_cbrt));
    // SAFETY: both are functions of C's `double (double)`, which touch nothing but `errno`.
    unsafe { cbrt(x) }
}

/// A function of the C library's, of one number.
fn of_platform(name: &CStr) -> Option<Function> {
    // SAFETY: the name ends with a zero byte.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: executables export none of these names, so the symbol is libm's, whose signature is C's.
    (!found.is_null()).then(|| unsafe { std::mem::transmute::<*mut c_void, Function>(found) })
}

//! The libc functions that open, look at and list files, answered for paths inside the payload.
//!
//! An executable's definition of a libc function takes precedence over libc's own, for the code
//! linked into it and for every shared library it loads; this is how preloaded libraries work.
//! So `open("…/app/lib/…/data.json")` succeeds in Python, in SQLite and in a wheel's C++ alike.
//! Any other path goes to libc untouched. Nothing here may allocate before it has seen that a
//! path is ours, or panic.
//!
//! `open` and `openat` are variadic in C; on the 64-bit ABIs of Linux an optional `mode` is
//! passed like a fixed argument, and reading it when the caller gave none is harmless because
//! only `O_CREAT` and `O_TMPFILE` use it.

mod folders;
mod open;
mod paths;
mod real;
mod stat;

use std::{
    ffi::{CStr, c_char, c_int},
    io,
};

pub(crate) use real::Real;
use real::real;

use super::{Node, Vfs, fallback, mounted};

pub(super) fn set_errno(error: &io::Error) {
    // SAFETY: the address of this thread's `errno`.
    unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(libc::EIO) };
}

pub(super) fn fail<T>(code: c_int, value: T) -> T {
    set_errno(&io::Error::from_raw_os_error(code));
    value
}

/// A path that belongs to the payload.
pub(super) struct Virtual {
    pub(super) vfs: &'static Vfs,
    pub(super) relative: String,
}

impl Virtual {
    pub(super) fn node(&self) -> io::Result<Node> {
        self.vfs.node(&self.relative)
    }
}

/// `Some` when `path` lies below the executable's path. The executable itself is a real file.
///
/// # Safety
/// `path` is NULL or NUL-terminated, as for the libc function that was called.
pub(super) unsafe fn inside(path: *const c_char) -> Option<Virtual> {
    // SAFETY: the same promise.
    unsafe { at_or_inside(path) }.filter(|found| !found.relative.is_empty())
}

/// Like [`inside`], but the executable's own path counts too.
///
/// # Safety
/// As for [`inside`].
pub(super) unsafe fn at_or_inside(path: *const c_char) -> Option<Virtual> {
    let vfs = mounted()?;
    if path.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated by the caller's promise.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    Some(Virtual {
        vfs,
        relative: vfs.relative(bytes)?,
    })
}

/// `path`, or what stands in for it on this machine.
///
/// # Safety
/// As for [`inside`].
pub(super) unsafe fn on_this_machine(path: *const c_char) -> *const c_char {
    if path.is_null() {
        return path;
    }
    // SAFETY: not NULL, and NUL-terminated by the caller's promise.
    let text = unsafe { CStr::from_ptr(path) };
    if !text.to_bytes().ends_with(b"/cert.pem") {
        return path;
    }
    fallback::for_missing(text).map_or(path, CStr::as_ptr)
}

pub(super) fn result(outcome: io::Result<c_int>) -> c_int {
    outcome.unwrap_or_else(|error| {
        set_errno(&error);
        -1
    })
}

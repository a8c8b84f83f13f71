//! Calls that ask what a path means: the payload has no links and no extended attributes.

use std::{
    ffi::{c_char, c_void},
    ptr,
};

use libc::{size_t, ssize_t};

use super::{fail, inside, real, real::Real, result, set_errno};

#[unsafe(no_mangle)]
unsafe extern "C" fn readlink(path: *const c_char, buffer: *mut c_char, len: size_t) -> ssize_t {
    // SAFETY: the caller's path and buffer, handed on.
    unsafe {
        match inside(path).map(|found| found.node()) {
            // The payload has no links.
            Some(Ok(_)) => fail(libc::EINVAL, -1),
            Some(Err(error)) => result(Err(error)) as ssize_t,
            None => real!(readlink: fn(*const c_char, *mut c_char, size_t) -> ssize_t)(
                path, buffer, len,
            ),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realpath(path: *const c_char, resolved: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's path and buffer, handed on; without a buffer the result is the
    // caller's to free, as `strdup` makes it.
    unsafe {
        let Some(found) = inside(path) else {
            return real!(realpath: fn(*const c_char, *mut c_char) -> *mut c_char)(path, resolved);
        };
        if let Err(error) = found.node() {
            set_errno(&error);
            return ptr::null_mut();
        }
        let full = found.vfs.root().join(&found.relative);
        let Ok(full) = std::ffi::CString::new(full.into_os_string().into_encoded_bytes()) else {
            return fail(libc::EINVAL, ptr::null_mut());
        };
        if resolved.is_null() {
            return libc::strdup(full.as_ptr());
        }
        if full.as_bytes_with_nul().len() > libc::PATH_MAX as usize {
            return fail(libc::ENAMETOOLONG, ptr::null_mut());
        }
        libc::strcpy(resolved, full.as_ptr())
    }
}

/// Defines the calls that ask for extended attributes, which `shutil.copy2` makes: none here.
macro_rules! xattr_functions {
    ($($name:ident ( $($argument:ident : $argument_type:ty),* )),* $(,)?) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(path: *const c_char, $($argument: $argument_type),*) -> ssize_t {
            // SAFETY: the caller's path and buffers, handed on.
            unsafe {
                match inside(path) {
                    Some(_) => fail(libc::ENOTSUP, -1),
                    None => real!($name: fn(*const c_char $(, $argument_type)*) -> ssize_t)(path $(, $argument)*),
                }
            }
        }
    )*};
}
xattr_functions! {
    listxattr(list: *mut c_char, len: size_t), llistxattr(list: *mut c_char, len: size_t),
    getxattr(name: *const c_char, value: *mut c_void, len: size_t),
    lgetxattr(name: *const c_char, value: *mut c_void, len: size_t),
}

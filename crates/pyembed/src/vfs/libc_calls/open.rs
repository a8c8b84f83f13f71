//! Calls that open a file: a file of the payload becomes an anonymous file with its content.

use std::{
    ffi::{CStr, c_char, c_int},
    io,
    os::fd::IntoRawFd,
    ptr,
};

use libc::{FILE, mode_t};

use super::{Node, Virtual, inside, on_this_machine, real, real::Real, result, set_errno};
use crate::vfs::anonymous_file;

fn open_virtual(found: &Virtual, flags: c_int) -> io::Result<c_int> {
    if flags & libc::O_ACCMODE != libc::O_RDONLY || flags & (libc::O_CREAT | libc::O_TRUNC) != 0 {
        return Err(io::Error::from_raw_os_error(libc::EROFS));
    }
    match found.node()? {
        Node::File(_) if flags & libc::O_DIRECTORY != 0 => {
            Err(io::Error::from_raw_os_error(libc::ENOTDIR))
        }
        Node::File(entry) => {
            let fd = anonymous_file(&entry, false)?.into_raw_fd();
            if flags & libc::O_CLOEXEC == 0 {
                // SAFETY: a descriptor that we own.
                unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
            }
            Ok(fd)
        }
        Node::Directory(_) => Err(io::Error::from_raw_os_error(libc::EISDIR)),
    }
}

/// Defines `open` under its names.
macro_rules! open_functions {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
            // SAFETY: the caller's path, handed on.
            unsafe {
                match inside(path) {
                    Some(found) => result(open_virtual(&found, flags)),
                    None => real!($name: fn(*const c_char, c_int, mode_t) -> c_int)(on_this_machine(path), flags, mode),
                }
            }
        }
    )*};
}
open_functions!(open, open64);

/// Defines the checked form of `open` that fortified programs call.
macro_rules! open_2_functions {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(path: *const c_char, flags: c_int) -> c_int {
            // SAFETY: the caller's path, handed on.
            unsafe {
                match inside(path) {
                    Some(found) => result(open_virtual(&found, flags)),
                    None => real!($name: fn(*const c_char, c_int) -> c_int)(on_this_machine(path), flags),
                }
            }
        }
    )*};
}
open_2_functions!(__open_2, __open64_2);

/// Defines `openat`; an absolute path makes the folder descriptor irrelevant.
macro_rules! openat_functions {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(folder: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
            // SAFETY: the caller's path, handed on.
            unsafe {
                match inside(path) {
                    Some(found) => result(open_virtual(&found, flags)),
                    None => real!($name: fn(c_int, *const c_char, c_int, mode_t) -> c_int)(folder, on_this_machine(path), flags, mode),
                }
            }
        }
    )*};
}
openat_functions!(openat, openat64);

/// Defines `fopen` under its names.
macro_rules! fopen_functions {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(path: *const c_char, mode: *const c_char) -> *mut FILE {
            // SAFETY: the caller's strings, handed on.
            unsafe {
                let Some(found) = inside(path) else {
                    return real!($name: fn(*const c_char, *const c_char) -> *mut FILE)(on_this_machine(path), mode);
                };
                let letters = CStr::from_ptr(mode).to_bytes();
                let writes = letters.iter().any(|letter| b"wa+".contains(letter));
                let keep = if letters.contains(&b'e') { libc::O_CLOEXEC } else { 0 };
                let flags = if writes { libc::O_RDWR } else { libc::O_RDONLY };
                match open_virtual(&found, flags | keep) {
                    Ok(fd) => libc::fdopen(fd, mode),
                    Err(error) => {
                        set_errno(&error);
                        ptr::null_mut()
                    }
                }
            }
        }
    )*};
}
fopen_functions!(fopen, fopen64);

//! The `dladdr` that every library of the process sees: a library that asks where it lies itself, to find what lies
//! beside it, is told its place in the payload, not the name of the anonymous file that it was mapped from.

use std::{
    collections::HashMap,
    ffi::{CStr, CString, c_int, c_void},
    sync::{Mutex, PoisonError},
};

use packed_resources::Entry;

use crate::vfs::{self, Real};

type Dladdr = unsafe extern "C" fn(*const c_void, *mut libc::Dl_info) -> c_int;

static REAL_DLADDR: Real = Real::new("dladdr\0");

/// Places by the names that the dynamic loader has. They are never freed: C code keeps such pointers.
static PLACES: Mutex<Option<HashMap<CString, &'static CStr>>> = Mutex::new(None);

/// Notes under which name a library of the payload is about to be loaded: its constructors may ask already.
pub(super) fn place(entry: &Entry<'static>, name: &CStr) {
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let places = places.get_or_insert_default();
    if places.contains_key(name) {
        return;
    }
    let Some(path) = vfs::mounted().map(|vfs| vfs.root().join(entry.name())) else {
        return;
    };
    if let Ok(path) = CString::new(path.into_os_string().into_encoded_bytes()) {
        places.insert(name.to_owned(), Box::leak(path.into_boxed_c_str()));
    }
}

/// The place of a library, if it is of the payload. Where an allocator asks while this thread itself notes one, libc's
/// answer has to do.
fn place_of(name: &CStr) -> Option<&'static CStr> {
    PLACES.try_lock().ok()?.as_ref()?.get(name).copied()
}

/// `int dladdr(const void *address, Dl_info *info)`
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn dladdr(address: *const c_void, info: *mut libc::Dl_info) -> c_int {
    // SAFETY: the caller's arguments, handed on.
    let found = unsafe { REAL_DLADDR.get::<Dladdr>()(address, info) };
    if found == 0 {
        return found;
    }
    // SAFETY: libc just wrote to `info`, so it is valid and not NULL.
    let name = unsafe { (*info).dli_fname };
    if name.is_null() {
        return found;
    }
    // SAFETY: not NULL, NUL-terminated, and valid while the library is loaded.
    if let Some(path) = place_of(unsafe { CStr::from_ptr(name) }) {
        // SAFETY: as above; the text is never freed.
        unsafe { (*info).dli_fname = path.as_ptr() };
    }
    found
}

//! The `dladdr` that every library of the process sees: a library that asks where it lies itself, to find what lies
//! beside it, is told its place in the payload, not the name of the anonymous file that it was mapped from.

use std::{
    ffi::{CStr, CString, c_int, c_void},
    sync::OnceLock,
};

use packed_resources::Entry;

use crate::vfs::{self, Real};

type Dladdr = unsafe extern "C" fn(*const c_void, *mut libc::Dl_info) -> c_int;

static REAL_DLADDR: Real = Real::new("dladdr\0");

/// Where a library lies in the payload, by the name that the dynamic loader has for it.
struct Place {
    name: CString,
    path: CString,
    next: Link,
}

type Link = OnceLock<&'static Place>;

/// All places, in a list that only grows and is read without a lock: anybody may ask, also an allocator
/// while this thread notes a place. Nothing is freed, since C code keeps such pointers.
static PLACES: Link = Link::new();

/// Notes under which name a library of the payload is about to be loaded: its constructors may ask already.
pub(super) fn place(entry: &Entry<'static>, name: &CStr) {
    let Some(path) = vfs::mounted().map(|vfs| vfs.root().join(entry.name())) else {
        return;
    };
    let Ok(path) = CString::new(path.into_os_string().into_encoded_bytes()) else {
        return;
    };
    if place_of(name).is_some() {
        return;
    }
    let place: &'static Place = Box::leak(Box::new(Place {
        name: name.to_owned(),
        path,
        next: Link::new(),
    }));
    let mut end = &PLACES;
    while end.set(place).is_err() {
        // Full, so there is a next one.
        if let Some(other) = end.get() {
            end = &other.next;
        }
    }
}

/// The place of a library, if it is of the payload.
fn place_of(name: &CStr) -> Option<&'static CStr> {
    let first = PLACES.get().copied();
    let mut all = std::iter::successors(first, |place| place.next.get().copied());
    all.find(|place| place.name.as_c_str() == name)
        .map(|place| place.path.as_c_str())
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

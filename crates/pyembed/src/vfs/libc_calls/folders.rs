//! Calls that list a folder.

use std::{
    ffi::{c_char, c_int, c_long},
    mem::MaybeUninit,
    ptr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use libc::{DIR, dirent64};

use super::{Node, at_or_inside, fail, real, real::Real, set_errno};
use crate::vfs::Name;

/// What `opendir` gives for a folder of the payload.
struct Listing {
    names: Vec<Name>,
    next: usize,
    record: dirent64,
}

/// The open listings, by address, so that the calls that get a `DIR *` know whose it is.
static LISTINGS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
/// How many there are: nearly always none, and then no lock is taken.
static OPEN_LISTINGS: AtomicUsize = AtomicUsize::new(0);

/// The listing behind `dir`, when it is ours.
fn listing(dir: *mut DIR) -> Option<*mut Listing> {
    if OPEN_LISTINGS.load(Ordering::Acquire) == 0 {
        return None;
    }
    let listings = LISTINGS.lock().unwrap_or_else(PoisonError::into_inner);
    listings.contains(&(dir as usize)).then_some(dir.cast())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn opendir(path: *const c_char) -> *mut DIR {
    // SAFETY: the caller's path, handed on.
    let Some(found) = (unsafe { at_or_inside(path) }) else {
        // SAFETY: as above.
        return unsafe { real!(opendir: fn(*const c_char) -> *mut DIR)(path) };
    };
    let names = match found.node() {
        Ok(Node::File(_)) => return fail(libc::ENOTDIR, ptr::null_mut()),
        Ok(Node::Directory(_)) => found.vfs.names(&found.relative),
        Err(error) => Err(error),
    };
    let names = match names {
        Ok(names) => names,
        Err(error) => {
            set_errno(&error);
            return ptr::null_mut();
        }
    };
    // SAFETY: `dirent64` is plain numbers and bytes, for which all zeroes is a value.
    let record = unsafe { MaybeUninit::zeroed().assume_init() };
    let dir = Box::into_raw(Box::new(Listing {
        names,
        next: 0,
        record,
    }));
    LISTINGS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(dir as usize);
    OPEN_LISTINGS.fetch_add(1, Ordering::Release);
    dir.cast()
}

fn next_record(listing: &mut Listing) -> *mut dirent64 {
    while let Some(name) = listing.names.get(listing.next) {
        listing.next += 1;
        let bytes = name.name.as_bytes_with_nul();
        let record = &mut listing.record;
        // A name longer than the record can hold could not be on a disk either.
        if bytes.len() > record.d_name.len() {
            continue;
        }
        record.d_ino = name.inode;
        record.d_off = listing.next as i64;
        record.d_reclen = size_of::<dirent64>() as u16;
        record.d_type = if name.is_dir {
            libc::DT_DIR
        } else {
            libc::DT_REG
        };
        for (to, from) in record.d_name.iter_mut().zip(bytes) {
            *to = *from as c_char;
        }
        return record;
    }
    ptr::null_mut()
}

/// Defines `readdir`; on 64-bit Linux its two records are one.
macro_rules! readdir_functions {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(dir: *mut DIR) -> *mut dirent64 {
            match listing(dir) {
                // SAFETY: a live listing (it is in the table), used by one thread as C demands.
                Some(listing) => next_record(unsafe { &mut *listing }),
                // SAFETY: the caller's `DIR *`, handed on.
                None => unsafe { real!($name: fn(*mut DIR) -> *mut dirent64)(dir) },
            }
        }
    )*};
}
readdir_functions!(readdir, readdir64);

#[unsafe(no_mangle)]
unsafe extern "C" fn closedir(dir: *mut DIR) -> c_int {
    let Some(found) = listing(dir) else {
        // SAFETY: the caller's `DIR *`, handed on.
        return unsafe { real!(closedir: fn(*mut DIR) -> c_int)(dir) };
    };
    LISTINGS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|&open| open != dir as usize);
    OPEN_LISTINGS.fetch_sub(1, Ordering::Release);
    // SAFETY: made by `Box::into_raw` in `opendir` and just taken out of the table.
    drop(unsafe { Box::from_raw(found) });
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rewinddir(dir: *mut DIR) {
    match listing(dir) {
        // SAFETY: a live listing, used by one thread as C demands.
        Some(listing) => unsafe { (*listing).next = 0 },
        // SAFETY: the caller's `DIR *`, handed on.
        None => unsafe { real!(rewinddir: fn(*mut DIR) -> ())(dir) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dirfd(dir: *mut DIR) -> c_int {
    match listing(dir) {
        Some(_) => fail(libc::ENOTSUP, -1),
        // SAFETY: the caller's `DIR *`, handed on.
        None => unsafe { real!(dirfd: fn(*mut DIR) -> c_int)(dir) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn telldir(dir: *mut DIR) -> c_long {
    match listing(dir) {
        // SAFETY: a live listing, used by one thread as C demands.
        Some(listing) => unsafe { (*listing).next as c_long },
        // SAFETY: the caller's `DIR *`, handed on.
        None => unsafe { real!(telldir: fn(*mut DIR) -> c_long)(dir) },
    }
}

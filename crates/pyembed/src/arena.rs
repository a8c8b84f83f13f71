//! Memory for CPython's small objects, in huge pages where the system offers them.
//!
//! CPython asks for arenas of 1 MiB and fills them with objects that the garbage collector and the
//! interpreter visit in no particular order. With pages of 2 MiB instead of 4 KiB that costs
//! far fewer page faults and TLB misses. Arenas are cut from large chunks; a chunk is address
//! space only until it is touched.

use std::{
    ffi::c_void,
    ptr,
    sync::{Mutex, PoisonError},
};

use pyo3::ffi;

/// Size of a huge page on x86-64 and on arm64 with 4 KiB pages.
const HUGE: usize = 2 << 20;
/// Address space that is taken from the system at a time.
const CHUNK: usize = 32 << 20;

/// What is left of the newest chunk, and arenas that were given back.
struct Pool {
    next: usize,
    end: usize,
    /// Address and length.
    free: Vec<(usize, usize)>,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    next: 0,
    end: 0,
    free: Vec::new(),
});

/// Makes CPython take its arenas from here. Before it starts, and only then.
pub(crate) fn install() {
    let mut allocator = ffi::PyObjectArenaAllocator {
        ctx: ptr::null_mut(),
        alloc: Some(allocate),
        free: Some(release),
    };
    // SAFETY: CPython copies the structure; no object exists yet.
    unsafe { ffi::PyObject_SetArenaAllocator(&raw mut allocator) };
}

extern "C" fn allocate(_context: *mut c_void, size: usize) -> *mut c_void {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = pool.free.iter().position(|&(_, len)| len == size) {
        return pool.free.swap_remove(at).0 as *mut c_void;
    }
    if pool.end - pool.next < size {
        let Some(chunk) = chunk(size.next_multiple_of(CHUNK)) else {
            return ptr::null_mut();
        };
        (pool.next, pool.end) = chunk;
    }
    let arena = pool.next;
    pool.next += size;
    arena as *mut c_void
}

/// Gives the memory back to the system and keeps the addresses.
extern "C" fn release(_context: *mut c_void, arena: *mut c_void, size: usize) {
    // SAFETY: an arena that `allocate` gave and that CPython no longer uses.
    unsafe { libc::madvise(arena, size, libc::MADV_DONTNEED) };
    POOL.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .free
        .push((arena as usize, size));
}

/// Fresh address space of `len` bytes that starts at a huge page: its start and end.
fn chunk(len: usize) -> Option<(usize, usize)> {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the kernel's choice; what is cut off at both ends
    // belongs to it and was given to nobody.
    unsafe {
        let address = libc::mmap(ptr::null_mut(), len + HUGE, prot, flags, -1, 0);
        if address == libc::MAP_FAILED {
            return None;
        }
        let start = (address as usize).next_multiple_of(HUGE);
        let before = start - address as usize;
        if before > 0 {
            libc::munmap(address, before);
        }
        libc::munmap((start + len) as *mut c_void, HUGE - before);
        // Without huge pages everything works the same, only slower.
        libc::madvise(start as *mut c_void, len, libc::MADV_HUGEPAGE);
        Some((start, start + len))
    }
}

//! No entry makes the reader ask for more memory than its frames confirm; none to be had is an error.
//!
//! One test, because it looks at the memory of the whole process.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use common::{Raw, craft};
use packed_resources::{Error, Payload};

struct Counting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

fn allowed(size: usize) -> bool {
    LARGEST.fetch_max(size, Relaxed);
    size <= LIMIT.load(Relaxed)
}

// SAFETY: every call goes to the system's allocator unchanged, or returns null, which means that
// there is no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !allowed(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !allowed(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `System` with this `layout`, as the caller promises.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Reads the only entry; the largest piece of memory that was asked for.
fn read(bytes: &[u8]) -> (Result<usize, Error>, usize) {
    let payload = Payload::parse(bytes).unwrap();
    let entry = payload.entry(0).unwrap();
    LARGEST.store(0, Relaxed);
    let result = entry.read().map(|read| read.len());
    (result, LARGEST.load(Relaxed))
}

#[test]
fn memory_is_asked_for_in_measure() {
    // A bomb within the ratio that zstd can reach: the frame says what it holds.
    let frame = zstd::bulk::compress(&[0; 1000], 3).unwrap();
    let lie = craft(&[Raw::zstd("a", frame.clone(), frame.len() * 32 * 1024)]);
    let (result, largest) = read(&lie);
    assert!(matches!(result, Err(Error::Decode { .. })));
    assert!(largest < 100_000, "{largest}");

    // The frame lies as well: its header says 64 MiB, its only block holds 3000 bytes. The declared
    // memory is asked for, no more.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend((64u32 << 20).to_le_bytes());
    frame.extend(&(3000u32 << 3 | 1).to_le_bytes()[..3]);
    frame.extend([0; 3000]);
    let (result, largest) = read(&craft(&[Raw::zstd("a", frame, 64 << 20)]));
    assert!(matches!(result, Err(Error::Decode { .. })));
    assert_eq!(largest, 64 << 20);

    // True ones: memory of their length, once, or an error where there is none.
    for (len, room) in [(3 << 20, 1 << 20), (64 << 20, 32 << 20)] {
        let bytes = craft(&[Raw::zstd(
            "a",
            zstd::bulk::compress(&vec![0; len], 3).unwrap(),
            len,
        )]);
        let (result, largest) = read(&bytes);
        assert_eq!(result.unwrap(), len);
        assert_eq!(largest, len);
        LIMIT.store(room, Relaxed);
        let (result, _) = read(&bytes);
        LIMIT.store(usize::MAX, Relaxed);
        assert!(matches!(result, Err(Error::Memory { len: asked, .. }) if asked == len as u64));
    }
}

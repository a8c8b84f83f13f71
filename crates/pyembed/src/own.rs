//! Finds the payload that the kernel mapped together with this executable.
//!
//! No file is opened and nothing is copied: the sealed file has a segment of its own for the
//! payload, so its bytes are in memory, page by page as they are touched.

use std::{ffi::c_int, os::unix::fs::MetadataExt, slice, sync::OnceLock};

use packed_resources::{MAGIC, Payload};

use crate::Error;

/// Reserves the place in the program headers that sealing turns into the payload's segment.
///
/// The layout is that of any ELF note: name size, descriptor size, type, name, descriptor. The
/// descriptor is the newest payload format that this runtime reads.
#[repr(C, align(4))]
struct Note {
    name_size: u32,
    descriptor_size: u32,
    kind: u32,
    name: [u8; 12],
    descriptor: u32,
}

#[used]
#[unsafe(link_section = ".note.pyxidium")]
static NOTE: Note = Note {
    name_size: 9,
    descriptor_size: 4,
    kind: 1,
    name: *b"Pyxidium\0\0\0\0",
    descriptor: packed_resources::VERSION as u32,
};

/// A segment of the running executable.
struct Segment {
    address: *const u8,
    len: usize,
    file_end: u64,
}

/// The payload of the running executable; `None` when nothing was sealed into it.
pub fn current_payload() -> Result<Option<Payload<'static>>, Error> {
    static FOUND: OnceLock<Option<Payload<'static>>> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(*found);
    }
    let found = match find_segment()? {
        None => None,
        Some(segment) => {
            // SAFETY: the kernel mapped these bytes read-only and private before `main`, for the
            // life of the process; `find_segment` saw that the file behind them is long enough.
            let bytes = unsafe { slice::from_raw_parts(segment.address, segment.len) };
            Some(Payload::parse(bytes)?)
        }
    };
    Ok(*FOUND.get_or_init(|| found))
}

/// What the program headers of the running executable say.
#[derive(Default)]
struct Layout {
    /// Read-only segments, in order of address.
    segments: Vec<Segment>,
    /// Whether the place for a payload is still reserved.
    reserved: bool,
}

fn find_segment() -> Result<Option<Segment>, Error> {
    std::hint::black_box(&NOTE);
    let mut layout = Layout::default();
    // SAFETY: the callback gets the address of `layout`, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut layout).cast()) };
    let len = file_len();
    for segment in &layout.segments {
        // A file that lost its end still maps; touching what is missing would be a bus error.
        if let Some(found) = len
            && segment.file_end > found
        {
            return Err(Error::Truncated {
                expected: segment.file_end,
                found,
            });
        }
    }
    let starts_with_magic = |segment: &Segment| {
        // SAFETY: a readable segment of at least this length, backed by the file as checked above.
        let start = unsafe { slice::from_raw_parts(segment.address, MAGIC.len()) };
        start == MAGIC
    };
    let found = layout.segments.iter().position(starts_with_magic);
    // Something was sealed in, but its first bytes are not what they were: the reader will say so.
    let found =
        found.or_else(|| (!layout.reserved).then(|| layout.segments.len().checked_sub(1))?);
    Ok(found.map(|at| layout.segments.swap_remove(at)))
}

/// Reads the headers of the first object, which is the executable itself.
unsafe extern "C" fn collect(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    data: *mut libc::c_void,
) -> c_int {
    // SAFETY: the loader passes a valid record whose program headers stay mapped; `data` is the
    // layout that `find_segment` gave.
    let (info, layout) = unsafe { (&*info, &mut *data.cast::<Layout>()) };
    // SAFETY: as above; the count belongs to the pointer.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum as usize) };
    let note = (&raw const NOTE).addr() as u64;
    for header in headers {
        let start = info.dlpi_addr + header.p_vaddr;
        if header.p_type == libc::PT_LOAD
            && header.p_flags == libc::PF_R
            && header.p_filesz as usize >= MAGIC.len()
        {
            layout.segments.push(Segment {
                address: start as *const u8,
                len: header.p_filesz as usize,
                file_end: header.p_offset + header.p_filesz,
            });
        }
        layout.reserved |=
            header.p_type == libc::PT_NOTE && (start..start + header.p_memsz).contains(&note);
    }
    1
}

/// Length of the executable's file. It needs no permission to read it (`chmod 0111`).
///
/// By its path: under an emulator `/proc/self/exe` itself may be the emulator.
fn file_len() -> Option<u64> {
    let path = std::env::current_exe().ok()?;
    std::fs::metadata(path).ok().map(|metadata| metadata.size())
}

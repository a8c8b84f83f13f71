//! The payload as a folder tree below the executable's own path.
//!
//! `/home/u/app` is a file, so nothing on disk can exist at `/home/u/app/lib/…`; the payload's
//! files appear there. This module answers questions about such paths in plain Rust terms;
//! `libc_calls` turns them into what C programs expect. It never touches Python.

mod fallback;
mod libc_calls;

use std::{
    ffi::{CStr, CString, OsStr},
    fs::File,
    io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    sync::OnceLock,
};

pub(crate) use libc_calls::Real;
use packed_resources::{Entry, Kind, Payload};

use crate::record;

/// The mounted payload; there is at most one in a process.
static MOUNTED: OnceLock<Vfs> = OnceLock::new();

/// A payload and the path below which it is visible.
pub(crate) struct Vfs {
    root: Vec<u8>,
    payload: Payload<'static>,
}

/// What stands at a path inside the payload.
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for the length of one call"
)]
pub(crate) enum Node {
    /// A file with content.
    File(Entry<'static>),
    /// A folder, by its payload path.
    Directory(String),
}

/// One name in a folder.
pub(crate) struct Name {
    /// NUL-terminated, as `readdir` gives it.
    pub name: CString,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// A number that tells files apart.
    pub inode: u64,
}

/// Makes `payload` visible below `root`. Returns `false` when another one is there already.
pub(crate) fn mount(root: &Path, payload: Payload<'static>) -> bool {
    MOUNTED
        .set(Vfs {
            root: root.as_os_str().as_bytes().to_vec(),
            payload,
        })
        .is_ok()
}

/// The mounted payload, if there is one.
pub(crate) fn mounted() -> Option<&'static Vfs> {
    MOUNTED.get()
}

impl Vfs {
    /// The payload itself.
    pub(crate) fn payload(&self) -> Payload<'static> {
        self.payload
    }

    /// The executable's path, below which the payload is visible.
    pub(crate) fn root(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.root))
    }

    /// The payload path of `path` if it lies below the root; `Some("")` for the root itself.
    ///
    /// The first comparison fails for nearly every path of a process, so it comes first and is
    /// one `memcmp`.
    pub(crate) fn relative(&self, path: &[u8]) -> Option<String> {
        let rest = path.strip_prefix(self.root.as_slice())?;
        if !rest.is_empty() && rest[0] != b'/' {
            return None;
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in rest.split(|&byte| byte == b'/') {
            match part {
                b"" | b"." => {}
                // Above the root stands the real folder of the executable.
                b".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        String::from_utf8(parts.join(&b'/')).ok()
    }

    /// What stands at payload path `relative`.
    pub(crate) fn node(&self, relative: &str) -> io::Result<Node> {
        if let Some(entry) = self.payload.get(Kind::File, relative).map_err(damaged)? {
            record::file(relative);
            return Ok(Node::File(entry));
        }
        if self.payload.is_dir(relative).map_err(damaged)? {
            record::folder(relative);
            return Ok(Node::Directory(relative.to_owned()));
        }
        // A file on the way is another mistake than a missing one.
        let mut above = relative;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if self
                .payload
                .get(Kind::File, parent)
                .map_err(damaged)?
                .is_some()
            {
                return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
            }
            above = parent;
        }
        Err(io::Error::from_raw_os_error(libc::ENOENT))
    }

    /// The names in a folder, in order.
    pub(crate) fn names(&self, relative: &str) -> io::Result<Vec<Name>> {
        let mut names = Vec::new();
        record::folder(relative);
        for child in self.payload.children(relative).map_err(damaged)? {
            let child = child.map_err(damaged)?;
            let name =
                CString::new(child.name).map_err(|_| io::Error::from_raw_os_error(libc::EIO))?;
            let inode = child.entry.as_ref().map_or(1 << 63, inode);
            names.push(Name {
                name,
                is_dir: child.is_dir,
                inode,
            });
        }
        Ok(names)
    }
}

/// A number that tells the payload's files apart, as `st_ino` does. No disk counts that far.
pub(crate) fn inode(entry: &Entry<'static>) -> u64 {
    1 << 62 | entry.index() as u64
}

/// An anonymous file with the content of `entry`, positioned at its start.
///
/// The content goes straight into the file's own pages. `executable` says whether the content
/// will be mapped as code, which hardened kernels may forbid.
pub(crate) fn anonymous_file(entry: &Entry<'static>, executable: bool) -> io::Result<File> {
    anonymous_file_with(entry, executable, |_| ())
}

/// Like [`anonymous_file`]; `look` sees the content.
pub(crate) fn anonymous_file_with(
    entry: &Entry<'static>,
    executable: bool,
    look: impl FnOnce(&[u8]),
) -> io::Result<File> {
    // The name is seen in /proc/self/maps and by profilers; the kernel allows 249 bytes.
    let name = entry.name();
    let mut start = name.len().saturating_sub(240);
    while !name.is_char_boundary(start) {
        start += 1;
    }
    let name =
        CString::new(&name[start..]).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    let file = memfd(&name, executable)?;
    let len =
        usize::try_from(entry.raw_len()).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))?;
    if len > 0 {
        file.set_len(len as u64)?;
        // SAFETY: a fresh file of exactly this length that nobody else can see yet.
        let mut map = unsafe { Map::new(&file, len)? };
        entry.read_into(map.bytes()).map_err(damaged)?;
        look(map.bytes());
    }
    Ok(file)
}

fn memfd(name: &CStr, executable: bool) -> io::Result<File> {
    const MFD_NOEXEC_SEAL: libc::c_uint = 0x0008;
    const MFD_EXEC: libc::c_uint = 0x0010;
    let kind = if executable {
        MFD_EXEC
    } else {
        MFD_NOEXEC_SEAL
    };
    // Kernels before 6.3 know neither flag and answer EINVAL.
    for flags in [libc::MFD_CLOEXEC | kind, libc::MFD_CLOEXEC] {
        // SAFETY: a NUL-terminated name and plain flags.
        let fd = unsafe { libc::memfd_create(name.as_ptr(), flags) };
        if fd >= 0 {
            // SAFETY: the kernel just gave us this descriptor and nobody else owns it.
            return Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }));
        }
    }
    Err(io::Error::last_os_error())
}

/// A writable shared mapping of a whole file.
struct Map {
    address: *mut u8,
    len: usize,
}

impl Map {
    /// # Safety
    /// The file must have at least `len` bytes and stay so while the map lives.
    unsafe fn new(file: &File, len: usize) -> io::Result<Self> {
        let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                file.as_raw_fd(),
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            address: address.cast(),
            len,
        })
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is ours alone and has this length.
        unsafe { std::slice::from_raw_parts_mut(self.address, self.len) }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: exactly the mapping that `new` made.
        unsafe { libc::munmap(self.address.cast(), self.len) };
    }
}

/// A damaged entry is an input/output error to whoever reads the file.
fn damaged(error: packed_resources::Error) -> io::Error {
    crate::report::damaged_entry(&error);
    io::Error::from_raw_os_error(libc::EIO)
}

#[cfg(test)]
mod tests;

//! Calls that look at a file: read-only files with the times of the executable.

use std::{
    ffi::{c_char, c_int, c_uint},
    io,
    mem::MaybeUninit,
    os::unix::fs::MetadataExt,
    sync::OnceLock,
};

use libc::mode_t;

use super::{Node, Virtual, inside, on_this_machine, real, real::Real, result};
use crate::vfs::inode;

/// `struct stat`; on 64-bit Linux `struct stat64` is the same.
type Stat = libc::stat64;

/// What is the same for all files of the payload.
struct Common {
    device: u64,
    uid: u32,
    gid: u32,
    seconds: i64,
}

/// The payload's files carry the times of the executable that holds them, and are on its device:
/// `os.path.ismount` and walks that stay on one file system compare that.
fn common() -> &'static Common {
    static COMMON: OnceLock<Common> = OnceLock::new();
    COMMON.get_or_init(|| {
        let metadata = std::fs::metadata("/proc/self/exe").ok();
        // SAFETY: these calls have no arguments and cannot fail.
        let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
        let (device, seconds) = metadata.map_or((0, 0), |found| (found.dev(), found.mtime()));
        Common {
            device,
            uid,
            gid,
            seconds,
        }
    })
}

/// Mode, size and number of a node.
fn describe(node: &Node) -> (mode_t, u64, u64) {
    match node {
        Node::File(entry) => {
            let executable = if entry.flags() & packed_resources::EXECUTABLE != 0 {
                0o111
            } else {
                0
            };
            (
                libc::S_IFREG | 0o444 | executable,
                entry.raw_len(),
                inode(entry),
            )
        }
        Node::Directory(path) => {
            // FNV-1a: a stable number for a folder, far above those of files.
            let hash = path.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
            (libc::S_IFDIR | 0o555, 4096, hash | 1 << 63)
        }
    }
}

fn stat_virtual(found: &Virtual, out: *mut Stat) -> io::Result<c_int> {
    let (mode, size, number) = describe(&found.node()?);
    let common = common();
    // SAFETY: `Stat` is plain numbers, for which all zeroes is a value.
    let mut stat: Stat = unsafe { MaybeUninit::zeroed().assume_init() };
    stat.st_dev = common.device;
    stat.st_ino = number;
    stat.st_mode = mode;
    stat.st_nlink = 1;
    stat.st_uid = common.uid;
    stat.st_gid = common.gid;
    stat.st_size = size.cast_signed();
    stat.st_blksize = 4096;
    stat.st_blocks = size.div_ceil(512).cast_signed();
    stat.st_atime = common.seconds;
    stat.st_mtime = common.seconds;
    stat.st_ctime = common.seconds;
    // SAFETY: the caller's buffer, as for the libc function that was called.
    unsafe { out.write(stat) };
    Ok(0)
}

/// Defines the `stat` family; on 64-bit Linux `struct stat` and `struct stat64` are one.
macro_rules! stat_functions {
    ($($name:ident ( $($before:ident : $before_type:ty),* ; $($after:ident : $after_type:ty),* )),* $(,)?) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            $($before: $before_type,)* path: *const c_char, out: *mut Stat, $($after: $after_type),*
        ) -> c_int {
            // SAFETY: the caller's path and buffer, handed on.
            unsafe {
                match inside(path) {
                    Some(found) => result(stat_virtual(&found, out)),
                    None => real!($name: fn($($before_type,)* *const c_char, *mut Stat $(, $after_type)*) -> c_int)(
                        $($before,)* on_this_machine(path), out $(, $after)*
                    ),
                }
            }
        }
    )*};
}
stat_functions! {
    stat(;), stat64(;), lstat(;), lstat64(;),
    fstatat(folder: c_int; flags: c_int), fstatat64(folder: c_int; flags: c_int),
    __xstat(version: c_int;), __xstat64(version: c_int;),
    __lxstat(version: c_int;), __lxstat64(version: c_int;),
    __fxstatat(version: c_int, folder: c_int; flags: c_int),
    __fxstatat64(version: c_int, folder: c_int; flags: c_int),
}

#[unsafe(no_mangle)]
unsafe extern "C" fn statx(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mask: c_uint,
    out: *mut libc::statx,
) -> c_int {
    // SAFETY: the caller's path and buffer, handed on.
    unsafe {
        let Some(found) = inside(path) else {
            return real!(statx: fn(c_int, *const c_char, c_int, c_uint, *mut libc::statx) -> c_int)(
                folder,
                on_this_machine(path),
                flags,
                mask,
                out,
            );
        };
        let node = match found.node() {
            Ok(node) => node,
            Err(error) => return result(Err(error)),
        };
        let (mode, size, number) = describe(&node);
        let common = common();
        let mut stat: libc::statx = MaybeUninit::zeroed().assume_init();
        stat.stx_mask = libc::STATX_BASIC_STATS;
        stat.stx_blksize = 4096;
        stat.stx_nlink = 1;
        stat.stx_uid = common.uid;
        stat.stx_gid = common.gid;
        stat.stx_mode = mode as u16;
        stat.stx_ino = number;
        stat.stx_size = size;
        stat.stx_blocks = size.div_ceil(512);
        stat.stx_atime.tv_sec = common.seconds;
        stat.stx_mtime.tv_sec = common.seconds;
        stat.stx_ctime.tv_sec = common.seconds;
        stat.stx_dev_major = libc::major(common.device);
        stat.stx_dev_minor = libc::minor(common.device);
        out.write(stat);
        0
    }
}

fn access_virtual(found: &Virtual, mode: c_int) -> io::Result<c_int> {
    let (bits, ..) = describe(&found.node()?);
    if mode & libc::W_OK != 0 {
        return Err(io::Error::from_raw_os_error(libc::EROFS));
    }
    if mode & libc::X_OK != 0 && bits & 0o111 == 0 {
        return Err(io::Error::from_raw_os_error(libc::EACCES));
    }
    Ok(0)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn access(path: *const c_char, mode: c_int) -> c_int {
    // SAFETY: the caller's path, handed on.
    unsafe {
        match inside(path) {
            Some(found) => result(access_virtual(&found, mode)),
            None => real!(access: fn(*const c_char, c_int) -> c_int)(on_this_machine(path), mode),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn faccessat(
    folder: c_int,
    path: *const c_char,
    mode: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's path, handed on.
    unsafe {
        match inside(path) {
            Some(found) => result(access_virtual(&found, mode)),
            None => real!(faccessat: fn(c_int, *const c_char, c_int, c_int) -> c_int)(
                folder,
                on_this_machine(path),
                mode,
                flags,
            ),
        }
    }
}

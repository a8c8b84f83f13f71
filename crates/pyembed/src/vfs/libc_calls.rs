//! The libc functions that open, look at and list files, answered for paths inside the payload.
//!
//! An executable's definition of a libc function takes precedence over libc's own, for the code
//! linked into it and for every shared library it loads; this is how preloaded libraries work.
//! So `open("…/app/lib/…/data.json")` succeeds in Python, in SQLite and in a wheel's C++ alike.
//! Any other path goes to libc untouched. Nothing here may allocate before it has seen that a
//! path is ours, or panic.
//!
//! `open` and `openat` are variadic in C; on the 64-bit ABIs of Linux an optional `mode` is
//! passed like a fixed argument, and reading it when the caller gave none is harmless because
//! only `O_CREAT` and `O_TMPFILE` use it.

use std::{
    ffi::{CStr, c_char, c_int, c_long, c_uint, c_void},
    io,
    mem::{self, MaybeUninit},
    os::{fd::IntoRawFd, unix::fs::MetadataExt},
    ptr,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use libc::{DIR, FILE, dirent64, mode_t, size_t, ssize_t};

/// `struct stat`; on 64-bit Linux `struct stat64` is the same.
type Stat = libc::stat64;

use super::{Name, Node, Vfs, anonymous_file, fallback, inode, mounted};

/// `libc`'s own function of this name.
macro_rules! real {
    ($name:ident: fn($($argument:ty),*) -> $result:ty) => {{
        static REAL: Real = Real::new(concat!(stringify!($name), "\0"));
        REAL.get::<unsafe extern "C" fn($($argument),*) -> $result>()
    }};
}

/// The next definition of a function in the search order after ours, which is libc's.
pub(crate) struct Real {
    name: &'static str,
    address: AtomicUsize,
}

impl Real {
    /// `name` ends in NUL.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            address: AtomicUsize::new(0),
        }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> usize {
        let mut address = self.address.load(Ordering::Relaxed);
        if address == 0 {
            // SAFETY: a NUL-terminated string.
            address = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr().cast()) } as usize;
            if address == 0 {
                // Only a libc without such a function gets here; then nobody can call it either.
                std::process::abort();
            }
            self.address.store(address, Ordering::Relaxed);
        }
        address
    }

    /// As a function pointer of type `F`, which must be libc's signature of that name.
    pub(crate) fn get<F: Copy>(&self) -> F {
        const { assert!(size_of::<F>() == size_of::<usize>()) };
        let address = self.address();
        // SAFETY: a non-null function address; calling the result is the caller's `unsafe`.
        unsafe { mem::transmute_copy::<usize, F>(&address) }
    }
}

fn set_errno(error: &io::Error) {
    // SAFETY: the address of this thread's `errno`.
    unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(libc::EIO) };
}

fn fail<T>(code: c_int, value: T) -> T {
    set_errno(&io::Error::from_raw_os_error(code));
    value
}

/// A path that belongs to the payload.
struct Virtual {
    vfs: &'static Vfs,
    relative: String,
}

impl Virtual {
    fn node(&self) -> io::Result<Node> {
        self.vfs.node(&self.relative)
    }
}

/// `Some` when `path` lies below the executable's path. The executable itself is a real file.
///
/// # Safety
/// `path` is NULL or NUL-terminated, as for the libc function that was called.
unsafe fn inside(path: *const c_char) -> Option<Virtual> {
    // SAFETY: the same promise.
    unsafe { at_or_inside(path) }.filter(|found| !found.relative.is_empty())
}

/// Like [`inside`], but the executable's own path counts too.
///
/// # Safety
/// As for [`inside`].
unsafe fn at_or_inside(path: *const c_char) -> Option<Virtual> {
    let vfs = mounted()?;
    if path.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated by the caller's promise.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    Some(Virtual {
        vfs,
        relative: vfs.relative(bytes)?,
    })
}

/// `path`, or what stands in for it on this machine.
///
/// # Safety
/// As for [`inside`].
unsafe fn on_this_machine(path: *const c_char) -> *const c_char {
    if path.is_null() {
        return path;
    }
    // SAFETY: not NULL, and NUL-terminated by the caller's promise.
    let text = unsafe { CStr::from_ptr(path) };
    if !text.to_bytes().ends_with(b"/cert.pem") {
        return path;
    }
    fallback::for_missing(text).map_or(path, CStr::as_ptr)
}

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

fn result(outcome: io::Result<c_int>) -> c_int {
    outcome.unwrap_or_else(|error| {
        set_errno(&error);
        -1
    })
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

/// What is the same for all files of the payload.
struct Common {
    device: u64,
    uid: u32,
    gid: u32,
    seconds: i64,
}

/// The payload's files carry the times of the executable that holds them.
fn common() -> &'static Common {
    static COMMON: OnceLock<Common> = OnceLock::new();
    COMMON.get_or_init(|| {
        let metadata = std::fs::metadata("/proc/self/exe").ok();
        // SAFETY: these calls have no arguments and cannot fail.
        let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
        // A device number that no real file system has: major 0 minor 0xfffff.
        Common {
            device: 0xff_f000_00ff,
            uid,
            gid,
            seconds: metadata.map_or(0, |found| found.mtime()),
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
    let listings = LISTINGS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
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
        .unwrap_or_else(std::sync::PoisonError::into_inner)
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
        .unwrap_or_else(std::sync::PoisonError::into_inner)
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

//! Shared libraries of the payload: loaded from memory, after the libraries they need.
//!
//! `dlopen` of a path inside the payload comes here, whether Python's import, `ctypes` or a
//! wheel's own C code asked for it. The content goes to an anonymous file which the dynamic
//! loader maps through `/proc/self/fd`. glibc recognises libraries that are already loaded by
//! their SONAME, so a wheel's bundled libraries are loaded first, in the order that was computed
//! when the app was sealed. This room knows nothing of Python.

mod cache;
mod dladdr;
mod dlopen;
mod elf;

use std::{
    cell::Cell,
    collections::HashMap,
    ffi::{CString, c_int, c_void},
    fs::File,
    io,
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use packed_resources::{Entry, Kind, Payload};

pub(crate) use cache::{extract, tree};

use crate::{
    record,
    vfs::{self, anonymous_file, anonymous_file_with},
};

/// Why a library could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The dynamic loader's own words.
    #[error("{0}")]
    Loader(String),
    /// The payload has no such file.
    #[error("{0}: not in this application")]
    Missing(String),
    /// The payload is damaged.
    #[error(transparent)]
    Payload(#[from] packed_resources::Error),
    /// No anonymous file could be made.
    #[error("{path}: cannot be put into memory")]
    Memory {
        /// The payload path.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The cache could not be written.
    #[error("{}: {source}", path.display())]
    Cache {
        /// What was to be written.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is no folder for the cache.
    #[error("no folder for the library cache: neither XDG_CACHE_HOME nor HOME is set")]
    NoCacheFolder,
}

/// A loaded library.
struct Loaded {
    /// The name under which the dynamic loader knows it.
    name: CString,
    /// A reference that is never given back: bundled libraries stay for the process.
    pinned: bool,
}

/// Loaded libraries by the hash of their content: equal content is one library.
type Table = HashMap<[u8; 32], Loaded>;

static TABLE: Mutex<Option<Table>> = Mutex::new(None);
/// Set when the system forbids code in anonymous files, or the app asked for real files.
static USE_CACHE: AtomicBool = AtomicBool::new(false);

/// One thread loads at a time, so that no library is loaded twice. Its own constructors may load
/// others, hence the depth.
static LOADING: Mutex<()> = Mutex::new(());
thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Loads libraries from the per-user cache instead of memory, from now on.
pub(crate) fn use_cache() {
    USE_CACHE.store(true, Ordering::Relaxed);
}

/// `dlopen` of the payload's file `path`, with what it needs loaded before it.
pub(crate) fn load(
    payload: Payload<'static>,
    path: &str,
    flags: c_int,
) -> Result<*mut c_void, Error> {
    let _turn = (DEPTH.get() == 0).then(|| LOADING.lock().unwrap_or_else(PoisonError::into_inner));
    DEPTH.set(DEPTH.get() + 1);
    let loaded = load_in_turn(payload, path, flags);
    DEPTH.set(DEPTH.get() - 1);
    loaded
}

fn load_in_turn(payload: Payload<'static>, path: &str, flags: c_int) -> Result<*mut c_void, Error> {
    let find = |path: &str| -> Result<Entry<'static>, Error> {
        payload
            .get(Kind::File, path)?
            .ok_or_else(|| Error::Missing(path.to_owned()))
    };
    let entry = find(path)?;
    record::file(path);
    let needs = entry
        .needs()?
        .into_iter()
        .map(find)
        .collect::<Result<Vec<_>, _>>()?;
    for needed in &needs {
        pin(needed, &needs)?;
    }
    open(&entry, &needs, flags)
}

/// Loads a bundled library once and for the life of the process.
fn pin(entry: &Entry<'static>, needs: &[Entry<'static>]) -> Result<(), Error> {
    let pinned = with_table(|table| table.get(&entry.hash()).is_some_and(|loaded| loaded.pinned));
    if !pinned {
        open(entry, needs, libc::RTLD_LAZY | libc::RTLD_LOCAL)?;
        with_table(|table| {
            table
                .get_mut(&entry.hash())
                .map(|loaded| loaded.pinned = true)
        });
    }
    Ok(())
}

fn with_table<R>(work: impl FnOnce(&mut Table) -> R) -> R {
    work(
        TABLE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_default(),
    )
}

fn remember(entry: &Entry<'static>, name: CString) {
    let pinned = false;
    with_table(|table| table.insert(entry.hash(), Loaded { name, pinned }));
}

fn is_known(entry: &Entry<'static>) -> bool {
    with_table(|table| table.contains_key(&entry.hash()))
}

/// Opens one library; `needs` are those that it may ask for by name. The table is not locked
/// while constructors run: they may load others.
fn open(
    entry: &Entry<'static>,
    needs: &[Entry<'static>],
    flags: c_int,
) -> Result<*mut c_void, Error> {
    if let Some(name) =
        with_table(|table| table.get(&entry.hash()).map(|loaded| loaded.name.clone()))
    {
        // The loader compares names before it opens anything, so this adds a reference to the
        // loaded library although the descriptor in the name is closed. Only after `dlclose` has
        // unloaded it does this fail, and then it is loaded afresh below.
        if let Ok(handle) = dlopen::real(&name, flags) {
            return Ok(handle);
        }
        with_table(|table| table.remove(&entry.hash()));
    }
    if USE_CACHE.load(Ordering::Relaxed) {
        return from_cache(entry, needs, flags);
    }
    match from_memory(entry, needs, flags) {
        // A kernel that forbids code in anonymous files, or no /proc: real files then.
        Err(error) if memory_is_forbidden(entry) => match from_cache(entry, needs, flags) {
            Ok(handle) => {
                use_cache();
                Ok(handle)
            }
            Err(_) => Err(error),
        },
        outcome => outcome,
    }
}

fn from_memory(
    entry: &Entry<'static>,
    needs: &[Entry<'static>],
    flags: c_int,
) -> Result<*mut c_void, Error> {
    let mut batch = Batch {
        needs,
        prepared: Vec::new(),
    };
    let at = batch.prepare(entry)?;
    for prepared in &batch.prepared {
        dladdr::place(&prepared.entry, &prepared.name);
    }
    let name = &batch.prepared[at].name;
    let handle = match dlopen::real(name, flags) {
        Ok(handle) => handle,
        // The group cannot be loaded from memory after all; from a folder it can.
        Err(_) if batch.prepared[at].unresolved => return from_cache(entry, needs, flags),
        Err(message) => return Err(Error::Loader(readable(&message, name, entry))),
    };
    for prepared in batch.prepared {
        remember(&prepared.entry, prepared.name);
    }
    // The descriptors are closed here: the mappings keep the pages, and an app with two hundred
    // extension modules keeps its descriptors for itself.
    Ok(handle)
}

/// Libraries that one call of the dynamic loader will load: nearly always one.
///
/// Libraries may need each other (Pillow's FreeType and HarfBuzz do), so that no order has
/// all of them loaded in time. The loader would then look for the missing one by name in folders
/// where it is not; so that name, in the anonymous copy, is replaced by a path to the anonymous copy of the
/// missing one. A path is never longer than the names that wheel builders make.
struct Batch<'a> {
    needs: &'a [Entry<'static>],
    prepared: Vec<Prepared>,
}

struct Prepared {
    entry: Entry<'static>,
    /// Open until the loader has mapped it.
    file: File,
    name: CString,
    /// A needed name was too short to be replaced.
    unresolved: bool,
}

impl Batch<'_> {
    /// Puts `entry` into memory, and with it what it needs and nobody has loaded yet.
    fn prepare(&mut self, entry: &Entry<'static>) -> Result<usize, Error> {
        if let Some(at) = self
            .prepared
            .iter()
            .position(|prepared| prepared.entry.hash() == entry.hash())
        {
            return Ok(at);
        }
        let memory = |source| Error::Memory {
            path: entry.name().to_owned(),
            source,
        };
        let mut wanted = Vec::new();
        let file = anonymous_file_with(entry, true, |bytes| wanted = elf::needed(bytes))
            .map_err(memory)?;
        let name = unique_name(file.as_raw_fd());
        let at = self.prepared.len();
        self.prepared.push(Prepared {
            entry: *entry,
            file,
            name,
            unresolved: false,
        });
        for needed in wanted {
            let named = |other: &&Entry<'static>| {
                other.name().rsplit('/').next() == Some(needed.name.as_str())
                    && other.hash() != entry.hash()
            };
            let Some(other) = self
                .needs
                .iter()
                .find(named)
                .filter(|other| !is_known(other))
            else {
                continue;
            };
            let other = self.prepare(other)?;
            let path = self.prepared[other].name.as_bytes_with_nul().to_vec();
            let this = &mut self.prepared[at];
            if path.len() > needed.name.len() + 1 {
                this.unresolved = true;
                continue;
            }
            this.file
                .write_all_at(&path, needed.offset)
                .map_err(memory)?;
        }
        Ok(at)
    }
}

fn from_cache(
    entry: &Entry<'static>,
    needs: &[Entry<'static>],
    flags: c_int,
) -> Result<*mut c_void, Error> {
    // The neighbours first: the library's RUNPATH leads to them.
    for needed in needs {
        cache::extract(needed)?;
    }
    let path = cache::extract(entry)?;
    let name = CString::new(path.into_os_string().into_encoded_bytes())
        .map_err(|_| Error::Loader("a NUL in the path of the cache".to_owned()))?;
    dladdr::place(entry, &name);
    let handle = dlopen::real(&name, flags)
        .map_err(|message| Error::Loader(readable(&message, &name, entry)))?;
    remember(entry, name);
    Ok(handle)
}

/// A path to descriptor `fd` that no other library had or will have.
///
/// The loader takes two libraries with equal names for one, and descriptors are numbers that are
/// used again. A serial number is therefore spelled into the path: `/.` for one bits, `/` for
/// zero bits, neither of which changes what the path means.
fn unique_name(fd: c_int) -> CString {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let mut serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let mut path = String::from("/proc/self/fd");
    while serial > 0 {
        path.push_str(if serial & 1 == 1 { "/." } else { "/" });
        serial >>= 1;
    }
    path.push_str(&format!("/{fd}"));
    CString::new(path).unwrap_or_default()
}

/// The loader's message with the library's real name in it.
fn readable(message: &str, name: &CString, entry: &Entry<'static>) -> String {
    let full = vfs::mounted().map(|vfs| vfs.root().join(entry.name()));
    let shown = full.map_or_else(
        || entry.name().to_owned(),
        |path| path.display().to_string(),
    );
    message.replace(&*name.to_string_lossy(), &shown)
}

/// Whether this system refuses to map code from an anonymous file, or has no way to name one.
fn memory_is_forbidden(entry: &Entry<'static>) -> bool {
    let Ok(file) = anonymous_file(entry, true) else {
        return true;
    };
    // SAFETY: a new private mapping of one page of a file that we own; unmapped at once.
    let mapped = unsafe {
        let flags = libc::MAP_PRIVATE;
        let prot = libc::PROT_READ | libc::PROT_EXEC;
        let page = libc::mmap(std::ptr::null_mut(), 4096, prot, flags, file.as_raw_fd(), 0);
        page != libc::MAP_FAILED && libc::munmap(page, 4096) == 0
    };
    !mapped || !std::path::Path::new("/proc/self/fd").exists()
}

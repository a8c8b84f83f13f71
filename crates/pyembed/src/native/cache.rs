//! Payload files as real files, for what cannot work from memory.
//!
//! A file is written once per user: to a work name, checked, then renamed to the hash of its
//! content. The folder tree of one payload holds hard links to those, so that libraries find
//! their neighbours. Everything is private to the user, and a file found in the cache is used
//! only if its owner, mode and content are what they must be.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use packed_resources::{EXECUTABLE, Entry};

use super::Error;
use crate::{env_vars, vfs};

/// The real file with the content of `entry`, made if it is not there yet.
pub(crate) fn extract(entry: &Entry<'static>) -> Result<PathBuf, Error> {
    let folder = folder()?;
    let name = hex(&entry.hash());
    let blob = folder.join("blobs").join(&name[..2]).join(&name);
    let content = entry.read()?;
    let path = tree()?.join(entry.name());
    if is_intact(&blob, &content) && same_file(&blob, &path) {
        return Ok(path);
    }
    // Another process may be doing the same: replacing what it has mapped already would leave it
    // with a deleted file. So one at a time, and look again.
    let _lock = lock(&folder)?;
    if !is_intact(&blob, &content) {
        write(&blob, &content, entry.flags() & EXECUTABLE != 0)?;
    }
    if !same_file(&blob, &path) {
        link(&blob, &path, &content)?;
    }
    Ok(path)
}

/// The folder that mirrors this payload.
pub(crate) fn tree() -> Result<PathBuf, Error> {
    let payload = vfs::mounted()
        .map(|vfs| vfs.payload().hash())
        .unwrap_or_default();
    Ok(folder()?.join("trees").join(&hex(&payload)[..32]))
}

/// `$XDG_CACHE_HOME/pyxidium` or `~/.cache/pyxidium`, readable by its owner alone.
fn folder() -> Result<PathBuf, Error> {
    let folder = env_vars::cache_folder()
        .ok_or(Error::NoCacheFolder)?
        .join("files");
    private_folder(&folder)?;
    let owner = fs::metadata(&folder)
        .map_err(|source| Error::Cache {
            path: folder.clone(),
            source,
        })?
        .uid();
    // SAFETY: no arguments, cannot fail.
    if owner != unsafe { libc::geteuid() } {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "belongs to another user");
        return Err(Error::Cache {
            path: folder,
            source,
        });
    }
    Ok(folder)
}

/// Waits until no other process works in `folder`; the lock ends with the returned file.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(".lock");
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path);
    open.and_then(|file| file.lock().map(|()| file))
        .map_err(|source| Error::Cache { path, source })
}

fn private_folder(path: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::Cache {
        path: path.to_owned(),
        source,
    })
}

/// Whether `path` is our own plain file with exactly this content.
///
/// The comparison costs a read of the file; what it prevents is running code that somebody put there.
fn is_intact(path: &Path, content: &[u8]) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return false;
    };
    // SAFETY: no arguments, cannot fail.
    let mine = metadata.uid() == unsafe { libc::geteuid() } && metadata.mode() & 0o022 == 0;
    mine && metadata.is_file()
        && metadata.len() == content.len() as u64
        && fs::read(path).is_ok_and(|found| found == content)
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::symlink_metadata(one), fs::symlink_metadata(other)) {
        (Ok(one), Ok(other)) => one.ino() == other.ino() && one.dev() == other.dev(),
        _ => false,
    }
}

/// A name beside `path` that no other process uses.
fn work_name(path: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".work-{}-{serial}", std::process::id()))
}

/// Writes beside and renames, so that no reader ever sees half a file.
fn write(path: &Path, content: &[u8], executable: bool) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        private_folder(parent)?;
    }
    let work = work_name(path);
    let outcome = (|| {
        let mut file: File = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&work)?;
        file.write_all(content)?;
        file.set_permissions(Permissions::from_mode(if executable {
            0o700
        } else {
            0o600
        }))?;
        fs::rename(&work, path)
    })();
    outcome.map_err(|source| {
        let _ = fs::remove_file(&work);
        Error::Cache {
            path: path.to_owned(),
            source,
        }
    })
}

/// Puts the cached file into the tree: as a hard link where that works, else as a copy.
fn link(blob: &Path, path: &Path, content: &[u8]) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        private_folder(parent)?;
    }
    let work = work_name(path);
    let linked = fs::hard_link(blob, &work).and_then(|()| fs::rename(&work, path));
    // Renaming one hard link onto another of the same file leaves both names; drop ours.
    let _ = fs::remove_file(&work);
    match linked {
        Ok(()) => Ok(()),
        Err(_) if is_intact(path, content) => Ok(()),
        Err(_) => write(path, content, false),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

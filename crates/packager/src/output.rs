//! Writing a file so that others see the old one or the whole new one: beside the target under a
//! hidden name, then renamed. Two writers use two names; what a killed one left is cleaned up.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FlockOperation, flock};

use crate::{Error, interrupt};

/// A file on its way to its name.
#[derive(Debug)]
pub(crate) struct Unfinished {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    /// Begins to write `target`, whose folder is made if it is missing.
    pub(crate) fn create(target: &Path) -> Result<Self, Error> {
        let fail = |source| Error::write(target, source);
        check(target)?;
        let name = target.file_name().ok_or_else(|| Error::OutputIsFolder {
            path: target.into(),
        })?;
        let folder = match target.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        if folder.exists() && !folder.is_dir() {
            return Err(Error::ParentIsFile {
                path: target.into(),
                parent: folder.into(),
            });
        }
        std::fs::create_dir_all(folder).map_err(fail)?;
        // The target's name may be as long as names can be, so it goes in as a hash.
        let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
        let prefix = format!(".pyxidium-{}-", &hash[..16]);
        remove_stale(folder, &prefix);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!("{prefix}{}-{count}.part", std::process::id()));
        interrupt::watch_file(&temporary);
        let open = || {
            let _ = std::fs::remove_file(&temporary);
            let file = File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&temporary)?;
            // Held until the file is closed: tells a later build that this one is alive.
            let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self {
                file,
                temporary,
                target: target.into(),
            }),
            Err(source) => {
                interrupt::release_file(&temporary, || ());
                Err(fail(source))
            }
        }
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// An error of writing to the file.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::write(&self.target, source)
    }

    /// Gives the file its mode and its name.
    pub(crate) fn finish(self, mode: u32) -> Result<(), Error> {
        let done = || -> io::Result<()> {
            self.file
                .set_permissions(std::fs::Permissions::from_mode(mode))?;
            interrupt::release_file(&self.temporary, || {
                std::fs::rename(&self.temporary, &self.target)
            })
        };
        done().map_err(|e| Error::write(&self.target, e))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing of this name any more.
        interrupt::release_file(&self.temporary, || {
            let _ = std::fs::remove_file(&self.temporary);
        });
    }
}

/// Writes a text file: the old one, or the whole new one.
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    write_bytes(path, text.as_bytes())
}

/// The same with any bytes.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut out = Unfinished::create(path)?;
    if let Err(e) = out.file().write_all(bytes) {
        return Err(out.failed(e));
    }
    out.finish(0o644)
}

/// Refuses what a rename would wrongly replace: a folder, a device, a pipe.
pub(crate) fn check(target: &Path) -> Result<(), Error> {
    match std::fs::metadata(target) {
        Ok(meta) if meta.is_dir() => Err(Error::OutputIsFolder {
            path: target.into(),
        }),
        Ok(meta) if !meta.is_file() => Err(Error::OutputIsDevice {
            path: target.into(),
        }),
        _ => Ok(()),
    }
}

/// Removes what killed builds of the same target left: files that no living process holds locked.
fn remove_stale(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if !(name.starts_with(prefix) && name.ends_with(".part")) {
            continue;
        }
        let Ok(file) = File::options().read(true).open(entry.path()) else {
            continue;
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether an error means that the disk or the user's share of it is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

//! Where things are kept between builds: packs of packages, resolutions, compiled app files.
//! Everything in it can be made again; nothing in it is ever changed after it got its name.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::interrupt::WorkFolder;
use crate::output::Unfinished;
use crate::{Error, env_vars};

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// At a given place.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// `$PYXIDIUM_CACHE`, else `pyxidium` in the user's cache folder.
    pub fn of_user() -> Result<Self, Error> {
        Ok(Self::at(std::path::absolute(
            env_vars::cache_folder().ok_or(Error::NoCache)?,
        )?))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn pack(&self, key: &str) -> PathBuf {
        self.root.join("packs").join(format!("{key}.pack"))
    }

    pub(crate) fn resolution(&self, key: &str) -> PathBuf {
        self.root.join("resolved").join(format!("{key}.json"))
    }

    pub(crate) fn code(&self, key: &str) -> PathBuf {
        self.root.join("code").join(&key[..2]).join(&key[2..])
    }

    pub(crate) fn shim(&self, key: &str) -> PathBuf {
        self.root.join("shims").join(key).join("python3.13")
    }

    /// A folder for work under way, gone when the value goes.
    pub fn work(&self) -> Result<WorkFolder, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let parent = self.root.join("work");
        WorkFolder::remove_stale(&parent);
        // Machines may share a home and have processes of the same number.
        let host = blake3::hash(rustix::system::uname().nodename().to_bytes()).to_hex();
        Ok(WorkFolder::new(parent.join(format!(
            "{}-{}-{count}",
            &host[..8],
            std::process::id()
        )))?)
    }
}

/// Writes a small file whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let mut out = Unfinished::create(path)?;
    if let Err(e) = out.file().write_all(bytes) {
        return Err(out.failed(e));
    }
    out.finish(mode)
}

//! Which prebuilt executable an app is sealed into: one that Pyxidium carries, or a file of the
//! author's own. Runtimes are compressed entries of Pyxidium's payload.

use std::path::{Path, PathBuf};

use packed_resources::{Kind, Payload};

use crate::Error;
use crate::section::elf::Head;

/// Payload folder of the runtimes in Pyxidium's own payload.
pub(crate) const FOLDER: &str = "runtime";

/// A runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// For apps without a window: links no GTK.
    Console,
    /// For apps with a window.
    Window,
    /// An author's own.
    File(PathBuf),
}

impl Runtime {
    /// As it is called in messages and in the payload.
    pub fn name(&self) -> String {
        match self {
            Self::Console => "console".into(),
            Self::Window => "window".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Payload path of one that Pyxidium carries.
    pub(crate) fn entry(&self) -> String {
        format!("{FOLDER}/{}", self.name())
    }

    /// The runtime's head, ready to be written before a payload.
    pub(crate) fn head(&self, base: &Payload<'_>) -> Result<Head, Error> {
        if let Self::File(path) = self {
            if !path.is_file() {
                return Err(Error::Missing { path: path.clone() });
            }
            return Head::new(&fs_err::read(path)?).map_err(|source| Error::BadRuntime {
                path: path.clone(),
                source,
            });
        }
        let entry = base
            .get(Kind::File, &self.entry())
            .and_then(|found| found.map(|r| r.read()).transpose())
            .map_err(Error::payload("Pyxidium's own file cannot be read"))?;
        let bytes = entry.ok_or_else(|| Error::NoRuntime { name: self.name() })?;
        Head::new(&bytes).map_err(|source| Error::Section {
            path: Path::new("the runtime").join(self.name()),
            source,
        })
    }
}

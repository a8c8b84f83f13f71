//! What runs of an app were seen to use, as a file beside it: `app.used.json`. Made by `pyxidium record`,
//! read by `--only-used`. Paths are those of the payload, so that a record made here serves on every
//! machine; it is text, one path a line, made to be kept with the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, Only};

/// What was seen to be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// How many runs this is of.
    pub runs: u32,
    /// Packages with the versions that were run; with others it may no longer fit.
    #[serde(default)]
    pub packages: BTreeMap<String, String>,
    /// Payload paths of files of packages and of the standard library.
    #[serde(default)]
    pub files: BTreeSet<String>,
    /// Payload paths of their folders that were looked at.
    #[serde(default)]
    pub folders: BTreeSet<String>,
}

impl Record {
    /// Where the record of a script or folder is.
    #[must_use]
    pub fn place(path: &Path) -> PathBuf {
        if path.is_dir() {
            return path.join("app.used.json");
        }
        path.with_extension("used.json")
    }

    /// Reads a record.
    ///
    /// # Errors
    /// When there is none, or the file is none.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::NoRecord { path: path.into() });
        }
        let bytes = fs_err::read(path)?;
        serde_json::from_slice(&bytes).map_err(|e| Error::BadRecord {
            path: path.into(),
            line: e.line(),
            message: e.to_string(),
        })
    }

    /// The text of a record: the same runs, the same text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only a map with keys that are no text can make this fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Adds what another run used.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.packages.extend(other.packages);
        self.files.extend(other.files);
        self.folders.extend(other.folders);
    }

    /// What a selection makes of it.
    #[must_use]
    pub fn only(self, keep: Vec<String>, path: &Path) -> Only {
        let place = path.file_name().unwrap_or(path.as_os_str());
        Only {
            paths: self.files,
            folders: self.folders,
            keep,
            packages: self.packages,
            reason: format!(
                "it was left out of this file by --only-used, since no run recorded in {} used it. \
                 To put it back, record a run that does (pyxidium record), or seal with --keep {{module}}",
                place.to_string_lossy()
            ),
        }
    }
}

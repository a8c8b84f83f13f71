//! What of the packages and the standard library stays out of the file: said here, applied by the
//! packager where their packs are merged. Packs themselves stay whole, and are shared between apps.

use std::collections::{BTreeMap, BTreeSet};

/// What stays out. The default is: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Named parts, each with the reason; the first that fits counts.
    pub left_out: Vec<LeftOut>,
    /// If given, all of the packages and the standard library that is not in here.
    pub only: Option<Only>,
}

/// One part that stays out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The part.
    pub what: Part,
    /// As in "left out by pyoxidizer.bzl, line 12": said by the app that misses it.
    pub reason: String,
}

/// A part of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A file or a folder by its payload path: `lib/python3.13/turtledemo`.
    Path(String),
    /// One module, as `json.tool`; of a package its own code alone.
    Module(String),
    /// A module or package with all that is in it, files included: `numpy.tests`.
    Package(String),
    /// An installed package with all its files, by the name under which it is installed.
    Distribution(String),
}

/// What was seen to be used. The app's own files are no concern of it: they always stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// Payload paths of files: sources stand for their code, too.
    pub paths: BTreeSet<String>,
    /// Payload paths of folders that were looked at, which stay although nothing in them does.
    pub folders: BTreeSet<String>,
    /// Modules and packages (dotted) that stay whole although they were not seen.
    pub keep: Vec<String>,
    /// Packages and their versions as they were when that was seen.
    pub packages: BTreeMap<String, String>,
    /// Why the others stay out, said by the app that misses one.
    pub reason: String,
}

impl Selection {
    /// Whether nothing stays out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.left_out.is_empty() && self.only.is_none()
    }

    /// Leaves a part out.
    pub fn leave_out(&mut self, what: Part, reason: impl Into<String>) {
        self.left_out.push(LeftOut {
            what,
            reason: reason.into(),
        });
    }
}

//! What a sealed file says of itself to those who install it.

use serde::{Deserialize, Serialize};

/// For menus, packages and installers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// What it is, in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its licence, an SPDX expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Its page on the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Who made it: `Name <mail>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Menus' categories of freedesktop.org.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Files that it opens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_types: Vec<FileType>,
    /// Whether it opens windows, of whatever kind, and wants no terminal.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub graphical: bool,
    /// Whether `--install` and `--uninstall` are its own arguments.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub self_install: bool,
}

/// A kind of file that an app opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileType {
    /// Without the dot.
    pub extension: String,
    /// As in `text/csv`.
    pub mime: String,
    /// What people call such a file.
    pub name: String,
}

impl About {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

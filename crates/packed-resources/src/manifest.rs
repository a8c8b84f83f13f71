//! What a sealed file says about itself: plain data, as JSON.
//!
//! Fields that this version does not know are kept, so that an old tool can pass a newer manifest on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::about::About;
use crate::error::{Error, Result};
use crate::interpreter::InterpreterSettings;
use crate::window::WindowConfig;

/// Description of the application, stored as the meta entry `app`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's version, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of Python inside, as `3.13.5`.
    pub python: String,
    /// What is run.
    pub entry: EntryPoint,
    /// Payload directories for `sys.path`, in order; `""` is the root.
    #[serde(default)]
    pub sys_path: Vec<String>,
    /// Import lines of `.pth` files, run in order at start.
    #[serde(default)]
    pub startup: Vec<String>,
    /// Where shared libraries are loaded from.
    #[serde(default)]
    pub native_libraries: NativeLibraries,
    /// How CPython is started.
    #[serde(default, skip_serializing_if = "InterpreterSettings::is_default")]
    pub interpreter: InterpreterSettings,
    /// A file to which the running app adds what it uses of its payload: only in one that
    /// `pyxidium record` made for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What it says of itself to those who install it.
    #[serde(default, skip_serializing_if = "About::is_empty")]
    pub about: About,
    /// Arguments that are not the app's: alone on its command line, each is handed to `pyxidium._own`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_arguments: Vec<String>,
    /// What sealed it.
    #[serde(default)]
    pub build: BuildInfo,
    /// The packages inside, sorted by the packager.
    #[serde(default)]
    pub packages: Vec<PackageInfo>,
    /// The window, for apps that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowConfig>,
    /// Everything else.
    #[serde(flatten)]
    pub options: BTreeMap<String, Value>,
}

/// What a sealed file runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EntryPoint {
    /// A script, as `python app.py`.
    Script {
        /// Its payload path.
        path: String,
    },
    /// A module, as `python -m name`.
    Module {
        /// Its dotted name.
        name: String,
    },
    /// A folder with a `__main__.py`, as `python folder`.
    Directory {
        /// Its payload path; `""` is the root.
        path: String,
    },
    /// A function without arguments; what it returns is the exit code, as of a package's script.
    Function {
        /// The module's dotted name.
        module: String,
        /// The function's name in it, with dots for one of a class.
        function: String,
    },
    /// Lines of Python, as `python -c`.
    Command {
        /// The lines.
        code: String,
    },
    /// Whatever the command line says, as the `python` command.
    Python,
}

/// Where shared libraries are loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NativeLibraries {
    /// From memory, and from the cache only where the system forbids that.
    #[default]
    Memory,
    /// From the per-user cache.
    Cache,
}

/// What sealed a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BuildInfo {
    /// Version of Pyxidium.
    #[serde(default)]
    pub pyxidium: String,
    /// Target triple.
    #[serde(default)]
    pub target: String,
}

/// A package inside a sealed file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageInfo {
    /// Its name as it spells itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

impl Manifest {
    /// Name of the meta entry.
    pub const ENTRY: &'static str = "app";

    /// A manifest with nothing in it but what it must have.
    #[must_use]
    pub fn new(name: impl Into<String>, python: impl Into<String>, entry: EntryPoint) -> Self {
        Self {
            name: name.into(),
            version: None,
            python: python.into(),
            entry,
            sys_path: Vec::new(),
            startup: Vec::new(),
            native_libraries: NativeLibraries::default(),
            interpreter: InterpreterSettings::default(),
            record: None,
            about: About::default(),
            own_arguments: Vec::new(),
            build: BuildInfo::default(),
            packages: Vec::new(),
            window: None,
            options: BTreeMap::new(),
        }
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// When it is not a manifest.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(Error::Manifest)
    }

    /// Writes JSON: the same manifest, the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut sorted = self.clone();
        sorted.options.values_mut().for_each(sort_keys);
        // Only a map with keys that are no strings, or a failing writer, can make this fail.
        serde_json::to_vec(&sorted).unwrap_or_default()
    }
}

/// `serde_json` keeps the order of insertion when any crate of the build asks for that.
fn sort_keys(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(sort_keys),
        Value::Object(map) => {
            let mut fields: Vec<_> = std::mem::take(map).into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            fields.iter_mut().for_each(|(_, value)| sort_keys(value));
            map.extend(fields);
        }
        _ => {}
    }
}

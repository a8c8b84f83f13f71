//! The `[tool.pyxidium]` table, the same in a script's inline metadata and in pyproject.toml, and
//! the reading of TOML with lines of the file that it stands in.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::{Error, InterpreterSettings, NativeLibraries, imports};

/// Every key that `[tool.pyxidium]` may hold.
pub const KEYS: [&str; 19] = [
    "name",
    "identifier",
    "include",
    "exclude",
    "module",
    "native-libraries",
    "capabilities",
    "runtime",
    "window",
    "interpreter",
    "install",
    "update",
    "only-used",
    "keep",
    "strip",
    "compress",
    "smallest",
    "wheel",
    "oxidized-importer",
];

/// `[tool.pyxidium]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) name: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) include: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) exclude: Vec<Spanned<String>>,
    pub(crate) module: Option<Spanned<String>>,
    pub(crate) native_libraries: Option<Spanned<String>>,
    pub(crate) runtime: Option<Spanned<String>>,
    interpreter: Option<BTreeMap<Spanned<String>, toml::Value>>,
    #[serde(default)]
    pub(crate) only_used: bool,
    #[serde(default)]
    pub(crate) keep: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) strip: bool,
    pub(crate) compress: Option<bool>,
    #[serde(default)]
    pub(crate) smallest: bool,
    pub(crate) wheel: Option<bool>,
    pub(crate) oxidized_importer: Option<bool>,
}

/// A TOML text that stands in `path` from `first_line` on.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    pub(crate) path: &'a Path,
    pub(crate) toml: &'a str,
    pub(crate) first_line: usize,
}

impl Document<'_> {
    /// The file's line of a byte of the TOML text.
    pub(crate) fn line(&self, offset: usize) -> usize {
        let before = &self.toml.as_bytes()[..offset.min(self.toml.len())];
        self.first_line + before.iter().filter(|&&b| b == b'\n').count()
    }

    /// Reads the text as `T`.
    pub(crate) fn read<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Error> {
        toml::from_str(self.toml).map_err(|e| Error::Syntax {
            path: self.path.into(),
            line: self.line(e.span().map_or(0, |s| s.start)),
            message: e.message().lines().next().unwrap_or("not TOML").to_owned(),
        })
    }

    /// Reads `[tool.pyxidium]` as `T`, or what `T` is where there is none.
    pub(crate) fn own<T: for<'de> Deserialize<'de> + Default>(&self) -> Result<T, Error> {
        #[derive(Deserialize)]
        #[serde(bound = "T: Deserialize<'de> + Default")]
        struct Whole<T> {
            #[serde(default)]
            tool: Tool<T>,
        }
        #[derive(Deserialize, Default)]
        #[serde(bound = "T: Deserialize<'de> + Default")]
        struct Tool<T> {
            #[serde(default)]
            pyxidium: T,
        }
        Ok(self.read::<Whole<T>>()?.tool.pyxidium)
    }

    /// Reads the settings of `[tool.pyxidium]` that are read here; a key that nobody reads is an error.
    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        let keys: BTreeMap<Spanned<String>, toml::Value> = self.own()?;
        for key in keys.keys() {
            if !KEYS.contains(&key.as_ref().as_str()) {
                return Err(Error::UnknownKey {
                    path: self.path.into(),
                    line: self.line(key.span().start),
                    key: key.as_ref().clone(),
                });
            }
        }
        self.own()
    }

    /// An error at the place of `value`.
    pub(crate) fn bad(&self, value: &Spanned<String>, message: impl Into<String>) -> Error {
        Error::BadSetting {
            path: self.path.into(),
            line: self.line(value.span().start),
            message: message.into(),
        }
    }

    /// The policy that the settings name, if any.
    pub(crate) fn native_libraries(&self, s: &Settings) -> Result<Option<NativeLibraries>, Error> {
        let Some(value) = &s.native_libraries else {
            return Ok(None);
        };
        match value.as_ref().as_str() {
            "memory" => Ok(Some(NativeLibraries::Memory)),
            "cache" => Ok(Some(NativeLibraries::Cache)),
            other => Err(self.bad(
                value,
                format!("`native-libraries` is \"memory\" or \"cache\", not \"{other}\""),
            )),
        }
    }

    /// How CPython is started, as `[tool.pyxidium.interpreter]` says.
    pub(crate) fn interpreter(&self, s: &Settings) -> Result<InterpreterSettings, Error> {
        let mut read = toml::Table::new();
        for (key, value) in s.interpreter.iter().flatten() {
            // One at a time, so that an error has its line.
            let one = toml::Table::from_iter([(key.as_ref().clone(), value.clone())]);
            let wrong = |message: String| Error::BadSetting {
                path: self.path.into(),
                line: self.line(key.span().start),
                message,
            };
            let known = InterpreterSettings::KEYS;
            if !known.contains(&key.as_ref().as_str()) {
                return Err(wrong(format!(
                    "unknown key `{}` in [tool.pyxidium.interpreter]; known keys: {}",
                    key.as_ref(),
                    known.join(", ")
                )));
            }
            let checked: InterpreterSettings =
                toml::Value::Table(one.clone())
                    .try_into()
                    .map_err(|e: toml::de::Error| {
                        let message = e.message().lines().next().unwrap_or_default();
                        wrong(format!("`{}`: {message}", key.as_ref()))
                    })?;
            if checked.optimization_level > 2 {
                return Err(wrong("`optimization-level` is 0, 1 or 2".into()));
            }
            read.extend(one);
        }
        // Each key was read on its own, and no key depends on another.
        Ok(toml::Value::Table(read).try_into().unwrap_or_default())
    }

    /// The modules that `keep` names.
    pub(crate) fn keep(&self, s: &Settings) -> Result<Vec<String>, Error> {
        let check = |value: &Spanned<String>| {
            if imports::is_dotted(value.as_ref()) {
                return Ok(value.as_ref().clone());
            }
            let message = format!("`{}` in `keep` is not a module name", value.as_ref());
            Err(self.bad(value, message))
        };
        s.keep.iter().map(check).collect()
    }

    /// A name for the output, which must be a file name.
    pub(crate) fn name(&self, s: &Settings) -> Result<Option<String>, Error> {
        let Some(value) = &s.name else {
            return Ok(None);
        };
        let name = value.as_ref();
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
            return Err(self.bad(value, format!("`{name}` is not a file name")));
        }
        Ok(Some(name.clone()))
    }
}

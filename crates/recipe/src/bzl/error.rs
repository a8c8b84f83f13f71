//! Why a recipe was not carried out: where it stands, in which function, what is wrong and what to write
//! instead.

use std::fmt;
use std::path::PathBuf;

use crate::Origin;

/// What a host says when it cannot do something.
pub type HostError = Box<dyn std::error::Error + Send + Sync>;

/// Why a recipe could not be evaluated.
#[derive(Debug, thiserror::Error)]
#[error("{}{}{}", self.place(), self.within(), .message)]
pub struct Error {
    /// Where; none for what concerns no line.
    pub at: Option<Origin>,
    /// The column, from 1; 0 where none is known.
    pub column: usize,
    /// The function of the recipe that was called there, as `PythonExecutable.pip_install`.
    pub function: Option<Box<str>>,
    /// What is wrong.
    pub message: Box<str>,
    /// The line.
    pub excerpt: Option<Box<str>>,
    /// What to write instead.
    pub hint: Option<Box<str>>,
    /// What the host says.
    pub source: Option<HostError>,
}

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            at: None,
            column: 0,
            function: None,
            message: message.into().into(),
            excerpt: None,
            hint: None,
            source: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into());
        self
    }

    fn place(&self) -> String {
        match &self.at {
            Some(at) if self.column > 0 => {
                format!(
                    "{}, line {}, column {}: ",
                    at.path.display(),
                    at.line,
                    self.column
                )
            }
            Some(at) => format!("{}, line {}: ", at.path.display(), at.line),
            None => String::new(),
        }
    }

    fn within(&self) -> String {
        match &self.function {
            Some(name) => format!("{name}: "),
            None => String::new(),
        }
    }

    /// The file that it is about.
    pub fn path(&self) -> Option<&PathBuf> {
        self.at.as_ref().map(|at| &at.path)
    }
}

/// What a function of ours says; evaluation adds the place.
#[derive(Debug)]
pub(super) struct Fail {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) function: Option<String>,
    pub(super) source: Option<HostError>,
}

impl Fail {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            function: None,
            source: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn of(mut self, function: impl Into<String>) -> Self {
        self.function.get_or_insert(function.into());
        self
    }

    /// What a host could not do.
    pub(super) fn host(source: HostError) -> Self {
        Self {
            message: source.to_string(),
            source: Some(source),
            ..Self::new("")
        }
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fail {}

impl From<Fail> for starlark::Error {
    fn from(fail: Fail) -> Self {
        Self::new_native(anyhow::Error::new(fail))
    }
}

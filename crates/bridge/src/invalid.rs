//! A value that is not what an annotation says: where it is, and what was expected.

use std::fmt::{self, Write as _};

use pyo3::{PyErr, Python, exceptions, prelude::*};

use crate::{
    frame::{FrameError, Key},
    json::JsonError,
    python,
};

/// Why a value could not be converted.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It is not what was expected.
    Invalid(Box<Invalid>),
    /// The message itself is not sound.
    Message(String),
    /// The app's own code raised while the value was made.
    Python(PyErr),
}

/// A value that does not fit, and its place.
#[derive(Debug)]
pub(crate) struct Invalid {
    /// From the value outwards.
    path: Vec<Key>,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(Box::new(Invalid {
            path: Vec::new(),
            message: message.into(),
        }))
    }

    /// The same one level further out.
    pub(crate) fn below(mut self, key: impl FnOnce() -> Key) -> Self {
        if let Self::Invalid(invalid) = &mut self {
            invalid.path.push(key());
        }
        self
    }

    /// As an exception for the app's own code.
    pub(crate) fn into_error(self, what: &str) -> PyErr {
        let message = match self {
            Self::Python(error) => return error,
            Self::Message(message) => format!("{what}: {message}"),
            Self::Invalid(invalid) => {
                let place = invalid.place().to_string();
                let at = if place.is_empty() { "" } else { " at " };
                format!("{what}{at}{place}: {}", invalid.message)
            }
        };
        exceptions::PyTypeError::new_err(message)
    }

    /// What a class or a conversion raised: its way to refuse a value, or a fault in it.
    pub(crate) fn raised(py: Python<'_>, error: PyErr) -> Self {
        let refuses = error.is_instance_of::<exceptions::PyValueError>(py)
            || error.is_instance_of::<exceptions::PyTypeError>(py)
            || error.is_instance_of::<exceptions::PyArithmeticError>(py);
        if !refuses {
            return Self::Python(error);
        }
        let value = error.value(py);
        let mut failure = Self::invalid(python::message(value));
        // `pyxidium._plain.Invalid` knows a place inside of the value.
        if let Ok(Some(path)) = value.getattr_opt("path")
            && let Ok(path) = path.extract::<Vec<Bound<'_, PyAny>>>()
        {
            for step in path.iter().rev() {
                failure = failure.below(|| match step.extract::<usize>() {
                    Ok(index) => Key::Index(index),
                    Err(_) => Key::Name(step.to_string()),
                });
            }
        }
        failure
    }
}

impl From<JsonError> for Failure {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::TooDeep | JsonError::Ambiguous => Self::invalid(error.to_string()),
            JsonError::Syntax { .. } => Self::Message(error.to_string()),
        }
    }
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl Invalid {
    /// How deep inside of the value it is.
    pub(crate) fn depth(&self) -> usize {
        self.path.len()
    }

    /// The place, as `items[3].name`; empty for the value itself.
    pub(crate) fn place(&self) -> Place<'_> {
        Place(&self.path)
    }
}

/// Shows a path.
pub(crate) struct Place<'a>(&'a [Key]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, key) in self.0.iter().rev().enumerate() {
            match key {
                Key::Index(index) => write!(f, "[{index}]")?,
                Key::Name(name) if !is_identifier(name) => write!(f, "[{name:?}]")?,
                Key::Name(name) => {
                    if position > 0 {
                        f.write_char('.')?;
                    }
                    f.write_str(name)?;
                }
            }
        }
        Ok(())
    }
}

fn is_identifier(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

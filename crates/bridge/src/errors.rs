//! Errors as the page sees them: `{"type", "message", ...}`.

use pyo3::{PyErr, Python, prelude::*};
use serde::Serialize;

use crate::{
    Response,
    dump::dump,
    invalid::{Failure, Invalid},
    python,
    schema::Types,
};

/// What a promise of the page is rejected with.
#[derive(Debug, Default, Serialize)]
pub(crate) struct PageError {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) message: String,
    /// The argument that was refused, with the place inside of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) argument: Option<String>,
    /// What the app says to its page with `px.Error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Box<serde_json::value::RawValue>>,
    /// Only under development.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) traceback: Option<String>,
    /// Progress that was held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<(Option<f64>, String)>,
}

impl PageError {
    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            ..Self::default()
        }
    }

    /// The bridge refuses before any of the app's code runs.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new("BridgeError", message)
    }

    pub(crate) fn cancelled() -> Self {
        Self::new("Cancelled", "the call was cancelled")
    }

    /// An argument does not fit.
    pub(crate) fn argument(py: Python<'_>, failure: Failure, development: bool) -> Self {
        match failure {
            Failure::Invalid(invalid) => {
                let place = invalid.place().to_string();
                let message = if place.is_empty() {
                    invalid.message
                } else {
                    format!("argument '{place}': {}", invalid.message)
                };
                Self {
                    argument: Some(place),
                    ..Self::new("ArgumentError", message)
                }
            }
            Failure::Message(message) => Self::refused(message),
            Failure::Python(error) => Self::raised(py, &error, development),
        }
    }

    /// A result does not fit. That is the app's fault, and its log should have it.
    pub(crate) fn result(py: Python<'_>, name: &str, failure: Failure, development: bool) -> Self {
        match failure {
            Failure::Invalid(invalid) => {
                let place = place_in_result(&invalid);
                let message = format!("{name} returned {place}: {}", invalid.message);
                Self::new("ReturnError", message)
            }
            Failure::Message(message) => Self::refused(message),
            Failure::Python(error) => Self::raised(py, &error, development),
        }
    }

    /// An exception. What the app did not mean for its page is shown on stderr too.
    pub(crate) fn raised(py: Python<'_>, error: &PyErr, development: bool) -> Self {
        let value = error.value(py);
        if python::cancelled(py).is_ok_and(|class| value.is_instance(class).unwrap_or(false)) {
            return Self::cancelled();
        }
        let mut this = Self::new(&python::type_name(value), python::message(value.as_any()));
        if development {
            this.traceback = python::traceback(py, error);
        }
        if python::app_error(py).is_ok_and(|class| value.is_instance(class).unwrap_or(false)) {
            let attribute = |name: &str| value.getattr_opt(name).ok().flatten();
            this.code = attribute("code").and_then(|code| code.extract().ok());
            this.data = attribute("data")
                .filter(|data| !data.is_none())
                .and_then(|data| dump(&data, &Types::default(), None).ok()?.into_json().ok())
                .and_then(|json| serde_json::value::RawValue::from_string(json).ok());
        } else {
            python::print(py, error);
        }
        this
    }

    /// Shows on stderr what the app's author should know of.
    #[expect(
        clippy::print_stderr,
        reason = "there is no terminal to own it: this is the log"
    )]
    pub(crate) fn log(&self, name: &str) {
        eprintln!("pyxidium: {name}: {}", self.message);
    }

    pub(crate) fn response(&self) -> Response {
        Response::Error(serde_json::to_string(self).unwrap_or_default())
    }
}

fn place_in_result(invalid: &Invalid) -> String {
    let place = invalid.place().to_string();
    match place.as_str() {
        "" => "a value that does not fit its annotation".into(),
        place => format!("a value that does not fit its annotation at '{place}'"),
    }
}

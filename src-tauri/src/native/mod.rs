//! The module `_pyxidium_window`: what Python asks of windows and the desktop.
//!
//! `python/pyxidium` gives it names and types; here is only what needs Tauri. Everything runs with
//! the interpreter detached: the main thread may be busy, and is slow at best.

mod window;

use pyo3::{exceptions::PyRuntimeError, prelude::*};

use crate::{
    Error,
    shell::{self, Shell},
};

/// The shell, or an exception that says that this is no window app.
fn shell() -> PyResult<&'static Shell> {
    shell::of_process()
        .map(AsRef::as_ref)
        .ok_or_else(|| PyRuntimeError::new_err("this process has no window"))
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(source) = cause {
            text += &format!(": {source}");
            cause = source.source();
        }
        if let Some(hint) = error.hint() {
            text += &format!(" ({hint})");
        }
        match error {
            Error::NotDeclared { .. } => pyo3::exceptions::PyPermissionError::new_err(text),
            Error::Options(_) | Error::WindowExists { .. } => {
                pyo3::exceptions::PyValueError::new_err(text)
            }
            _ => PyRuntimeError::new_err(text),
        }
    }
}

/// What pyembed makes importable.
#[pymodule(name = "_pyxidium_window")]
pub(crate) fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    window::add(module)
}

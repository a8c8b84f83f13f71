//! The module `_pyxidium_window`: what Python asks of windows and the desktop.
//!
//! `python/pyxidium` gives it names and types; here is only what needs Tauri. Everything runs with
//! the interpreter detached: the main thread may be busy, and is slow at best.

mod bus;
mod clipboard;
mod dialog;
mod events;
mod menu;
mod notification;
pub(crate) mod opener;
pub(crate) mod tray;
mod window;

use pyo3::{exceptions::PyRuntimeError, prelude::*};

use crate::{
    Error,
    shell::{self, Shell},
};

pub(crate) use events::{Event, Events};
pub(crate) use menu::Menus;
pub(crate) use tray::Trays;

/// Takes away what the app's code has put on the desktop: it is about to be run again.
pub(crate) fn reset() {
    let Some(shell) = shell::of_process() else {
        return;
    };
    // Where the app is closing they go anyway.
    let _ = shell.on_main(|app| {
        menu::remove(app, shell);
        tray::remove_all(app, shell);
    });
}

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

/// Raises PermissionError if the app does not declare this capability.
#[pyfunction]
fn require(capability: &str) -> PyResult<()> {
    let known = packed_resources::CAPABILITIES
        .iter()
        .find(|(name, _)| *name == capability);
    let declared = &shell()?.window.capabilities;
    match known {
        Some((name, _)) if !declared.iter().any(|one| one == name) => {
            Err(Error::NotDeclared { name }.into())
        }
        _ => Ok(()),
    }
}

/// What pyembed makes importable.
#[pymodule(name = "_pyxidium_window")]
pub(crate) fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(require, module)?)?;
    window::add(module)?;
    events::add(module)?;
    dialog::add(module)?;
    notification::add(module)?;
    clipboard::add(module)?;
    opener::add(module)?;
    menu::add(module)?;
    tray::add(module)
}

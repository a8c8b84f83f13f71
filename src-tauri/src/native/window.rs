//! Windows: opening, changing and closing them.

use pyo3::{prelude::*, types::PyModule};
use tauri::{AppHandle, Manager, WebviewWindow};

use crate::{
    Error, native,
    plugins::Capability,
    windows::{self, Options},
};

/// Opens a window, or changes it if it is the main one, which is open already.
#[pyfunction]
fn open(py: Python<'_>, label: String, options: &str) -> PyResult<()> {
    let options: Options =
        serde_json::from_str(options).map_err(|error| Error::Options(error.to_string()))?;
    let shell = native::shell()?;
    py.detach(|| {
        shell.on_main(move |app| {
            let mut options = options;
            if label == windows::MAIN {
                if let Some(window) = app.get_webview_window(&label) {
                    if shell.may(Capability::WindowState) {
                        options = options.without_place();
                    }
                    return options.apply(&window).map_err(Error::from);
                }
                // It was closed, and the app lives on in the tray.
                let name = &app.package_info().name;
                options = options.or(Options::of_main(&shell.window, name));
            }
            windows::open(app, shell, &label, &options).map(|_| ())
        })?
    })
    .map_err(PyErr::from)
}

/// Changes a window.
#[pyfunction]
fn change(py: Python<'_>, label: String, options: &str) -> PyResult<()> {
    let options: Options =
        serde_json::from_str(options).map_err(|error| Error::Options(error.to_string()))?;
    with(py, label, move |window| options.apply(window))
}

/// Does something to a window that needs no value: `show`, `hide`, `close` and the like.
#[pyfunction]
fn act(py: Python<'_>, label: String, action: String) -> PyResult<()> {
    with(py, label, move |window| match action.as_str() {
        "show" => window.show(),
        "hide" => window.hide(),
        "close" => window.close(),
        "focus" => window.set_focus(),
        "minimize" => window.minimize(),
        "unminimize" => window.unminimize(),
        "center" => window.center(),
        "reload" => window.reload(),
        _ => Ok(()),
    })
}

/// Whether a window is open.
#[pyfunction]
fn is_open(py: Python<'_>, label: String) -> PyResult<bool> {
    let shell = native::shell()?;
    py.detach(|| shell.on_main(move |app: &AppHandle| app.get_webview_window(&label).is_some()))
        .map_err(PyErr::from)
}

/// The labels of all open windows, sorted.
#[pyfunction]
fn labels(py: Python<'_>) -> PyResult<Vec<String>> {
    let shell = native::shell()?;
    let mut labels = py.detach(|| {
        shell.on_main(|app: &AppHandle| app.webview_windows().into_keys().collect::<Vec<_>>())
    })?;
    labels.sort();
    Ok(labels)
}

/// Closes all windows and ends the app.
#[pyfunction]
fn quit(py: Python<'_>) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| shell.quit());
    Ok(())
}

/// Whether `pyxidium dev` runs the app.
#[pyfunction]
fn is_development() -> bool {
    native::shell().is_ok_and(|shell| shell.window.dev.is_some())
}

fn with(
    py: Python<'_>,
    label: String,
    work: impl FnOnce(&WebviewWindow) -> tauri::Result<()> + Send + 'static,
) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.on_main(move |app| match app.get_webview_window(&label) {
            Some(window) => work(&window).map_err(Error::from),
            None => Err(Error::NoWindow { label }),
        })?
    })
    .map_err(PyErr::from)
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(open, module)?)?;
    module.add_function(wrap_pyfunction!(change, module)?)?;
    module.add_function(wrap_pyfunction!(act, module)?)?;
    module.add_function(wrap_pyfunction!(is_open, module)?)?;
    module.add_function(wrap_pyfunction!(labels, module)?)?;
    module.add_function(wrap_pyfunction!(quit, module)?)?;
    module.add_function(wrap_pyfunction!(is_development, module)?)?;
    Ok(())
}

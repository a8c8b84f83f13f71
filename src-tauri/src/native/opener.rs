//! Files and addresses, opened by the desktop's own programs.

use std::{path::PathBuf, thread};

use pyo3::prelude::*;
use tauri::Url;

use crate::{Error, native, plugins::Capability};

/// What links in a page may lead to; everything else a page could reach through a program that
/// happens to be installed.
const LINKS: &[&str] = &["http", "https", "mailto", "tel"];

/// Opens an address.
#[pyfunction]
fn open_url(py: Python<'_>, url: &str) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        tauri_plugin_opener::open_url(url, None::<&str>)
            .map_err(|error| Error::desktop("open the address", error))
    })?;
    Ok(())
}

/// Opens a file or a folder.
#[pyfunction]
fn open_path(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        tauri_plugin_opener::open_path(path, None::<&str>)
            .map_err(|error| Error::desktop("open the file", error))
    })?;
    Ok(())
}

/// Shows a file in the file manager.
#[pyfunction]
fn reveal(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        tauri_plugin_opener::reveal_item_in_dir(path)
            .map_err(|error| Error::desktop("show the file", error))
    })?;
    Ok(())
}

/// Opens a link that a page may not follow itself. Returns at once.
pub(crate) fn follow(url: &Url) {
    if !LINKS.contains(&url.scheme()) {
        return;
    }
    let url = url.to_string();
    // A program is started: not for the main thread to wait for. Without a thread, or a program
    // that opens it, the link does nothing, as without the capability.
    let opened = thread::Builder::new()
        .name("link".into())
        .spawn(move || tauri_plugin_opener::open_url(url, None::<&str>));
    drop(opened);
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(open_url, module)?)?;
    module.add_function(wrap_pyfunction!(open_path, module)?)?;
    module.add_function(wrap_pyfunction!(reveal, module)?)
}

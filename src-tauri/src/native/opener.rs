//! Files and addresses, opened by the desktop's own programs.

use std::{path::PathBuf, thread};

use gtk::glib::ToVariant;
use pyo3::prelude::*;
use tauri::Url;

use super::bus;
use crate::{Error, native, plugins::Capability};

/// The file manager, by freedesktop.org's "File Manager D-Bus Interface".
const FILE_MANAGER: &str = "org.freedesktop.FileManager1";

/// What links in a page may lead to; everything else a page could reach through a program that
/// happens to be installed.
const LINKS: &[&str] = &["http", "https", "mailto", "tel"];

/// Opens an address.
#[pyfunction]
fn open_url(py: Python<'_>, url: &str) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        opening::that_detached(url).map_err(|error| Error::desktop("open the address", error))
    })?;
    Ok(())
}

/// Opens a file or a folder.
#[pyfunction]
fn open_path(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        let failed = |error| Error::desktop("open the file", error);
        // The program that opens it would not tell us that there is no such file.
        let path = path.canonicalize().map_err(failed)?;
        opening::that_detached(path).map_err(failed)
    })?;
    Ok(())
}

/// Shows a file in the file manager; where that cannot point at a file, the folder it is in.
#[pyfunction]
fn reveal(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Open)?;
        let failed = |error| Error::desktop("show the file", error);
        let path = path.canonicalize().map_err(failed)?;
        let url = Url::from_file_path(&path).map_or_else(|()| String::new(), String::from);
        let arguments = (vec![url], "").to_variant();
        if bus::call(FILE_MANAGER, "ShowItems", &arguments).is_ok() {
            return Ok(());
        }
        opening::that_detached(path.parent().unwrap_or(&path)).map_err(failed)
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
        .spawn(move || opening::that_detached(url));
    drop(opened);
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(open_url, module)?)?;
    module.add_function(wrap_pyfunction!(open_path, module)?)?;
    module.add_function(wrap_pyfunction!(reveal, module)?)
}

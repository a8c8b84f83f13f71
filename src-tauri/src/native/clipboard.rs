//! The clipboard. Not used on the main thread: whoever owns what is in it may be our own page.

use std::sync::{Mutex, PoisonError};

use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use tauri::{Wry, image::Image};
use tauri_plugin_clipboard_manager::{Clipboard, ClipboardExt};

use crate::{Error, native, plugins::Capability};

/// Held while the clipboard is used; true once it must not be used any more: the plugin gives its
/// clipboard up when the app ends, and panics when asked for it after that.
static CLOSED: Mutex<bool> = Mutex::new(false);

/// Waits for whoever uses it, and lets nobody in any more.
pub(crate) fn close() {
    *CLOSED.lock().unwrap_or_else(PoisonError::into_inner) = true;
}

fn with<R: Send>(
    py: Python<'_>,
    what: &'static str,
    work: impl FnOnce(&Clipboard<Wry>) -> tauri_plugin_clipboard_manager::Result<R> + Send,
) -> PyResult<Option<R>> {
    let shell = native::shell()?;
    let result = py.detach(|| {
        shell.require(Capability::Clipboard)?;
        let app = shell.app()?;
        let closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return Err(Error::Closing);
        }
        match work(app.clipboard()) {
            Ok(result) => Ok(Some(result)),
            Err(error) if error.to_string() == nothing_there() => Ok(None),
            Err(error) => Err(Error::desktop(what, error)),
        }
    })?;
    Ok(result)
}

/// How the plugin says that there is no text, or no picture.
fn nothing_there() -> String {
    arboard::Error::ContentNotAvailable.to_string()
}

/// The text in the clipboard, if there is text.
#[pyfunction]
fn read_text(py: Python<'_>) -> PyResult<Option<String>> {
    with(py, "read the clipboard", Clipboard::read_text)
}

#[pyfunction]
fn write_text(py: Python<'_>, text: String) -> PyResult<()> {
    with(py, "write to the clipboard", |clipboard| {
        clipboard.write_text(text)
    })?;
    Ok(())
}

/// The picture in the clipboard as PNG, if there is one.
#[pyfunction]
fn read_image(py: Python<'_>) -> PyResult<Option<Bound<'_, PyBytes>>> {
    let image = with(py, "read the clipboard", |clipboard| {
        clipboard.read_image().map(Image::to_owned)
    })?;
    let png = image.map(|image| py.detach(|| encode(&image))).transpose();
    let png = png.map_err(|error| Error::desktop("read the picture", error))?;
    Ok(png.map(|png| PyBytes::new(py, &png)))
}

/// Puts a picture there; `png` is a PNG file.
#[pyfunction]
fn write_image(py: Python<'_>, png: Vec<u8>) -> PyResult<()> {
    native::shell()?.require(Capability::Clipboard)?;
    let image = py
        .detach(|| Image::from_bytes(&png))
        .map_err(|error| PyValueError::new_err(format!("not a PNG picture: {error}")))?;
    with(py, "write to the clipboard", |clipboard| {
        clipboard.write_image(&image)
    })?;
    Ok(())
}

fn encode(image: &Image<'_>) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(image.rgba())?;
    Ok(bytes)
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_text, module)?)?;
    module.add_function(wrap_pyfunction!(write_text, module)?)?;
    module.add_function(wrap_pyfunction!(read_image, module)?)?;
    module.add_function(wrap_pyfunction!(write_image, module)?)
}

//! The clipboard, which is GTK's: asked on the main thread, answered when whoever owns it answers.

use gtk::{Clipboard, gdk, gdk_pixbuf};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use tauri::AppHandle;

use crate::{Error, native, plugins::Capability, shell::Shell};

/// What every program copies to and pastes from.
fn clipboard(_main_thread: &AppHandle) -> Clipboard {
    Clipboard::get(&gdk::SELECTION_CLIPBOARD)
}

fn allowed() -> PyResult<&'static Shell> {
    let shell = native::shell()?;
    shell.require(Capability::Clipboard)?;
    Ok(shell)
}

/// The text in the clipboard, if there is text.
#[pyfunction]
fn read_text(py: Python<'_>) -> PyResult<Option<String>> {
    let shell = allowed()?;
    let text = py.detach(|| {
        shell.ask_main(|app, answer| {
            clipboard(app).request_text(move |_, text| {
                let _ = answer.send(text.map(str::to_owned));
            });
        })
    })?;
    Ok(text)
}

#[pyfunction]
fn write_text(py: Python<'_>, text: String) -> PyResult<()> {
    let shell = allowed()?;
    py.detach(|| shell.on_main(move |app| clipboard(app).set_text(&text)))?;
    Ok(())
}

/// The picture in the clipboard as PNG, if there is one.
#[pyfunction]
fn read_image(py: Python<'_>) -> PyResult<Option<Bound<'_, PyBytes>>> {
    let shell = allowed()?;
    let png = py.detach(|| {
        shell.ask_main(|app, answer| {
            clipboard(app).request_image(move |_, picture| {
                let png = picture.map(|picture| picture.save_to_bufferv("png", &[]));
                let _ = answer.send(png.transpose());
            });
        })
    })?;
    let png = png.map_err(|error| Error::desktop("read the picture", error))?;
    Ok(png.map(|png| PyBytes::new(py, &png)))
}

/// Puts a picture there; `png` is a PNG file.
#[pyfunction]
fn write_image(py: Python<'_>, png: Vec<u8>) -> PyResult<()> {
    let shell = allowed()?;
    py.detach(|| {
        shell.on_main(move |app| {
            let picture = decode(&png)?;
            clipboard(app).set_image(&picture);
            Ok(())
        })
    })?
    .map_err(|error: gtk::glib::Error| PyValueError::new_err(format!("not a PNG picture: {error}")))
}

fn decode(png: &[u8]) -> Result<gdk_pixbuf::Pixbuf, gtk::glib::Error> {
    use gdk_pixbuf::{PixbufError, PixbufLoader, prelude::PixbufLoaderExt};
    let loader = PixbufLoader::with_type("png")?;
    // A loader must be closed, whatever it thinks of the picture.
    let written = loader.write(png);
    let closed = loader.close();
    written.and(closed)?;
    loader
        .pixbuf()
        .ok_or_else(|| gtk::glib::Error::new(PixbufError::CorruptImage, "it holds no picture"))
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_text, module)?)?;
    module.add_function(wrap_pyfunction!(write_text, module)?)?;
    module.add_function(wrap_pyfunction!(read_image, module)?)?;
    module.add_function(wrap_pyfunction!(write_image, module)?)
}

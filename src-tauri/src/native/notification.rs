//! Notifications, as the desktop's own service shows them.

use std::collections::HashMap;

use gtk::glib::{ToVariant, Variant};
use pyo3::prelude::*;

use super::bus;
use crate::{Error, native, plugins::Capability};

/// The service, by the specification "Desktop Notifications" of freedesktop.org, version 1.2.
const SERVICE: &str = "org.freedesktop.Notifications";

/// Shows one. `icon` is a file or a name of the desktop's icon theme.
#[pyfunction]
fn notify(py: Python<'_>, title: &str, body: &str, icon: Option<&str>) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Notification)?;
        let app = shell.manifest.as_ref().map_or("", |app| &app.name);
        let arguments = (
            app,
            0_u32, // replaces no other
            icon.unwrap_or_default(),
            title,
            body,
            Vec::<String>::new(),              // no buttons
            HashMap::<String, Variant>::new(), // no hints
            -1_i32,                            // for as long as the desktop sees fit
        );
        bus::call(SERVICE, "Notify", &arguments.to_variant())
            .map_err(|error| Error::desktop("show the notification", error))
    })?;
    Ok(())
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(notify, module)?)
}

//! Notifications.

use pyo3::prelude::*;
use tauri_plugin_notification::NotificationExt;

use crate::{Error, native, plugins::Capability};

/// Shows one. `icon` is a file or a name of the desktop's icon theme.
#[pyfunction]
fn notify(py: Python<'_>, title: &str, body: &str, icon: Option<&str>) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.require(Capability::Notification)?;
        let app = shell.app()?;
        let mut notification = app.notification().builder().title(title).body(body);
        if let Some(icon) = icon {
            notification = notification.icon(icon);
        }
        notification
            .show()
            .map_err(|error| Error::desktop("show the notification", error))
    })?;
    Ok(())
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(notify, module)?)
}

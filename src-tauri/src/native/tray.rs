//! Icons in the system tray. While there is one, the app goes on without a window.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use pyo3::{exceptions::PyValueError, prelude::*};
use serde_json::json;
use tauri::{
    AppHandle, Manager,
    image::Image,
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};

use super::{Event, menu::Entry};
use crate::{Error, native, plugins::Capability, shell::Shell};

/// The ids of the icons that there are.
#[derive(Default)]
pub(crate) struct Trays(Mutex<BTreeSet<String>>);

impl Trays {
    /// Whether the app lives on without a window.
    pub(crate) fn is_empty(&self) -> bool {
        self.with(|ids| ids.is_empty())
    }

    fn with<R>(&self, work: impl FnOnce(&mut BTreeSet<String>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a click on an icon is for Python; with its menu open it is none.
pub(crate) fn clicked(event: &TrayIconEvent) -> Option<Event> {
    match event {
        TrayIconEvent::Click {
            id,
            button: MouseButton::Left,
            button_state: MouseButtonState::Up,
            ..
        } => Some(Event::new("tray", &json!({ "id": id.as_ref() }))),
        _ => None,
    }
}

/// Shows an icon; `png` is a PNG file, the app's own icon if there is none.
#[pyfunction]
fn show_tray(
    py: Python<'_>,
    id: String,
    png: Option<Vec<u8>>,
    tooltip: Option<String>,
    menu: &str,
) -> PyResult<()> {
    let shell = native::shell()?;
    shell.require(Capability::Tray)?;
    let entries: Vec<Entry> =
        serde_json::from_str(menu).map_err(|error| Error::Options(error.to_string()))?;
    let icon = match png {
        Some(png) => picture(&png)?,
        None => shell.assets.icon()?,
    };
    py.detach(|| shell.on_main(move |app| show(app, shell, &id, icon, tooltip, &entries))?)
        .map_err(|error: Error| error.into())
}

fn show(
    app: &AppHandle,
    shell: &Shell,
    id: &str,
    icon: Image<'static>,
    tooltip: Option<String>,
    entries: &[Entry],
) -> Result<(), Error> {
    // Tauri's tray panics without it.
    if !has_tray() {
        return Err(Error::NoTray);
    }
    // On Linux an icon without a menu is not shown.
    let menu = shell.menus.build(app, id, entries)?;
    let mut tray = TrayIconBuilder::with_id(id).icon(icon).menu(&menu);
    tray = tray.show_menu_on_left_click(!entries.is_empty());
    if let Some(tooltip) = tooltip {
        tray = tray.tooltip(tooltip);
    }
    // The desktop reads the picture from a file. By default it would be in a folder of all apps.
    if let Ok(folder) = app.path().app_cache_dir() {
        tray = tray.temp_dir_path(folder.join(format!("tray-{}", std::process::id())));
    }
    tray.build(app)?;
    shell.trays.with(|ids| ids.insert(id.to_owned()));
    Ok(())
}

/// Changes an icon's picture or tooltip.
#[pyfunction]
fn change_tray(
    py: Python<'_>,
    id: String,
    png: Option<Vec<u8>>,
    tooltip: Option<String>,
) -> PyResult<()> {
    let shell = native::shell()?;
    let icon = png.map(|png| picture(&png)).transpose()?;
    py.detach(|| {
        shell.on_main(move |app| {
            let Some(tray) = app.tray_by_id(&id) else {
                return Ok(());
            };
            if let Some(icon) = icon {
                tray.set_icon(Some(icon))?;
            }
            if let Some(tooltip) = tooltip {
                tray.set_tooltip(Some(tooltip))?;
            }
            Ok(())
        })?
    })
    .map_err(|error: Error| error.into())
}

/// Takes an icon away. If there is neither another one nor a window, the app ends.
#[pyfunction]
fn remove_tray(py: Python<'_>, id: String) -> PyResult<()> {
    let shell = native::shell()?;
    py.detach(|| {
        shell.on_main(move |app| {
            remove(app, shell, &id);
            if shell.trays.is_empty() && app.webview_windows().is_empty() {
                app.exit(0);
            }
        })
    })?;
    Ok(())
}

fn remove(app: &AppHandle, shell: &Shell, id: &str) {
    drop(app.remove_tray_by_id(id));
    shell.menus.forget(id);
    shell.trays.with(|ids| ids.remove(id));
}

/// Takes all icons away. On the main thread.
pub(crate) fn remove_all(app: &AppHandle, shell: &Shell) {
    let ids = shell.trays.with(std::mem::take);
    for id in ids {
        remove(app, shell, &id);
    }
    if let Ok(folder) = app.path().app_cache_dir() {
        // Only there if an icon was shown.
        let _ = std::fs::remove_dir_all(folder.join(format!("tray-{}", std::process::id())));
    }
}

fn picture(png: &[u8]) -> PyResult<Image<'static>> {
    Image::from_bytes(png)
        .map(Image::to_owned)
        .map_err(|error| PyValueError::new_err(format!("not a PNG picture: {error}")))
}

/// Whether the library that shows icons is installed.
fn has_tray() -> bool {
    [c"libayatana-appindicator3.so.1", c"libappindicator3.so.1"]
        .into_iter()
        .any(|name| {
            // SAFETY: a NUL-terminated name; the library's initialisers are those that Tauri's
            // tray runs by loading it. It stays loaded.
            !unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY) }.is_null()
        })
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(show_tray, module)?)?;
    module.add_function(wrap_pyfunction!(change_tray, module)?)?;
    module.add_function(wrap_pyfunction!(remove_tray, module)?)
}

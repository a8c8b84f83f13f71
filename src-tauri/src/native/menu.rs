//! Menus: built of Python's description of them, changed item by item. A click is an event.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tauri::{
    AppHandle, Wry,
    menu::{CheckMenuItem, Menu, MenuItem, MenuItemKind, PredefinedMenuItem, Submenu},
};

use super::Event;
use crate::{Error, native, shell::Shell};

/// Whose items those of the menu bar are; a tray icon's are its own.
const BAR: &str = "bar";

/// One entry, as `python/pyxidium/menu.py` describes it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Entry {
    Item {
        id: String,
        text: String,
        enabled: bool,
        accelerator: Option<String>,
    },
    Check {
        id: String,
        text: String,
        enabled: bool,
        accelerator: Option<String>,
        checked: bool,
    },
    Menu {
        id: String,
        text: String,
        enabled: bool,
        items: Vec<Entry>,
    },
    Separator,
}

/// What is to be different about an entry.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Change {
    text: Option<String>,
    enabled: Option<bool>,
    checked: Option<bool>,
}

/// The entries that there are.
#[derive(Default)]
pub(crate) struct Menus(Mutex<Known>);

/// By id: whose it is, and the entry.
type Known = HashMap<String, (String, MenuItemKind<Wry>)>;

impl Menus {
    /// Makes the events of clicks.
    pub(crate) fn clicked(&self, id: &str) -> Option<Event> {
        let checked = match self.get(id)? {
            MenuItemKind::Check(item) => item.is_checked().ok(),
            _ => None,
        };
        Some(Event::new("menu", &json!({ "id": id, "checked": checked })))
    }

    fn get(&self, id: &str) -> Option<MenuItemKind<Wry>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).map(|(_, entry)| entry.clone())
    }

    /// Builds a menu in place of the one that `owner` had.
    pub(super) fn build(
        &self,
        app: &AppHandle,
        owner: &str,
        entries: &[Entry],
    ) -> Result<Menu<Wry>, Error> {
        let menu = Menu::new(app)?;
        let mut new = Vec::new();
        for entry in entries {
            menu.append(&entry.build(app, &mut new)?)?;
        }
        self.forget(owner);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, entry) in new {
            known.insert(id, (owner.to_owned(), entry));
        }
        Ok(menu)
    }

    /// A menu is gone.
    pub(super) fn forget(&self, owner: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (other, _)| other != owner);
    }
}

impl Entry {
    fn build(
        &self,
        app: &AppHandle,
        built: &mut Vec<(String, MenuItemKind<Wry>)>,
    ) -> Result<MenuItemKind<Wry>, Error> {
        let (id, entry) = match self {
            Self::Separator => {
                let line = PredefinedMenuItem::separator(app)?;
                return Ok(MenuItemKind::Predefined(line));
            }
            Self::Item {
                id,
                text,
                enabled,
                accelerator,
            } => {
                let keys = checked_keys(text, accelerator.as_deref())?;
                let item = MenuItem::with_id(app, id, text, *enabled, keys)?;
                (id, MenuItemKind::MenuItem(item))
            }
            Self::Check {
                id,
                text,
                enabled,
                accelerator,
                checked,
            } => {
                let keys = checked_keys(text, accelerator.as_deref())?;
                let item = CheckMenuItem::with_id(app, id, text, *enabled, *checked, keys)?;
                (id, MenuItemKind::Check(item))
            }
            Self::Menu {
                id,
                text,
                enabled,
                items,
            } => {
                let menu = Submenu::with_id(app, id, text, *enabled)?;
                for item in items {
                    menu.append(&item.build(app, built)?)?;
                }
                (id, MenuItemKind::Submenu(menu))
            }
        };
        built.push((id.clone(), entry.clone()));
        Ok(entry)
    }
}

/// Tauri leaves out keys that it does not understand; who wrote them should know.
fn checked_keys<'a>(text: &str, keys: Option<&'a str>) -> Result<Option<&'a str>, Error> {
    if let Some(keys) = keys
        && let Err(error) = keys.parse::<muda::accelerator::Accelerator>()
    {
        let text = format!("the keys {keys:?} of menu item {text:?} cannot be used: {error}");
        return Err(Error::Options(text));
    }
    Ok(keys)
}

impl Change {
    fn apply(&self, entry: &MenuItemKind<Wry>) -> tauri::Result<()> {
        if let Some(text) = &self.text {
            match entry {
                MenuItemKind::MenuItem(item) => item.set_text(text)?,
                MenuItemKind::Check(item) => item.set_text(text)?,
                MenuItemKind::Submenu(menu) => menu.set_text(text)?,
                _ => {}
            }
        }
        if let Some(enabled) = self.enabled {
            match entry {
                MenuItemKind::MenuItem(item) => item.set_enabled(enabled)?,
                MenuItemKind::Check(item) => item.set_enabled(enabled)?,
                MenuItemKind::Submenu(menu) => menu.set_enabled(enabled)?,
                _ => {}
            }
        }
        if let (Some(checked), MenuItemKind::Check(item)) = (self.checked, entry) {
            item.set_checked(checked)?;
        }
        Ok(())
    }
}

/// Gives every window this menu bar; none where there are no entries.
#[pyfunction]
fn set_menu(py: Python<'_>, entries: &str) -> PyResult<()> {
    let entries: Vec<Entry> =
        serde_json::from_str(entries).map_err(|error| Error::Options(error.to_string()))?;
    let shell = native::shell()?;
    py.detach(|| {
        shell.on_main(move |app| {
            let menu = shell.menus.build(app, BAR, &entries)?;
            if entries.is_empty() {
                app.remove_menu()?;
            } else {
                app.set_menu(menu)?;
            }
            Ok(())
        })?
    })
    .map_err(|error: Error| error.into())
}

/// Changes an entry of any menu; one that is in none is left alone.
#[pyfunction]
fn change_menu_item(py: Python<'_>, id: String, change: &str) -> PyResult<()> {
    let change: Change =
        serde_json::from_str(change).map_err(|error| Error::Options(error.to_string()))?;
    let shell = native::shell()?;
    py.detach(|| {
        shell.on_main(move |_| match shell.menus.get(&id) {
            Some(entry) => change.apply(&entry).map_err(Error::from),
            None => Ok(()),
        })?
    })
    .map_err(|error: Error| error.into())
}

/// Takes the menu bar away. On the main thread.
pub(super) fn remove(app: &AppHandle, shell: &Shell) {
    // Without one there is nothing to take away.
    let _ = app.remove_menu();
    shell.menus.forget(BAR);
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(set_menu, module)?)?;
    module.add_function(wrap_pyfunction!(change_menu_item, module)?)
}

//! Tauri's plugins: those whose capability the app declares, and no others.
//!
//! Only Python gets to them, by way of `native`. Their commands stay refused to every page
//! (`context`), and a plugin that is not asked for is not even started.

use std::sync::Arc;

use serde_json::json;
use tauri::{AppHandle, Builder, Manager, Wry};
use tauri_plugin_window_state::StateFlags;

use crate::{
    Error,
    native::{Event, clipboard},
    shell::Shell,
    windows::MAIN,
};

/// Something that an app asks for: see [`packed_resources::CAPABILITIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    Clipboard,
    Dialog,
    Notification,
    Open,
    SingleInstance,
    Tray,
    WindowState,
}

impl Capability {
    /// Its name in `[tool.pyxidium]`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Clipboard => "clipboard",
            Self::Dialog => "dialog",
            Self::Notification => "notification",
            Self::Open => "open",
            Self::SingleInstance => "single-instance",
            Self::Tray => "tray",
            Self::WindowState => "window-state",
        }
    }
}

impl Shell {
    /// Whether the app asked for it.
    pub(crate) fn may(&self, capability: Capability) -> bool {
        let declared = &self.window.capabilities;
        declared.iter().any(|name| name == capability.name())
    }

    /// Refuses what the app did not ask for.
    pub(crate) fn require(&self, capability: Capability) -> Result<(), Error> {
        if self.may(capability) {
            return Ok(());
        }
        let name = capability.name();
        Err(Error::NotDeclared { name })
    }

    /// Whether a second start goes to the running app. `pyxidium dev` restarts apps as it likes.
    pub(crate) fn is_single_instance(&self) -> bool {
        self.may(Capability::SingleInstance) && self.window.dev.is_none()
    }
}

/// Has the declared plugins started with the app.
pub(crate) fn add(mut builder: Builder<Wry>, shell: &Arc<Shell>) -> Builder<Wry> {
    // The first one: a second start ends here, before it has done anything.
    if shell.is_single_instance() {
        builder = builder.plugin(single_instance(shell.clone()));
    }
    if shell.may(Capability::Clipboard) {
        builder = builder.plugin(tauri_plugin_clipboard_manager::init());
    }
    if shell.may(Capability::Dialog) {
        builder = builder.plugin(tauri_plugin_dialog::init());
    }
    if shell.may(Capability::Notification) {
        builder = builder.plugin(tauri_plugin_notification::init());
    }
    if shell.may(Capability::Open) {
        let opener = tauri_plugin_opener::Builder::new().open_js_links_on_click(false);
        builder = builder.plugin(opener.build());
    }
    if shell.may(Capability::WindowState) {
        let flags = StateFlags::SIZE
            | StateFlags::POSITION
            | StateFlags::MAXIMIZED
            | StateFlags::FULLSCREEN;
        let plugin = tauri_plugin_window_state::Builder::new().with_state_flags(flags);
        builder = builder.plugin(plugin.build());
    }
    builder
}

/// What plugins hold is about to go: nobody uses them from here on.
pub(crate) fn close() {
    clipboard::close();
}

fn single_instance(shell: Arc<Shell>) -> tauri::plugin::TauriPlugin<Wry> {
    let name = bus_name(&shell.window.identifier);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(name)
        .callback(move |app: &AppHandle, argv, cwd| {
            let data = json!({ "argv": argv, "cwd": cwd });
            shell.events.push(Event::new("second-start", &data));
            let handle = app.clone();
            let _ = app.run_on_main_thread(move || {
                if let Some(window) = handle.get_webview_window(MAIN) {
                    let _ = window.show();
                    let _ = window.unminimize();
                    let _ = window.set_focus();
                }
            });
        })
        .build()
}

/// The identifier as a name that a message bus takes: there, no part begins with a digit.
fn bus_name(identifier: &str) -> String {
    let part = |part: &str| {
        let mut name: String = part
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        name
    };
    identifier
        .split('.')
        .map(part)
        .collect::<Vec<_>>()
        .join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_those_that_an_app_can_declare() {
        let known: Vec<_> = packed_resources::CAPABILITIES
            .iter()
            .map(|(name, _)| *name)
            .collect();
        let ours = [
            Capability::Clipboard,
            Capability::Dialog,
            Capability::Notification,
            Capability::Open,
            Capability::SingleInstance,
            Capability::Tray,
            Capability::WindowState,
        ];
        assert_eq!(ours.map(Capability::name).to_vec(), known);
    }

    #[test]
    fn every_identifier_has_a_name_on_the_bus() {
        for (identifier, name) in [
            ("org.example.words", "org.example.words"),
            ("org.7zip.my-app", "org._7zip.my_app"),
            ("wörds", "w_rds"),
            ("", "_"),
        ] {
            assert_eq!(bus_name(identifier), name);
        }
    }
}

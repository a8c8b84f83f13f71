//! What an app may ask of the desktop, and Tauri's plugins: those whose capability the app
//! declares, and no others.
//!
//! Only Python gets to them, by way of `native`. Their commands stay refused to every page
//! (`context`), and a plugin that is not asked for is not even started.
//!
//! Clipboard, notifications, opening and single instances do not go through plugins: these brought 7
//! MB of bus and Wayland libraries into every app, and GTK, which is there anyway, can do it.

use packed_resources::WindowConfig;
use tauri::{Builder, Wry};
use tauri_plugin_window_state::StateFlags;

use crate::{Error, shell::Shell};

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

/// Whether an app with this window asked for it.
pub(crate) fn declared(window: &WindowConfig, capability: Capability) -> bool {
    let mut names = window.capabilities.iter();
    names.any(|name| name == capability.name())
}

impl Shell {
    /// Whether the app asked for it.
    pub(crate) fn may(&self, capability: Capability) -> bool {
        declared(&self.window, capability)
    }

    /// Refuses what the app did not ask for.
    pub(crate) fn require(&self, capability: Capability) -> Result<(), Error> {
        if self.may(capability) {
            return Ok(());
        }
        let name = capability.name();
        Err(Error::NotDeclared { name })
    }
}

/// Has the declared plugins started with the app.
pub(crate) fn add(mut builder: Builder<Wry>, shell: &Shell) -> Builder<Wry> {
    if shell.may(Capability::Dialog) {
        builder = builder.plugin(tauri_plugin_dialog::init());
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
}

//! What can keep a window from working. Errors of the app's own code are Python's exceptions.

/// Why the desktop did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no display to open a window on.
    #[error("this app needs a graphical desktop: no display can be opened")]
    NoDisplay,
    /// Tauri, GTK or WebKit refused.
    #[error("the window cannot be opened")]
    Tauri(#[from] tauri::Error),
    /// Another copy of the app runs, but does not answer.
    #[error("this app is running already, but does not answer")]
    Silent,
    /// The app is ending: its windows are gone.
    #[error("the app is closing")]
    Closing,
    /// A window that is not there.
    #[error("there is no window {label:?}")]
    NoWindow {
        /// Its label.
        label: String,
    },
    /// A second window of the same label.
    #[error("there is already a window {label:?}")]
    WindowExists {
        /// The label.
        label: String,
    },
    /// Something that the app did not declare.
    #[error("this app did not ask for the capability {name:?}")]
    NotDeclared {
        /// The capability.
        name: &'static str,
    },
    /// A picture that cannot be read.
    #[error("the icon {path} cannot be used: it must be a PNG file")]
    Icon {
        /// Its path.
        path: String,
    },
    /// There is no system tray.
    #[error("this desktop has no system tray")]
    NoTray,
    /// Something that a plugin could not do.
    #[error("the desktop did not {what}")]
    Desktop {
        /// What was asked of it.
        what: &'static str,
        /// Its reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A window that was described wrongly.
    #[error("{0}")]
    Options(String),
}

impl Error {
    /// What a plugin said.
    pub(crate) fn desktop(
        what: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        let source = Box::new(source);
        Self::Desktop { what, source }
    }

    /// What the author or the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoDisplay => {
                Some("start it from a desktop session, or set DISPLAY or WAYLAND_DISPLAY".into())
            }
            Self::NotDeclared { name } => Some(format!(
                "add it to [tool.pyxidium] in pyproject.toml: capabilities = [\"{name}\"]"
            )),
            Self::NoTray => Some("install libayatana-appindicator3-1".into()),
            Self::Silent => Some("end the running copy, then start it again".into()),
            Self::WindowExists { .. } => Some("give the new window another label".into()),
            _ => None,
        }
    }
}

//! What a sealed file says about its window: known before Python runs, so that the window can open
//! at once.

use serde::{Deserialize, Serialize};

/// The main window and what the app may do with the desktop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowConfig {
    /// Names the app's folders on the user's machine, as `org.example.words`.
    pub identifier: String,
    /// Title; the app's name where it is empty.
    pub title: String,
    /// Payload folder with the page's `index.html`, as `app/ui`.
    pub ui: String,
    /// Payload path of a PNG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Width and height of the page, in logical pixels.
    pub size: (f64, f64),
    /// The smallest width and height that the user can give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_size: Option<(f64, f64)>,
    /// Whether the user can change its size.
    pub resizable: bool,
    /// Whether it opens maximized.
    pub maximized: bool,
    /// Whether it opens without the desktop around it.
    pub fullscreen: bool,
    /// Whether it has a title bar and borders.
    pub decorations: bool,
    /// A Content-Security-Policy instead of the strict default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csp: Option<String>,
    /// Web origins that the page may load from and talk to, as `https://example.org`.
    pub origins: Vec<String>,
    /// What the app asked for: see [`CAPABILITIES`].
    pub capabilities: Vec<String>,
    /// Set by `pyxidium dev`: sources on disk instead of in the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<DevConfig>,
}

/// Where an app under development is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DevConfig {
    /// The folder that stands first in `sys.path`.
    pub folder: String,
    /// The script that is run; None for the manifest's module in `folder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// The page's folder on disk.
    pub ui: String,
    /// Address of a development server (Vite) that serves the page instead of `ui`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Every capability that an app can ask for, and what it allows.
pub const CAPABILITIES: &[(&str, &str)] = &[
    ("clipboard", "read and write the clipboard"),
    ("dialog", "show dialogs for files, folders and questions"),
    ("notification", "show notifications"),
    (
        "open",
        "open files and addresses with the desktop's own programs",
    ),
    (
        "single-instance",
        "hand a second start over to the running app",
    ),
    ("tray", "show an icon in the system tray"),
    ("window-state", "remember the window's size and place"),
];

impl Default for WindowConfig {
    fn default() -> Self {
        Self {
            identifier: String::new(),
            title: String::new(),
            ui: String::new(),
            icon: None,
            size: (900.0, 600.0),
            min_size: None,
            resizable: true,
            maximized: false,
            fullscreen: false,
            decorations: true,
            csp: None,
            origins: Vec::new(),
            capabilities: Vec::new(),
            dev: None,
        }
    }
}

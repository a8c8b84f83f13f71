//! What can be wrong with an app's window, said so that its author knows where and what to write.

use std::path::PathBuf;

use packed_resources::CAPABILITIES;
use recipe::Origin;

use super::settings::KEYS;

/// Something wrong with the window, and where it was written.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {}: {problem}", .at.path.display(), .at.line)]
pub struct WindowError {
    /// The call of `px.window`, or the setting.
    pub at: Origin,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with the window.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A page that is not named, and no folder of the usual name.
    #[error("the window has no page")]
    NoUi,
    /// `ui` names nothing.
    #[error("the page's folder {} does not exist", .path.display())]
    UiMissing {
        /// The folder.
        path: PathBuf,
    },
    /// `ui` is outside of the project.
    #[error("the page's folder {} is outside of the project", .path.display())]
    UiOutside {
        /// The folder.
        path: PathBuf,
    },
    /// `ui` is the project's own folder.
    #[error("the page's folder {} is the project itself", .path.display())]
    UiIsProject {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that holds no page.
    #[error("the page's folder {} has no index.html", .path.display())]
    NoIndex {
        /// The folder.
        path: PathBuf,
    },
    /// An argument that is needed before the app runs, and is computed.
    #[error("`{key}` must be written out: it is read when the app is sealed, before anything runs")]
    NotLiteral {
        /// The argument.
        key: String,
    },
    /// A value of the wrong type.
    #[error("`{key}` must be {expected}")]
    WrongType {
        /// The setting.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A key of `[tool.pyxidium.window]` that means nothing.
    #[error("unknown key `{key}` in [tool.pyxidium.window]")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// A width or height that no window has.
    #[error("no window can be {width} by {height} (`{key}`)")]
    BadSize {
        /// The setting.
        key: String,
        /// Its width.
        width: f64,
        /// Its height.
        height: f64,
    },
    /// A smallest size above the size.
    #[error("`min_size` is larger than `size`")]
    MinSize,
    /// Not a web origin.
    #[error("`{text}` is no origin")]
    BadOrigin {
        /// What is written.
        text: String,
    },
    /// `icon` names nothing.
    #[error("the icon {} does not exist", .path.display())]
    IconMissing {
        /// The file.
        path: PathBuf,
    },
    /// `icon` names something else.
    #[error("the icon {} is not a PNG file", .path.display())]
    IconNotPng {
        /// The file.
        path: PathBuf,
    },
    /// `icon` is outside of the project.
    #[error("the icon {} is outside of the project", .path.display())]
    IconOutside {
        /// The file.
        path: PathBuf,
    },
    /// A capability that there is not.
    #[error("unknown capability `{name}`")]
    UnknownCapability {
        /// The name.
        name: String,
    },
    /// An identifier that cannot name folders.
    #[error("`{text}` is not an identifier")]
    BadIdentifier {
        /// What is written.
        text: String,
    },
}

impl WindowError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match &self.problem {
            Problem::NoUi => "make a folder `ui` with an index.html beside the source, or name one: \
                              px.window(ui=\"page\")"
                .into(),
            Problem::UiMissing { .. } => {
                "the folder is looked for beside the file that names it; a bundler's output has to be \
                 built first"
                    .into()
            }
            Problem::UiOutside { .. } | Problem::IconOutside { .. } => {
                "move it into the project's folder".into()
            }
            Problem::UiIsProject { .. } => {
                "give the page a folder of its own: px.window(ui=\"ui\")".into()
            }
            Problem::NoIndex { path } => format!(
                "write {} with at least: <!doctype html><title>App</title><script type=\"module\" \
                 src=\"app.js\"></script>",
                path.join("index.html").display()
            ),
            Problem::NotLiteral { key } => match key.as_str() {
                "origins" => "write a list: origins=[\"https://example.org\"]".into(),
                key => format!("write a text: {key}=\"…\""),
            },
            Problem::WrongType { key, .. } => match key.as_str() {
                "size" | "min_size" => format!("write {key}=(900, 600), in pixels"),
                "origins" => "write origins=[\"https://example.org\"]".into(),
                _ => return None,
            },
            Problem::UnknownKey { .. } => format!("known keys: {}", KEYS.join(", ")),
            Problem::BadSize { .. } => "sizes are in pixels, from 1 to 32768".into(),
            Problem::MinSize => "make `size` at least as large".into(),
            Problem::BadOrigin { .. } => {
                "an origin is scheme and host, without a path: https://example.org".into()
            }
            Problem::IconMissing { .. } => {
                "the icon is looked for beside the file that names it".into()
            }
            Problem::IconNotPng { .. } => {
                "save it as PNG, square, best of 512 by 512 pixels".into()
            }
            Problem::UnknownCapability { .. } => {
                let known: Vec<String> = CAPABILITIES
                    .iter()
                    .map(|(name, what)| format!("{name} ({what})"))
                    .collect();
                format!("capabilities are: {}", known.join(", "))
            }
            Problem::BadIdentifier { .. } => {
                "write it as a domain backwards, of letters, digits and dashes: org.example.words"
                    .into()
            }
        })
    }
}

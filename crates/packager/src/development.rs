//! A file for `pyxidium dev`: packages and window as in the sealed app, while the app's own files and
//! its page stay on disk, where their author changes them.

use std::path::{Path, PathBuf};

use packed_resources::{DevConfig, WindowConfig};
use recipe::{BuildPlan, Entry};

use crate::Error;
use crate::window::Window;

/// How to run an app from its sources.
#[derive(Debug, Clone, Default)]
pub struct Development {
    /// Address of a server that serves the page.
    pub url: Option<String>,
}

impl Development {
    pub(crate) fn config(&self, plan: &BuildPlan, window: Window) -> Result<WindowConfig, Error> {
        let mut config = window.config;
        let root = text(&plan.root)?;
        let script = match &plan.entry {
            Entry::Script { path } => Some(plan.root.join(path)),
            Entry::Folder => Some(plan.root.join("__main__.py")),
            Entry::Module { .. } => None,
        };
        config.dev = Some(DevConfig {
            folder: root,
            script: script.as_deref().map(text).transpose()?,
            ui: text(&window.ui)?,
            url: self.url.clone(),
        });
        config.icon = window.icon.as_deref().map(text).transpose()?;
        Ok(config)
    }
}

/// An absolute path as text, which is what a manifest can hold.
fn text(path: &Path) -> Result<String, Error> {
    let path: PathBuf = fs_err::canonicalize(path)?;
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| recipe::Error::NameNotUtf8 { path: path.clone() }.into())
}

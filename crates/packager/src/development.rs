//! A file that runs a project from its sources: packages as in the sealed app, while the app's own files
//! and its page stay on disk, where their author changes them.

use std::path::{Path, PathBuf};

use packed_resources::{DevConfig, EntryPoint, Manifest, WindowConfig};
use recipe::{BuildPlan, Entry};

use crate::Error;
use crate::window::Window;

/// What to run from the sources.
#[derive(Debug, Clone)]
pub enum Development {
    /// The app, in its window.
    Window {
        /// Address of a server that serves the page instead of its folder.
        url: Option<String>,
    },
    /// The app, with or without a window, while somebody looks at it.
    Watched {
        /// A line of Python that runs before the app.
        startup: String,
    },
    /// A module that looks at the app instead of the app; it finds the sources in `sys.path`.
    Tool {
        /// Its dotted name.
        module: String,
    },
}

/// The window of an app under development.
pub(crate) fn window(
    plan: &BuildPlan,
    window: Window,
    url: Option<&str>,
) -> Result<WindowConfig, Error> {
    let mut config = window.config;
    let script = match &plan.entry {
        Entry::Script { path } => Some(plan.root.join(path)),
        Entry::Folder => Some(plan.root.join("__main__.py")),
        Entry::Module { .. } | Entry::Function { .. } | Entry::Command { .. } | Entry::Python => {
            None
        }
    };
    config.dev = Some(DevConfig {
        folder: absolute(&plan.root)?,
        script: script.as_deref().map(absolute).transpose()?,
        ui: absolute(&window.ui)?,
        url: url.map(str::to_owned),
    });
    config.icon = window.icon.as_deref().map(absolute).transpose()?;
    Ok(config)
}

/// Makes a manifest run the app's sources, after a line of Python.
pub(crate) fn watched(
    plan: &BuildPlan,
    startup: &str,
    manifest: &mut Manifest,
) -> Result<(), Error> {
    manifest.startup.push(startup.to_owned());
    // A window's runtime knows from its configuration where the sources are.
    if manifest.window.is_none() {
        manifest.sys_path.insert(0, absolute(&plan.root)?);
        if let Entry::Script { path } = &plan.entry {
            let path = absolute(&plan.root.join(path))?;
            manifest.entry = EntryPoint::Script { path };
        }
    }
    Ok(())
}

/// Makes a manifest run a tool.
pub(crate) fn tool(plan: &BuildPlan, module: &str, manifest: &mut Manifest) -> Result<(), Error> {
    manifest.entry = EntryPoint::Module {
        name: module.to_owned(),
    };
    manifest.sys_path.insert(0, absolute(&plan.root)?);
    Ok(())
}

/// An absolute path as text, which is what a manifest can hold.
pub(crate) fn absolute(path: &Path) -> Result<String, Error> {
    let path: PathBuf = fs_err::canonicalize(path)?;
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| recipe::Error::NameNotUtf8 { path: path.clone() }.into())
}

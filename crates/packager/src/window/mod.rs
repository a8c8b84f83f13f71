//! The window of an app, settled before it is sealed: what its calls of `px.window` and its
//! `[tool.pyxidium]` say, checked, with the files of its page.
//!
//! Of the source only literal arguments count; what is computed is applied when the app runs.

mod error;
mod images;
mod page;
mod settings;
#[cfg(test)]
mod tests;
mod uses;

use std::path::{Path, PathBuf};

use packed_resources::{CAPABILITIES, WindowConfig};
use recipe::{AppFile, BuildPlan, Literal, Origin, Setting};

pub use error::{Problem, WindowError};
#[cfg(test)]
pub(crate) use settings::KEYS;
use settings::Source;
pub(crate) use uses::Uses;

use crate::{APP, Error, describe};

/// A window that can be sealed.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) config: WindowConfig,
    /// The page's folder on disk.
    pub(crate) ui: PathBuf,
    /// The icon on disk.
    pub(crate) icon: Option<PathBuf>,
    /// Files of the page and the icon, with their payload paths.
    pub(crate) files: Vec<AppFile>,
    /// What the author should look at.
    pub(crate) warnings: Vec<String>,
}

/// The window of a plan, if it has one.
pub(crate) fn of(plan: &BuildPlan, uses: &[Uses]) -> Result<Option<Window>, Error> {
    let capabilities = capabilities(plan)?;
    let identifier = identifier(plan)?;
    let call = uses.iter().find_map(Uses::main_window);
    let table = plan.desktop.window.as_deref();
    if call.is_none() && table.is_none() {
        return Ok(None);
    }
    let mut config = WindowConfig {
        identifier,
        capabilities,
        ..WindowConfig::default()
    };
    // What the source says is nearer to what will happen, so it is applied last.
    let mut source = Source::default();
    source.apply(table.unwrap_or_default(), true, &mut config)?;
    if let Some(call) = &call {
        source.apply(&call.arguments, false, &mut config)?;
    }
    let at = match (&call, table) {
        (Some(call), _) => call.at.clone(),
        (None, table) => table
            .and_then(|t| t.first())
            .map_or_else(|| nowhere(plan), |s| s.origin.clone()),
    };
    settings::check_sizes(&config, &at)?;

    let ui = page::folder(plan, source.ui, &at)?;
    config.ui = format!("{APP}/{}", ui.inside);
    let mut files = Vec::new();
    for file in recipe::below(&ui.path)? {
        files.push(AppFile {
            path: format!("{}/{}", ui.inside, file.path),
            ..file
        });
    }
    let mut warnings = page::remote_content(&files, &config)?;
    let icon = match source.icon {
        Some(icon) => {
            let (file, icon) = images::icon(plan, icon)?;
            config.icon = Some(format!("{APP}/{}", file.path));
            files.push(file);
            Some(icon)
        }
        None => None,
    };
    let declared = &config.capabilities;
    warnings.extend(uses.iter().flat_map(|u| u.undeclared(declared)));
    Ok(Some(Window {
        config,
        ui: ui.path,
        icon,
        files,
        warnings,
    }))
}

/// The place to name for a window that nothing but an empty table asks for.
fn nowhere(plan: &BuildPlan) -> Origin {
    Origin {
        path: plan.project.join("pyproject.toml"),
        line: 1,
    }
}

/// The capabilities that the project asks for, each once, in order.
fn capabilities(plan: &BuildPlan) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for setting in &plan.desktop.capabilities {
        let Literal::Text(name) = &setting.value else {
            continue;
        };
        if !CAPABILITIES.iter().any(|(known, _)| known == name) {
            return Err(problem(
                setting,
                Problem::UnknownCapability { name: name.clone() },
            ));
        }
        names.push(name.clone());
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// The project's identifier, or one made of the app's name.
fn identifier(plan: &BuildPlan) -> Result<String, Error> {
    let Some(setting) = &plan.desktop.identifier else {
        let name = describe::dashed(&plan.name);
        return Ok(format!("app.{}", name.trim_matches('-')));
    };
    let Literal::Text(text) = &setting.value else {
        return Ok(String::new());
    };
    let part = |p: &str| {
        !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && p != "-"
    };
    if text.split('.').count() < 2 || !text.split('.').all(part) {
        return Err(problem(
            setting,
            Problem::BadIdentifier { text: text.clone() },
        ));
    }
    Ok(text.clone())
}

/// Where a file of the project goes below the app's folder; `None` for one outside of the project.
fn inside(plan: &BuildPlan, path: &Path) -> Option<String> {
    // A link in the project is in the project, wherever it leads: a bundler's output, say.
    let name = path.file_name()?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    let real = fs_err::canonicalize(parent.unwrap_or(Path::new(".")))
        .ok()?
        .join(name);
    let below = |root: &Path| {
        let root = fs_err::canonicalize(root).ok()?;
        Some(real.strip_prefix(root).ok()?.to_str()?.to_owned())
    };
    below(&plan.root).or_else(|| below(&plan.project))
}

fn problem(setting: &Setting, problem: Problem) -> Error {
    WindowError {
        at: setting.origin.clone(),
        problem,
    }
    .into()
}

//! The icon: a PNG inside the project.

use std::path::PathBuf;

use recipe::{AppFile, BuildPlan, Setting};

use super::{Problem, inside, problem, settings};
use crate::Error;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The icon that a setting names: its place in the app, and on disk.
pub(super) fn icon(plan: &BuildPlan, setting: Setting) -> Result<(AppFile, PathBuf), Error> {
    let name = settings::text(&setting)?;
    let source = setting.origin.path.with_file_name("").join(name);
    let path = source.clone();
    if !source.is_file() {
        return Err(problem(&setting, Problem::IconMissing { path }));
    }
    if !fs_err::read(&source)?.starts_with(PNG) {
        return Err(problem(&setting, Problem::IconNotPng { path }));
    }
    let Some(inside) = inside(plan, &source) else {
        return Err(problem(&setting, Problem::IconOutside { path }));
    };
    let file = AppFile {
        path: inside,
        source: source.clone(),
    };
    Ok((file, source))
}

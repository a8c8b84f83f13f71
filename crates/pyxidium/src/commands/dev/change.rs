//! What changed files mean for a running app.

use std::path::{Path, PathBuf};

/// What to do, with one of the files that ask for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Python or the project.
    App(PathBuf),
    /// The page alone.
    Page(PathBuf),
}

impl Change {
    /// The greatest of the changes.
    pub(super) fn of(files: &[PathBuf], ui: Option<&Path>) -> Option<Self> {
        let in_page = |file: &Path| ui.is_some_and(|ui| file.starts_with(ui));
        let mut page = None;
        for file in files.iter().filter(|f| !is_noise(f)) {
            if in_page(file) {
                page = Some(Self::Page(file.clone()));
            } else if is_app(file) {
                return Some(Self::App(file.clone()));
            }
        }
        page
    }
}

/// Sources, and what names packages and settings. Anything else may be a file that the app writes.
fn is_app(file: &Path) -> bool {
    let name = file
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let requirements = name.starts_with("requirements") && name.ends_with(".txt");
    name.ends_with(".py") || name == "pyproject.toml" || requirements
}

/// Files of editors and caches.
fn is_noise(file: &Path) -> bool {
    const FOLDERS: [&str; 3] = ["__pycache__", ".git", "node_modules"];
    let mut parts = file.iter().filter_map(|p| p.to_str());
    if parts.any(|p| FOLDERS.contains(&p)) {
        return true;
    }
    let name = file
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    // Vim asks whether it may make files by making one of this name.
    name.starts_with('.') || name.ends_with('~') || name == "4913" || name.contains(".sw")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], expected: Option<Change>) {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        assert_eq!(
            Change::of(&files, Some(Path::new("/p/ui"))),
            expected,
            "{files:?}"
        );
    }

    #[test]
    fn what_changes_mean() {
        let app = |path: &str| Some(Change::App(path.into()));
        check(&["/p/app.py"], app("/p/app.py"));
        check(&["/p/pyproject.toml"], app("/p/pyproject.toml"));
        check(&["/p/requirements-dev.txt"], app("/p/requirements-dev.txt"));
        check(&["/p/ui/app.js"], Some(Change::Page("/p/ui/app.js".into())));
        check(&["/p/ui/app.js", "/p/app.py"], app("/p/app.py"));
        check(&["/p/data.db", "/p/notes.txt"], None);
    }

    #[test]
    fn noise_of_editors_and_caches() {
        check(
            &[
                "/p/__pycache__/app.py",
                "/p/.app.py.swp",
                "/p/app.py~",
                "/p/ui/4913",
                "/p/ui/node_modules/x/y.py",
            ],
            None,
        );
    }
}

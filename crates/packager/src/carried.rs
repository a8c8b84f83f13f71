//! What Pyxidium's own payload holds and which of it goes on into apps: the standard library and the
//! package `pyxidium` always; runtimes and pip only into an app that seals apps itself.

use packed_resources::{Entry, Kind, Manifest};

use crate::seal::CPYTHON_KEY;
use crate::{SITE_PACKAGES, STDLIB, runtime};

/// What is said when Pyxidium's own payload is not as it should be.
pub(crate) const UNREADABLE: &str = "Pyxidium's own file cannot be read";

/// Payload path of the Python package that every app can import.
pub(crate) fn pyxidium() -> String {
    format!("{SITE_PACKAGES}/pyxidium")
}

/// Whether a payload path belongs to that package.
pub(crate) fn is_pyxidium(path: &str) -> bool {
    below(path, &pyxidium())
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The name in the app of an entry of ours, if it goes in.
pub(crate) fn goes_into_apps(entry: &Entry<'_>, packager: bool) -> Option<String> {
    let name = entry.name();
    let library = || below(name, STDLIB) && !below(name, SITE_PACKAGES);
    // Stubs are for editors and type checkers.
    let package = || is_pyxidium(name) && !name.ends_with(".pyi") && !name.ends_with(".ts");
    let tools = || is_pyxidium(name) || is_pip(name) || below(name, runtime::FOLDER);
    let keep = match entry.kind() {
        Kind::Frozen => true,
        Kind::Code | Kind::File | Kind::Directory => {
            library() || package() || (packager && tools())
        }
        Kind::Meta => false,
    };
    keep.then(|| name.to_owned())
}

fn is_pip(path: &str) -> bool {
    let rest = path
        .strip_prefix(SITE_PACKAGES)
        .and_then(|r| r.strip_prefix('/'));
    rest.is_some_and(|r| r.starts_with("pip/") || r.starts_with("pip-"))
}

/// What the manifest of an app that carries the packager must say besides.
pub(crate) fn describe(own: &Manifest, app: &mut Manifest) {
    if let Some(key) = own.options.get(CPYTHON_KEY) {
        app.options.insert(CPYTHON_KEY.into(), key.clone());
    }
    let new = own
        .packages
        .iter()
        .filter(|p| !app.packages.iter().any(|there| there.name == p.name));
    let new: Vec<_> = new.cloned().collect();
    app.packages.extend(new);
    app.packages.sort_by_key(|p| p.name.to_ascii_lowercase());
}

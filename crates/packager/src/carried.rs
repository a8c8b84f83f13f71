//! What Pyxidium's own payload holds and which of it goes on into apps: the standard library and the
//! package `pyxidium` always; its rooms `pyxidium.compute` and `pyxidium.oxidized_importer`, the latter
//! under the name that PyOxidizer gave it, only where they are used; runtimes and pip only into an app that
//! seals apps itself.

use packed_resources::{Entry, Kind, Manifest};

use crate::seal::CPYTHON_KEY;
use crate::{SITE_PACKAGES, STDLIB, runtime};

/// What is said when Pyxidium's own payload is not as it should be.
pub(crate) const UNREADABLE: &str = "Pyxidium's own file cannot be read";

/// Payload path of the Python package that every app can import.
pub(crate) fn pyxidium() -> String {
    format!("{SITE_PACKAGES}/pyxidium")
}

/// A room of that package that not every app has.
const COMPUTE: &str = "compute";

/// Another one, which is a package of its own in the apps that have it.
pub(crate) const OXIDIZED: &str = "oxidized_importer";

/// The modules that are in their places in the others, and say what to do.
const WITHOUT_COMPUTE: &str = "_without_compute.py";
const WITHOUT_OXIDIZED: &str = "_without_oxidized_importer.py";

/// Modules that answer to arguments which are not the app's.
const OWN: [&str; 2] = ["_own.py", "_install.py"];

/// The room for updates, and what is run before an app that has it.
const UPDATE: [&str; 2] = ["update", "_trial.py"];

/// What they need, whatever a recorded run of the app used. What asks the network is not in it.
pub(crate) const OWN_NEEDS: [&str; 10] = [
    "fnmatch",
    "glob",
    "hashlib",
    "json",
    "ntpath",
    "pathlib",
    "pyxidium._install",
    "pyxidium._own",
    "pyxidium._trial",
    "pyxidium.update",
];

/// What an app gets besides what all get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    /// `pyxidium.compute`.
    pub(crate) compute: bool,
    /// What answers to the manifest's own arguments.
    pub(crate) own: bool,
    /// `oxidized_importer`.
    pub(crate) oxidized: bool,
    /// `pyxidium.update`.
    pub(crate) update: bool,
    /// Everything: runtimes, pip, stubs.
    pub(crate) packager: bool,
}

/// Whether a source can import `pyxidium.compute`, in whatever way it is written.
pub(crate) fn may_import_compute(source: &[u8]) -> bool {
    has(source, "pyxidium") && has(source, COMPUTE)
}

/// Whether a source can import `oxidized_importer`, in whatever way it is written.
pub(crate) fn may_import_oxidized(source: &[u8]) -> bool {
    has(source, OXIDIZED)
}

fn has(source: &[u8], word: &str) -> bool {
    source
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

/// Whether a payload path belongs to the packages that are ours in every app.
pub(crate) fn is_pyxidium(path: &str) -> bool {
    below(path, &pyxidium()) || below(path, &oxidized())
}

/// Payload path of `oxidized_importer` in apps.
fn oxidized() -> String {
    format!("{SITE_PACKAGES}/{OXIDIZED}")
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The name in the app of an entry of ours, if it goes in.
pub(crate) fn goes_into_apps(entry: &Entry<'_>, parts: Parts) -> Option<String> {
    let name = entry.name();
    match entry.kind() {
        Kind::Meta => return None,
        Kind::Frozen => return Some(name.to_owned()),
        Kind::Code | Kind::File | Kind::Directory => {}
    }
    let library = below(name, STDLIB) && !below(name, SITE_PACKAGES);
    let tools = || is_pyxidium(name) || is_pip(name) || below(name, runtime::FOLDER);
    if library || (parts.packager && tools()) {
        return Some(name.to_owned());
    }
    let inside = name.strip_prefix(&pyxidium())?.strip_prefix('/')?;
    // Stubs are for editors and type checkers.
    if inside.ends_with(".pyi") || inside.ends_with(".ts") {
        return None;
    }
    match inside {
        WITHOUT_COMPUTE => {
            (!parts.compute).then(|| format!("{}/{COMPUTE}/__init__.py", pyxidium()))
        }
        _ if OWN.contains(&inside) => parts.own.then(|| name.to_owned()),
        WITHOUT_OXIDIZED => (!parts.oxidized).then(|| format!("{}/__init__.py", oxidized())),
        _ if is_in(inside, &UPDATE) => parts.update.then(|| name.to_owned()),
        _ if inside == COMPUTE || below(inside, COMPUTE) => parts.compute.then(|| name.to_owned()),
        _ if inside == OXIDIZED || below(inside, OXIDIZED) => {
            parts.oxidized.then(|| format!("{SITE_PACKAGES}/{inside}"))
        }
        _ => Some(name.to_owned()),
    }
}

/// Whether a file of ours goes into any app but one that seals apps itself.
pub(crate) fn is_for_apps(path: &str) -> bool {
    is_pyxidium(path) || (below(path, STDLIB) && !below(path, SITE_PACKAGES))
}

fn is_in(path: &str, rooms: &[&str]) -> bool {
    rooms.iter().any(|room| path == *room || below(path, room))
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

//! Every environment variable that the runtime reads, in one place.
//!
//! Python's own variables (`PYTHONPATH`, `PYTHONHOME` and the others) are never read.

use std::{env, path::PathBuf};

/// `PYXIDIUM_NATIVE_LIBRARIES=cache`: load shared libraries from real files in the user's cache
/// instead of memory, for one run.
pub(crate) fn native_libraries_from_cache() -> bool {
    env::var_os("PYXIDIUM_NATIVE_LIBRARIES").is_some_and(|value| value == "cache")
}

/// `PYXIDIUM_CACHE`, else `XDG_CACHE_HOME`, else `HOME`: where real copies of payload files go.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("PYXIDIUM_CACHE")
        .or_else(|| absolute("XDG_CACHE_HOME").map(|path| path.join("pyxidium")))
        .or_else(|| absolute("HOME").map(|path| path.join(".cache/pyxidium")))
}

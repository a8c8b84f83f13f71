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

/// The mark that an app leaves in the environment of the programs it starts: its process id.
///
/// `exec` keeps the process but not its program, and a file that may be run but not read (mode
/// 0111) hides its processes from each other; then the mark tells. Python never sees it: what it
/// copied from the environment at its start is cleaned (`MainPythonInterpreter::new`).
pub(crate) mod mark {
    use std::{env, process};

    pub(crate) const NAME: &str = "PYXIDIUM_PROCESS";

    /// Takes the mark of the process that started this one.
    pub(crate) fn take() -> Option<u32> {
        let value = env::var_os(NAME)?;
        // SAFETY: called at the start of `main`, while this process has one thread.
        unsafe { env::remove_var(NAME) };
        value.to_str()?.parse().ok()
    }

    /// Leaves this process's own.
    pub(crate) fn leave() {
        // SAFETY: called at the start of `main`, while this process has one thread.
        unsafe { env::set_var(NAME, process::id().to_string()) };
    }
}

//! Every environment variable that the packager reads, in one place. Installers read their own
//! (`PIP_*`, `UV_*`); those that change what they find are listed in `resolve::key`.

use std::ffi::OsString;
use std::path::PathBuf;

fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// `PYXIDIUM_CACHE`, else `pyxidium` in `XDG_CACHE_HOME`, else in `.cache` of the home folder.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    set("PYXIDIUM_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(set("XDG_CACHE_HOME")?).join("pyxidium")))
        .or_else(|| Some(std::env::home_dir()?.join(".cache/pyxidium")))
}

/// `PYXIDIUM_INSTALLER=pip`: install with pip although uv is on PATH.
pub(crate) fn installer_is_pip() -> bool {
    set("PYXIDIUM_INSTALLER").is_some_and(|value| value == "pip")
}

/// `PYXIDIUM_APPIMAGETOOL`: the program that makes AppImages.
pub(crate) fn appimagetool() -> Option<PathBuf> {
    set("PYXIDIUM_APPIMAGETOOL").map(PathBuf::from)
}

/// `SOURCE_DATE_EPOCH`: the time of files in bundles, as all tools for reproducible builds have it.
pub(crate) fn source_date_epoch() -> Option<u64> {
    set("SOURCE_DATE_EPOCH")?.to_str()?.parse().ok()
}

/// `PATH`, on which uv is looked for.
pub(crate) fn path() -> Vec<PathBuf> {
    set("PATH")
        .map(|p| std::env::split_paths(&p).collect())
        .unwrap_or_default()
}

//! The Python package `pyxidium` as apps get it: its sources and the shared library that cargo built.
//!
//! Puts them together in one folder, which is sealed, and can be named in PYTHONPATH.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::{Context, dist};

const SOURCES: &str = "python/pyxidium";
/// What cargo makes of `crates/compute-python`, and what CPython looks for.
const BUILT: &str = "lib_compute.so";
const LIBRARY: &str = "compute/_compute.cpython-313-x86_64-linux-gnu.so";
/// Below cargo's release folder; this is what goes into PYTHONPATH.
const PLACE: &str = "package";

/// Where the package is, once it was [put together](stage).
pub fn folder(context: &Context) -> PathBuf {
    context.workspace.release(PLACE).join("pyxidium")
}

/// Everything that it is made of.
pub fn made_of(context: &Context) -> Result<Vec<PathBuf>> {
    let mut files = files_below(&context.workspace.path(SOURCES))?;
    files.push(context.workspace.release(BUILT));
    Ok(files)
}

/// Puts it together.
pub fn stage(context: &Context) -> Result<PathBuf> {
    let folder = folder(context);
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    let sources = context.workspace.path(SOURCES);
    for file in files_below(&sources)? {
        let out = folder.join(file.strip_prefix(&sources).unwrap_or(&file));
        fs_err::create_dir_all(out.parent().unwrap_or(&folder))?;
        fs_err::copy(&file, out)?;
    }
    fs_err::copy(dist::stripped(context, BUILT)?, folder.join(LIBRARY))?;
    Ok(folder)
}

/// Every file below a folder, sorted.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|n| n != "__pycache__") {
            files.extend(files_below(&path)?);
        } else if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

//! The tests of `pyxidium.compute`: under the sealed Python as it is, then beside numpy, whose arrays
//! kernels take.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Result;
use crate::workspace::Workspace;
use crate::{Context, package, process, python, venv};

/// Where they are; the folder of the package `fuzzing`, too.
pub const TESTS: &str = "python/tests/compute";

/// Pinned, as every tool is.
pub const NUMPY: &str = "numpy==2.5.5";

pub fn check(context: &Context) -> Result<()> {
    let tests = context.workspace.path(TESTS);
    let mut sealed = Command::new(context.workspace.dist("pyxidium"));
    process::hushed(unittest(sealed.arg("python"), &tests))?;
    let mut beside_numpy = python_with_numpy(context)?;
    process::hushed(unittest(&mut beside_numpy, &tests))
}

fn unittest<'a>(python: &'a mut Command, tests: &Path) -> &'a mut Command {
    python
        .args(["-W", "error", "-m", "unittest", "discover", "-q", "-s"])
        .arg(tests)
}

/// A CPython with numpy, and with `pyxidium` as it is sealed.
pub fn python_with_numpy(context: &Context) -> Result<Command> {
    let base = python::run(context, &python::Args::default())?.executable();
    let folder: PathBuf = Workspace::cache().join("kernels");
    let mut command = Command::new(venv::python(context, &folder, &base, &[NUMPY])?);
    let package = package::folder(context);
    command.env("PYTHONPATH", package.parent().unwrap_or(&package));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

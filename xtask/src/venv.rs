//! Virtual environments for tools and peers, made once, with the pip that our CPython carries.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Result;
use crate::inputs::Stamp;
use crate::{Context, process};

/// The Python of the virtual environment in `folder`, which has `packages`.
pub fn python(context: &Context, folder: &Path, base: &Path, packages: &[&str]) -> Result<PathBuf> {
    let inside = folder.join("bin/python");
    let wanted = format!("{}\n{}\n", base.display(), packages.join("\n"));
    let stamp = Stamp::new(folder.join(".complete"), wanted);
    if stamp.holds() {
        return Ok(inside);
    }
    let _ = fs_err::remove_dir_all(folder);
    fs_err::create_dir_all(folder)?;
    context.printer.step("Installing", packages.join(", "));
    process::capture(
        Command::new(base)
            .args(["-m", "venv", "--without-pip"])
            .arg(folder),
    )?;
    // pip as a wheel can run itself; it also compiles what it installs, as users have it.
    let pip = context.workspace.cpython_link().join("pip.whl");
    // Under a name that pip accepts as its own.
    let wheel = folder.join("pip-0-py3-none-any.whl");
    fs_err::copy(pip, &wheel)?;
    let mut install = Command::new(&inside);
    install.arg(wheel.join("pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check"]);
    process::capture(install.args(packages))?;
    stamp.set()?;
    Ok(inside)
}

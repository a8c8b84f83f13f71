//! `dist`: dist/pyxidium, the command line as one sealed file.
//!
//! Cargo decides what to compile; the sealing is done again only when what it is made of changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::error::Result;
use crate::python::{self, Cpython};
use crate::{Context, process};

#[derive(clap::Args, Default)]
pub struct Args {
    /// For a release: with a profile-guided CPython (minutes to build, once)
    #[arg(long)]
    release: bool,
}

const COMMAND_LINE: &str = "pyxidium";
const RUNTIME: &str = "pyxidium-runtime";

/// What the other commands work with.
pub struct Dist {
    /// dist/pyxidium
    pub pyxidium: PathBuf,
    /// The CPython inside.
    pub cpython: Cpython,
}

pub fn run(context: &Context, args: &Args) -> Result<Dist> {
    let cpython = python::run(
        context,
        &python::Args {
            pgo: args.release,
            ..Default::default()
        },
    )?;
    let workspace = &context.workspace;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "pyxidium", "--bins"]);
    process::inherit(&mut cargo)?;

    let (built, runtime) = (workspace.release(COMMAND_LINE), workspace.release(RUNTIME));
    let inputs = inputs(&cpython.key, &[&built, &runtime])?;
    let out = workspace.dist("pyxidium");
    let stamp = workspace.dist(".pyxidium.inputs");
    if out.is_file() && fs_err::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(Dist {
            pyxidium: out,
            cpython,
        });
    }
    if let Some(parent) = out.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let _ = fs_err::remove_file(&stamp);
    let stripped = workspace.release("stripped");
    fs_err::create_dir_all(&stripped)?;
    let (built, runtime) = (strip(&built, &stripped)?, strip(&runtime, &stripped)?);
    context.printer.step("Sealing", out.display().to_string());
    // The stripped copy seals itself.
    let mut seal = Command::new(built);
    seal.arg("self-seal")
        .arg("--cpython")
        .arg(workspace.cpython_link());
    seal.arg("--runtime").arg(runtime).arg("-o").arg(&out);
    process::inherit(&mut seal)?;
    fs_err::write(stamp, inputs)?;
    Ok(Dist {
        pyxidium: out,
        cpython,
    })
}

/// What the sealed file is made of. Cargo leaves a file's time alone when it builds nothing.
fn inputs(cpython: &str, files: &[&Path]) -> Result<String> {
    let mut text = format!("cpython {cpython}\n");
    for file in files {
        let data = fs_err::metadata(file)?;
        let time = data
            .modified()?
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        text += &format!("{} {} {}\n", file.display(), data.len(), time.as_nanos());
    }
    Ok(text)
}

fn strip(file: &Path, folder: &Path) -> Result<PathBuf> {
    let out = folder.join(file.file_name().unwrap_or_default());
    process::capture(
        Command::new("strip")
            .arg("-s")
            .arg("-o")
            .arg(&out)
            .arg(file),
    )?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuilt_file_or_another_cpython_changes_the_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs_err::write(&file, "1").unwrap();
        let first = inputs("k", &[&file]).unwrap();
        assert_eq!(first, inputs("k", &[&file]).unwrap());
        assert_ne!(first, inputs("other", &[&file]).unwrap());
        fs_err::write(&file, "22").unwrap();
        assert_ne!(first, inputs("k", &[&file]).unwrap());
    }
}

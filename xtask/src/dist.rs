//! `dist`: dist/pyxidium, the command line as one sealed file.
//!
//! Cargo decides what to compile; the sealing is done again only when what it is made of changed.

use std::path::PathBuf;
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::error::Result;
use crate::python::{self, Cpython};
use crate::{Context, components, package, process};

#[derive(clap::Args, Default)]
pub struct Args {
    /// For a release: with a profile-guided CPython (minutes to build, once)
    #[arg(long)]
    release: bool,
}

const COMMAND_LINE: &str = "pyxidium";
const CONSOLE: &str = "pyxidium-runtime";
const WINDOW: &str = "pyxidium-window";

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
    // Cargo chooses the features of dependencies by what is built together. Everything at once, as
    // the tests will have it, so that no crate is compiled twice; this program runs, and is left out.
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--release",
        "--bins",
        "--lib",
        "--workspace",
        "--exclude",
        "xtask",
    ]);
    process::inherit(&mut cargo)?;
    let programs = [COMMAND_LINE, CONSOLE, WINDOW].map(|name| workspace.release(name));
    let mut made_of = package::made_of(context)?;
    made_of.extend_from_slice(&programs);
    // What the programs are made of is said in the file, too.
    made_of.push(workspace.path("Cargo.lock"));
    let inputs = inputs(&cpython.key, &made_of)?;
    let out = workspace.dist("pyxidium");
    let stamp = workspace.dist(".pyxidium.inputs");
    let done = out.is_file() && package::folder(context).is_dir();
    if done && fs_err::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(Dist {
            pyxidium: out,
            cpython,
        });
    }
    if let Some(parent) = out.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let _ = fs_err::remove_file(&stamp);
    context.printer.step("Sealing", out.display().to_string());
    // The stripped copy seals itself.
    let mut seal = Command::new(stripped(context, COMMAND_LINE)?);
    seal.arg("self-seal").arg("-o").arg(&out);
    seal.arg("--cpython").arg(workspace.cpython_link());
    seal.arg("--console").arg(stripped(context, CONSOLE)?);
    seal.arg("--window").arg(stripped(context, WINDOW)?);
    seal.arg("--package").arg(package::stage(context)?);
    seal.arg("--components")
        .arg(components::write(context, &cpython)?);
    process::inherit(&mut seal)?;
    fs_err::write(stamp, inputs)?;
    Ok(Dist {
        pyxidium: out,
        cpython,
    })
}

/// What the sealed file is made of. Cargo leaves a file's time alone when it builds nothing.
fn inputs(cpython: &str, files: &[PathBuf]) -> Result<String> {
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

/// A copy without symbols of a program that was built.
pub fn stripped(context: &Context, name: &str) -> Result<PathBuf> {
    let folder = context.workspace.release("stripped");
    fs_err::create_dir_all(&folder)?;
    let out = folder.join(name);
    let mut strip = Command::new("strip");
    strip.arg("-s").arg("-o").arg(&out);
    process::capture(strip.arg(context.workspace.release(name)))?;
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
        let files = [file.clone()];
        let first = inputs("k", &files).unwrap();
        assert_eq!(first, inputs("k", &files).unwrap());
        assert_ne!(first, inputs("other", &files).unwrap());
        fs_err::write(&file, "22").unwrap();
        assert_ne!(first, inputs("k", &files).unwrap());
    }
}

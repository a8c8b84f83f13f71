//! The checks of our own Python: format and lints (ruff), types (mypy), as `python/pyproject.toml` says.

use std::process::Command;

use crate::error::Result;
use crate::inputs::{Stamp, digest};
use crate::workspace::Workspace;
use crate::{Context, process, python, venv};

/// Pinned: a new release of a linter must not turn an old commit red.
const TOOLS: &[&str] = &["ruff==0.17.6", "mypy==2.4.1"];

/// Has the settings of both tools, and is where they run.
const FOLDER: &str = "python";

/// What else there is, as seen from there.
const SOURCES: &[&str] = &[
    "../app_py",
    "../examples/eckel",
    "../examples/own-rust",
    "../examples/polymatch",
    "../examples/tables",
    "../tests/windows",
];

pub fn check(context: &Context) -> Result<()> {
    let workspace = &context.workspace;
    let folder = workspace.path(FOLDER);
    let mut sources = vec![folder.clone()];
    sources.extend(SOURCES.iter().map(|path| folder.join(path)));
    let inputs = TOOLS.join(" ") + &digest(&sources)?;
    let stamp = Stamp::new(workspace.path("target/xtask/python-checked"), inputs);
    if stamp.holds() {
        return Ok(());
    }
    stamp.lift();
    let base = python::run(context, &python::Args::default())?.executable();
    let tools = venv::python(context, &Workspace::cache().join("checks"), &base, TOOLS)?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&tools);
        command.current_dir(&folder).arg("-m").args(arguments);
        process::hushed(&mut command)
    };
    let config = ["--quiet", "--config", "pyproject.toml", "."];
    run(&[&["ruff", "format", "--check"], &config[..], SOURCES].concat())?;
    run(&[&["ruff", "check"], &config[..], SOURCES].concat())?;
    run(&["mypy"])?;
    run(&["mypy", "../app_py/studio"])?;
    stamp.set()
}

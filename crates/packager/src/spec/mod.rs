//! A PyInstaller spec as a recipe. The spec is a Python program: our Python runs it with stand-ins for PyInstaller
//! (`stand_ins.py`, `sources.py`, `spec.py`: one program), and what it asked for is written as `pyoxidizer.bzl`.
//! Nothing is sealed here.

mod recipe_text;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::build::{self, BuildOptions};
use crate::resolve::run;
use crate::{Error, Progress, carried, progress};

const SPEC: &str = concat!(
    include_str!("stand_ins.py"),
    include_str!("sources.py"),
    include_str!("spec.py")
);

/// A recipe that was made of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedSpec {
    /// The text of `pyoxidizer.bzl`.
    pub recipe: String,
    /// The folder that its paths begin at: the spec's, or one above it that has the scripts, too.
    pub folder: PathBuf,
    /// What a person should know or do.
    pub notes: Vec<String>,
}

/// What a spec asked for.
#[derive(Debug, Deserialize)]
struct Spec {
    programs: Vec<Program>,
    /// What was said, and why it means nothing here.
    notes: Vec<(String, String)>,
    folder: PathBuf,
}

/// One `EXE`. Paths are relative to the recipe's folder.
#[derive(Debug, Deserialize)]
struct Program {
    name: String,
    scripts: Vec<Option<String>>,
    paths: Vec<String>,
    modules: Vec<String>,
    excludes: Vec<String>,
    hooks: Vec<Option<String>>,
    files: Vec<Data>,
    options: Vec<String>,
    optimize: i64,
    console: bool,
    icon: Option<String>,
    strip: bool,
    packages: Vec<String>,
}

/// Files that lie beside the code.
#[derive(Debug, Deserialize)]
struct Data {
    source: String,
    directory: String,
    exclude: Vec<String>,
}

/// How a spec failed.
#[derive(Debug, Deserialize)]
struct Failure {
    error: String,
    line: usize,
}

/// Runs a spec and writes down what it asks for.
pub fn import_spec(
    spec: &Path,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<ImportedSpec, Error> {
    let spec = fs_err::canonicalize(spec)?;
    let own = options
        .base
        .manifest()
        .map_err(Error::payload(carried::UNREADABLE))?;
    let python = build::python(options, &own);
    let mut command = python.command();
    command.args(["-s", "-P", "-B", "-c", SPEC]).arg(&spec);
    let (_, said) = run(command, progress).map_err(|e| Error::Worker {
        what: e.to_string(),
    })?;
    progress::check(progress)?;
    let answers = || said.lines().rev();
    let failure = |f: Failure| Error::SpecFails {
        path: spec.clone(),
        line: f.line,
        message: f.error,
    };
    if let Some(f) = answers().find_map(|l| serde_json::from_str::<Failure>(l).ok()) {
        return Err(failure(f));
    }
    // Without an answer Python itself ended, which a spec can cause, too.
    let read: Spec = answers()
        .find_map(|l| serde_json::from_str(l).ok())
        .ok_or_else(|| {
            failure(Failure {
                error: "it ends Python".into(),
                line: 1,
            })
        })?;
    if read.programs.is_empty() {
        return Err(failure(Failure {
            error: "it makes no EXE(...)".into(),
            line: 1,
        }));
    }
    Ok(recipe_text::write(&spec, &read))
}

//! The app's own files: read, compiled, and checked to hold what is to be run.

use packed_resources::{Kind, Writer};
use recipe::{BuildPlan, Entry};

use crate::compile::{self, Outcome};
use crate::pack::{self, Input};
use crate::{APP, Cache, Error, Progress, Python, SITE_PACKAGES, STDLIB, scan};

/// Where a file of the app is in the payload.
pub(crate) fn inside(path: &str) -> String {
    format!("{APP}/{path}")
}

/// Reads them; shared libraries among them know what they need.
pub(crate) fn read(plan: &BuildPlan) -> Result<Vec<Input>, Error> {
    let mut inputs = read_files(plan)?;
    let library = |i: &Input| Some((i.path.clone(), scan::needs::Library::read(&i.data)?));
    let libraries = inputs
        .iter()
        .filter(|i| scan::is_library(&i.path))
        .filter_map(library)
        .collect();
    for input in &mut inputs {
        input.needs = scan::needs::of(&input.path, &[&libraries]);
    }
    Ok(inputs)
}

fn read_files(plan: &BuildPlan) -> Result<Vec<Input>, Error> {
    use std::os::unix::fs::PermissionsExt as _;
    plan.files
        .iter()
        .map(|file| {
            let data = fs_err::read(&file.source)?;
            let executable = fs_err::metadata(&file.source)?.permissions().mode() & 0o111 != 0;
            // The script's own mode says how it was run before, not what it is in the file.
            let executable = executable && !data.starts_with(b"#!") && !file.path.ends_with(".py");
            Ok(Input {
                path: inside(&file.path),
                source: file.source.clone(),
                data,
                executable,
                needs: Vec::new(),
            })
        })
        .collect()
}

/// Compiles them; a source that Python does not accept is an error.
pub(crate) fn compile(
    plan: &BuildPlan,
    inputs: &[Input],
    python: &Python,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Vec<Option<Outcome>>, Error> {
    // A script is Python whatever its name is.
    let script =
        |input: &Input| matches!(&plan.entry, Entry::Script { path } if inside(path) == input.path);
    let is_source = |input: &Input| script(input) || pack::is_source(&input.path);
    let jobs: Vec<compile::Job<'_>> = inputs
        .iter()
        .filter(|i| is_source(i))
        .map(|i| compile::Job {
            name: &i.path,
            source: &i.data,
        })
        .collect();
    let mut outcomes = compile::compile_cached(python, cache, &jobs, progress)?.into_iter();
    inputs
        .iter()
        .map(|input| {
            let outcome = if is_source(input) {
                outcomes.next()
            } else {
                None
            };
            match outcome {
                Some(Outcome::Rejected(r)) => Err(Error::SyntaxError {
                    path: input.source.clone(),
                    line: r.line,
                    column: r.column,
                    text: r.text,
                    message: r.message,
                }),
                outcome => Ok(outcome),
            }
        })
        .collect()
}

/// A module that is to be run must be there.
pub(crate) fn check(plan: &BuildPlan, inputs: &[Input], writer: &Writer<'_>) -> Result<(), Error> {
    let Entry::Module { name } = &plan.entry else {
        return Ok(());
    };
    let path = name.replace('.', "/");
    let there = |p: &str| inputs.iter().any(|i| i.path == p) || writer.contains(Kind::File, p);
    let found = [APP, SITE_PACKAGES, STDLIB].iter().any(|root| {
        there(&format!("{root}/{path}.py")) || there(&format!("{root}/{path}/__main__.py"))
    });
    if found {
        Ok(())
    } else {
        Err(Error::NoSuchModule {
            module: name.clone(),
        })
    }
}

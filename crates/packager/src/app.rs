//! The app's own files: read, compiled, and checked to hold what is to be run.

use packed_resources::{Kind, Writer};
use recipe::{AppFile, BuildPlan, Entry};

use crate::compile::{self, Job, Outcome};
use crate::pack::{self, Input};
use crate::window::Uses;
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
    let mut inputs: Vec<Input> = plan.files.iter().map(read_file).collect::<Result<_, _>>()?;
    for file in &plan.generated {
        let path = inside(&file.path);
        inputs.retain(|i| i.path != path);
        inputs.push(Input {
            path,
            source: file.path.clone().into(),
            data: file.bytes.clone(),
            executable: false,
            needs: Vec::new(),
        });
    }
    Ok(inputs)
}

/// Reads one file of the app.
pub(crate) fn read_file(file: &AppFile) -> Result<Input, Error> {
    use std::os::unix::fs::PermissionsExt as _;
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
}

/// The app's files as Python sees them.
pub(crate) struct Compiled {
    /// Code, one place for each input.
    pub(crate) codes: Vec<Option<Outcome>>,
    /// How sources use the package `pyxidium`, that of the entry first.
    pub(crate) uses: Vec<Uses>,
}

/// Compiles them; a source that Python does not accept is an error.
pub(crate) fn compile(
    plan: &BuildPlan,
    inputs: &[Input],
    python: &Python,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Compiled, Error> {
    let entry = entry_paths(plan);
    // A script is Python whatever its name is.
    let is_source = |i: &Input| entry.contains(&i.path) || pack::is_source(&i.path);
    let sources: Vec<&Input> = inputs.iter().filter(|i| is_source(i)).collect();
    let mut readers: Vec<&Input> = sources.clone();
    readers.retain(|i| Uses::possible(&i.data));
    readers.sort_by_key(|i| !entry.contains(&i.path));
    let jobs: Vec<Job<'_>> = sources
        .iter()
        .map(|i| Job::code_at(plan.interpreter.optimization_level, &i.path, &i.data))
        .chain(readers.iter().map(|i| Job::uses(&i.path, &i.data)))
        .collect();
    let mut outcomes = compile::compile_cached(python, cache, &jobs, progress)?.into_iter();
    let mut codes = Vec::new();
    for input in inputs {
        let outcome = is_source(input).then(|| outcomes.next()).flatten();
        if let Some(Outcome::Rejected(r)) = outcome {
            return Err(Error::SyntaxError {
                path: input.source.clone(),
                line: r.line,
                column: r.column,
                text: r.text,
                message: r.message,
            });
        }
        codes.push(outcome);
    }
    let read = |(input, outcome): (&&Input, Outcome)| match outcome {
        Outcome::Code(json) => Uses::parse(&json, &input.source),
        // What compiles and cannot be looked into is too deep for a syntax tree; no window is there.
        Outcome::Rejected(_) => None,
    };
    let uses = readers.iter().zip(outcomes).filter_map(read).collect();
    Ok(Compiled { codes, uses })
}

/// Where the source that is run may be in the payload.
fn entry_paths(plan: &BuildPlan) -> Vec<String> {
    let module = |name: &str, main: &str| {
        let path = name.replace('.', "/");
        vec![
            inside(&format!("{path}.py")),
            inside(&format!("{path}/{main}.py")),
        ]
    };
    match &plan.entry {
        Entry::Script { path } => vec![inside(path)],
        Entry::Folder => vec![inside("__main__.py")],
        Entry::Module { name } => module(name, "__main__"),
        Entry::Function { module: name, .. } => module(name, "__init__"),
        Entry::Command { .. } | Entry::Python => Vec::new(),
    }
}

/// A module that is to be run must be there.
pub(crate) fn check(plan: &BuildPlan, inputs: &[Input], writer: &Writer<'_>) -> Result<(), Error> {
    let (name, main) = match &plan.entry {
        Entry::Module { name } => (name, "__main__"),
        Entry::Function { module, .. } => (module, "__init__"),
        _ => return Ok(()),
    };
    let path = name.replace('.', "/");
    let there = |p: &str| inputs.iter().any(|i| i.path == p) || writer.contains(Kind::File, p);
    let found = [APP, SITE_PACKAGES, STDLIB].iter().any(|root| {
        there(&format!("{root}/{path}.py")) || there(&format!("{root}/{path}/{main}.py"))
    });
    if found {
        Ok(())
    } else {
        Err(Error::NoSuchModule {
            module: name.clone(),
        })
    }
}

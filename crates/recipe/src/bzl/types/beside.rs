//! What `PythonExecutable` takes of a project as it lies there: a script with the modules that it imports, and files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::bzl::error::Fail;
use crate::bzl::paths::{self, Project};
use crate::bzl::session::Session;
use crate::{discover, imports};

use super::file_manifest;

/// A script's name in the app, and its files: with the modules that it imports out of its own folder or one of
/// `folders`, and with `modules`, which nothing in its sources names.
pub(super) fn script(
    project: &Project,
    path: &str,
    folders: &[String],
    modules: &[String],
) -> Result<(String, discover::Files), Fail> {
    let file = project.existing(path)?;
    let name = file.file_name().and_then(|n| n.to_str());
    let Some(name) = name.filter(|_| file.is_file()) else {
        return Err(Fail::new(format!("{} is no file", file.display()))
            .hint("for a package write `config.run_module = \"package\"`"));
    };
    let mut roots = vec![discover::parent(&file)];
    for folder in folders {
        roots.push(project.existing(folder)?);
    }
    if let Some(bad) = modules.iter().find(|m| !imports::is_dotted(m)) {
        return Err(Fail::new(format!("`{bad}` is not a module name")));
    }
    let failed = |e: crate::Error| Fail::new(e.to_string());
    let bytes = fs_err::read(&file).map_err(|e| Fail::new(e.to_string()))?;
    let found = discover::script_among(&file, name, &bytes, &roots, modules).map_err(failed)?;
    for module in modules {
        let first = module.split('.').next().unwrap_or(module);
        let own = |path: &String| path.split(['/', '.']).next() == Some(first);
        if !found.files.keys().any(own) {
            return Err(Fail::new(format!("there is no module `{module}` beside {path}"))
                .hint("modules of packages go in with their packages; name the others' folder in `paths`"));
        }
    }
    Ok((name.to_owned(), found.files))
}

/// Files of the project by their place beside the app's code: all of a folder, a file, or what a pattern finds.
pub(super) fn files(
    session: &Session<'_>,
    source: &str,
    directory: &str,
    exclude: &[String],
) -> Result<BTreeMap<String, PathBuf>, Fail> {
    let source = source.trim_start_matches("./").trim_end_matches('/');
    let there = session.project.resolve(source)?;
    if there.is_file() {
        let name = source.rsplit('/').next().unwrap_or(source);
        return Ok([(paths::joined(directory, name)?, there)].into());
    }
    let exclude: Vec<&str> = exclude.iter().map(String::as_str).collect();
    let below = format!("{source}/**");
    // A pattern may find folders, too, and then all that is in them.
    let patterns = match there.is_dir() {
        true => vec![below.as_str()],
        false => vec![source, &below],
    };
    let matches = file_manifest::pattern(source)?;
    let mut files = BTreeMap::new();
    for (path, file) in file_manifest::find(&patterns, &exclude, session)? {
        // What the source itself names: the file, or a folder above it.
        let named = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()])
            .find(|at| matches.is_match(&path[..*at]) || path[..*at] == *source);
        let inner = path[named.unwrap_or(0)..].trim_start_matches('/');
        let name = match inner {
            "" => path.rsplit('/').next().unwrap_or(&path),
            inner => inner,
        };
        files.insert(paths::joined(directory, name)?, file);
    }
    if files.is_empty() {
        return Err(Fail::new(format!("`{source}` finds no file")).hint(
            "a file, a folder, or a pattern such as \"data/*.csv\", relative to the recipe",
        ));
    }
    Ok(files)
}

//! `pyxidium.compute.search`.

use std::path::PathBuf;

use compute::ready::search::{self, Query};
use pyo3::prelude::*;

use super::run::run;

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(search_files, module)?)
}

/// Which file, line number, where it begins and ends in the line, the line.
type Match = (usize, u64, usize, usize, String);

/// Paths, matches in them, how many files were searched, what could not be read.
type Found = (Vec<PathBuf>, Vec<Match>, u64, Vec<(PathBuf, String)>);

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn search_files(
    py: Python<'_>,
    roots: Vec<PathBuf>,
    pattern: String,
    literal: bool,
    ignore_case: bool,
    word: bool,
    globs: Vec<String>,
    gitignore: bool,
    hidden: bool,
    most_per_file: Option<u64>,
) -> PyResult<Found> {
    let query = Query {
        pattern,
        literal,
        ignore_case,
        word,
        globs,
        gitignore,
        hidden,
        most_per_file,
    };
    run(py, |watch| {
        let found = search::search(&roots, &query, watch)?;
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut matches = Vec::with_capacity(found.matches.len());
        for found in found.matches {
            watch.check()?;
            if paths.last() != Some(&found.path) {
                paths.push(found.path);
            }
            let characters =
                |end: usize| String::from_utf8_lossy(&found.text[..end]).chars().count();
            let (start, end) = (characters(found.start), characters(found.end));
            let text = String::from_utf8_lossy(&found.text).into_owned();
            matches.push((paths.len() - 1, found.line, start, end, text));
        }
        Ok::<_, compute::ready::Error>((paths, matches, found.files, found.unreadable))
    })
}

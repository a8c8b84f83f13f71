//! What every app can import, as inputs for a payload: the standard library of a built CPython without
//! tests, editors, build files and modules whose C half is not built, and our own package.

use std::path::Path;

use crate::pack::Input;
use crate::{Error, STDLIB};

/// Folders and files of `lib/python3.13` that do not go in.
const LEFT_OUT: [&str; 10] = [
    "__pycache__",
    "site-packages",
    "test",
    "tests",
    "idlelib",
    "turtledemo",
    "tkinter",
    "turtle.py",
    "ensurepip",
    "lib2to3",
];

/// Reads the standard library of the CPython at `root`.
pub(crate) fn read(root: &Path) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    let unwanted = |name: &str| {
        let leftover = [".pyc", ".a", ".o"].iter().any(|s| name.ends_with(s));
        LEFT_OUT.contains(&name) || name.starts_with("config-") || leftover
    };
    walk(&root.join(STDLIB), STDLIB, &unwanted, &mut inputs)?;
    Ok(inputs)
}

/// Reads the package at `root`, whose place in the payload is `path`.
pub(crate) fn read_package(root: &Path, path: &str) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    let unwanted = |name: &str| {
        let tests = name.contains(".test.") || name == "tests" || name == "node_modules";
        tests || name.starts_with('.') || name == "__pycache__" || name.ends_with(".pyc")
    };
    walk(root, path, &unwanted, &mut inputs)?;
    Ok(inputs)
}

fn walk(
    folder: &Path,
    prefix: &str,
    unwanted: &dyn Fn(&str) -> bool,
    inputs: &mut Vec<Input>,
) -> Result<(), Error> {
    let mut entries = fs_err::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|e| e.file_name());
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if unwanted(&name) {
            continue;
        }
        let (source, path) = (entry.path(), format!("{prefix}/{name}"));
        if source.is_dir() {
            walk(&source, &path, unwanted, inputs)?;
        } else {
            let data = fs_err::read(&source)?;
            inputs.push(Input {
                path,
                source,
                data,
                executable: false,
                needs: Vec::new(),
            });
        }
    }
    Ok(())
}

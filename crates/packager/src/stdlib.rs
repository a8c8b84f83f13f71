//! The standard library of a built CPython as inputs for a payload: what an app can import, without
//! tests, editors, build files and modules whose C half is not built.

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
    walk(&root.join(STDLIB), STDLIB, &mut inputs)?;
    Ok(inputs)
}

fn walk(folder: &Path, prefix: &str, inputs: &mut Vec<Input>) -> Result<(), Error> {
    let mut entries = fs_err::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|e| e.file_name());
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let leftover = [".pyc", ".a", ".o"].iter().any(|s| name.ends_with(s));
        if LEFT_OUT.contains(&name.as_str()) || name.starts_with("config-") || leftover {
            continue;
        }
        let (source, path) = (entry.path(), format!("{prefix}/{name}"));
        if source.is_dir() {
            walk(&source, &path, inputs)?;
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

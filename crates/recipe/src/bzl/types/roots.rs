//! Files of a project that a recipe names: packages below a folder, lists of names.

use std::collections::BTreeSet;
use std::path::Path;

use super::file_manifest;
use crate::bzl::classify::{self, From, Resource};
use crate::bzl::error::Fail;
use crate::bzl::session::Session;

/// Names in files: one a line, `#` begins a comment.
pub(super) fn names_in(
    files: &[String],
    globs: &[String],
    session: &Session<'_>,
) -> Result<BTreeSet<String>, Fail> {
    let mut paths = Vec::new();
    for file in files {
        paths.push(session.project.existing(file)?);
    }
    let patterns: Vec<&str> = globs.iter().map(String::as_str).collect();
    paths.extend(file_manifest::find(&patterns, &[], session)?.into_values());
    let mut names = BTreeSet::new();
    for path in paths {
        let text = fs_err::read_to_string(&path).map_err(|e| Fail::new(e.to_string()))?;
        let lines = text.lines().map(str::trim);
        names.extend(
            lines
                .filter(|l| !l.is_empty() && !l.starts_with('#'))
                .map(str::to_owned),
        );
    }
    Ok(names)
}

/// The files of packages below a folder.
pub(super) fn package_root(root: &Path, packages: &[String]) -> Result<Vec<Resource>, Fail> {
    let mut paths: Vec<(String, std::path::PathBuf)> = Vec::new();
    for package in packages {
        if !crate::imports::is_dotted(package) {
            return Err(Fail::new(format!("`{package}` is not a package name")).hint(
                "packages and modules are named as in Python's `import`; a script of another name is \
                 `exe.script(\"path/of/it\")`",
            ));
        }
        let inner = package.replace('.', "/");
        let (folder, file) = (root.join(&inner), root.join(format!("{inner}.py")));
        if folder.is_dir() {
            let found = crate::below(&folder).map_err(|e| Fail::new(e.to_string()))?;
            paths.extend(
                found
                    .into_iter()
                    .map(|f| (format!("{inner}/{}", f.path), f.source)),
            );
        } else if file.is_file() {
            paths.push((format!("{inner}.py"), file));
        } else {
            return Err(Fail::new(format!("there is no `{package}` in {}", root.display()))
                .hint("a package is a folder or a .py file there; `src` projects write path = CWD + \"/src\""));
        }
    }
    paths.sort();
    paths.dedup();
    let names: Vec<&str> = paths.iter().map(|(p, _)| p.as_str()).collect();
    let classes = classify::classify(&names);
    Ok(paths
        .iter()
        .zip(classes)
        .map(|((path, file), class)| Resource {
            class,
            path: path.clone(),
            from: From::Disk(file.clone()),
            is_stdlib: false,
            executable: super::file_content::runs(file),
        })
        .collect())
}

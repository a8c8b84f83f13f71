//! Files as resources: which module a file is, or data of which package. By names alone, as Python itself
//! would find them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::host::HostFile;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    /// A module's source.
    Source { name: String, is_package: bool },
    /// A compiled module.
    Extension { name: String },
    /// Data of a package.
    Data { package: String, name: String },
    /// Metadata of a distribution.
    Metadata { package: String, name: String },
    /// None of these.
    File,
}

/// Where a resource's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// Laid down by an installer, or Python's own.
    Host(HostFile),
    /// A file on disk.
    Disk(PathBuf),
    /// A recipe's own text.
    Text(String),
}

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) class: Class,
    /// Relative to where modules are found: `package/module.py`.
    pub(super) path: String,
    pub(super) from: From,
    pub(super) is_stdlib: bool,
    pub(super) executable: bool,
}

impl Resource {
    /// The names that a filter may know it by.
    pub(super) fn names(&self) -> Vec<&str> {
        match &self.class {
            Class::Source { name, .. } | Class::Extension { name } => vec![name],
            Class::Data { package, name } => vec![package, name],
            Class::Metadata { package, .. } => vec![package],
            Class::File => vec![&self.path],
        }
    }
}

const METADATA: [&str; 2] = [".dist-info", ".egg-info"];

/// Classes of files, given their paths relative to where modules are found.
pub(super) fn classify(paths: &[&str]) -> Vec<Class> {
    let packages: BTreeSet<&str> = paths
        .iter()
        .filter(|p| stem(p).is_some())
        .filter_map(|p| p.rsplit_once('/').map(|(folder, _)| folder))
        .filter(|folder| folder.split('/').all(is_identifier))
        .collect();
    paths.iter().map(|path| class(path, &packages)).collect()
}

fn class(path: &str, packages: &BTreeSet<&str>) -> Class {
    let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
    let first = path.split('/').next().unwrap_or(path);
    if let Some(ending) = METADATA.iter().find(|e| first.ends_with(*e))
        && first != path
    {
        let distribution = first.strip_suffix(ending).unwrap_or(first);
        let package = distribution.split('-').next().unwrap_or(distribution);
        let name = path[first.len() + 1..].to_owned();
        return Class::Metadata {
            package: package.to_owned(),
            name,
        };
    }
    let in_package = folder.is_empty() || folder.split('/').all(is_identifier);
    if let Some((stem, extension)) = stem(path).filter(|(s, _)| in_package && is_identifier(s)) {
        let is_package = stem == "__init__" && !folder.is_empty();
        let folder = folder.replace('/', ".");
        let name = match (folder.as_str(), is_package) {
            (folder, true) => folder.to_owned(),
            ("", false) => stem.to_owned(),
            (folder, false) => format!("{folder}.{stem}"),
        };
        return if extension {
            Class::Extension { name }
        } else {
            Class::Source { name, is_package }
        };
    }
    // The innermost package around it.
    let mut around = folder;
    while !around.is_empty() {
        if packages.contains(around) {
            return Class::Data {
                package: around.replace('/', "."),
                name: path[around.len() + 1..].to_owned(),
            };
        }
        around = around.rsplit_once('/').map_or("", |(a, _)| a);
    }
    Class::File
}

/// Name of the module in a file, and whether it is compiled.
fn stem(path: &str) -> Option<(&str, bool)> {
    let file = path.rsplit('/').next().unwrap_or(path);
    if let Some(stem) = file.strip_suffix(".py") {
        return Some((stem, false));
    }
    let stem = file.strip_suffix(".so")?;
    let (name, tag) = stem.split_once('.').unwrap_or((stem, ""));
    let ours = tag.is_empty() || tag.starts_with("cpython-") || tag == "abi3";
    (ours && !name.starts_with("lib")).then_some((name, true))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_python_would_find() {
        let paths = [
            "a/__init__.py",
            "a/b.py",
            "a/data/x.json",
            "a/_c.cpython-313-x86_64-linux-gnu.so",
            "a/_d.abi3.so",
            "a.libs/libx-1.so",
            "a-1.0.dist-info/METADATA",
            "a-1.0.dist-info/licenses/LICENSE",
            "one.py",
            "space/inner.py",
            "share/man/a.1",
            "a/templates/new-app/main.py",
        ];
        let source = |name: &str, is_package| Class::Source {
            name: name.into(),
            is_package,
        };
        let extension = |name: &str| Class::Extension { name: name.into() };
        let data = |package: &str, name: &str| Class::Data {
            package: package.into(),
            name: name.into(),
        };
        let metadata = |name: &str| Class::Metadata {
            package: "a".into(),
            name: name.into(),
        };
        assert_eq!(
            classify(&paths),
            [
                source("a", true),
                source("a.b", false),
                data("a", "data/x.json"),
                extension("a._c"),
                extension("a._d"),
                Class::File,
                metadata("METADATA"),
                metadata("licenses/LICENSE"),
                source("one", false),
                source("space.inner", false),
                Class::File,
                data("a", "templates/new-app/main.py"),
            ]
        );
    }
}

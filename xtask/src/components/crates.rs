//! The crates that are linked into the runtimes, as cargo resolved them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::{Component, Components};
use crate::Context;
use crate::error::{Error, Result};
use crate::process;

/// The parts of Pyxidium, and the crate of the workspace with which each begins.
const PARTS: [(&str, &str); 4] = [
    ("console", "pyembed"),
    ("window", "pyxidium-window"),
    ("compute", "compute-python"),
    ("command-line", "pyxidium"),
];

/// How files with licences begin.
const NAMES: [&str; 6] = [
    "LICENSE",
    "LICENCE",
    "COPYING",
    "COPYRIGHT",
    "NOTICE",
    "UNLICENSE",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    manifest_path: PathBuf,
    /// `None`: a crate of the workspace.
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

pub(super) fn add(context: &Context, all: &mut Components) -> Result<()> {
    let mut cargo = context.workspace.cargo();
    cargo.args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
    ]);
    cargo.arg(host()?.as_str());
    let metadata: Metadata = serde_json::from_str(&process::capture(&mut cargo)?)
        .map_err(|e| unexpected(&format!("`cargo metadata`: {e}")))?;
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|p| (p.id.as_str(), p))
        .collect();
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|n| (n.id.as_str(), n))
        .collect();
    let apache = fs_err::read_to_string(context.workspace.path("LICENSE-APACHE"))?;
    let standard = standard_library()?;
    for (part, root) in PARTS {
        let root = metadata
            .packages
            .iter()
            .find(|p| p.source.is_none() && p.name == root);
        let root = root.ok_or_else(|| unexpected(&format!("the crate of {part}")))?;
        all.add(part, standard.clone());
        for id in linked(&root.id, &packages, &nodes) {
            let package = packages[id];
            // Ours are under the licence that stands in LICENSE.
            if package.source.is_some() {
                let component = component(package, &apache, all)?;
                all.add(part, component);
            }
        }
    }
    Ok(())
}

/// What is linked into what begins with a crate: neither build scripts nor macros.
fn linked<'a>(
    root: &'a str,
    packages: &BTreeMap<&'a str, &'a Package>,
    nodes: &BTreeMap<&'a str, &'a Node>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        if !found.insert(id) {
            continue;
        }
        for dependency in nodes.get(id).map(|n| n.deps.as_slice()).unwrap_or_default() {
            let normal = dependency.dep_kinds.iter().any(|k| k.kind.is_none());
            let is_macro = packages.get(dependency.pkg.as_str()).is_none_or(|p| {
                p.targets
                    .iter()
                    .any(|t| t.kind.iter().any(|k| k == "proc-macro"))
            });
            if normal && !is_macro {
                waiting.push(&dependency.pkg);
            }
        }
    }
    found
}

fn component(package: &Package, apache: &str, all: &mut Components) -> Result<Component> {
    // Cargo's older way to write "or".
    let license = package.license.as_ref().map(|l| {
        let parts: Vec<&str> = l.split('/').map(str::trim).collect();
        parts.join(" OR ")
    });
    let folder = package.manifest_path.parent().unwrap_or(Path::new("."));
    let mut files = BTreeSet::new();
    files.extend(package.license_file.as_ref().map(|f| folder.join(f)));
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_uppercase();
        if path.is_file() && NAMES.iter().any(|n| name.starts_with(n)) {
            files.insert(path);
        }
    }
    let mut texts = Vec::new();
    for file in files.iter().filter(|f| f.is_file()) {
        let text = fs_err::read(file)?;
        texts.push(all.text(&String::from_utf8_lossy(&text)));
    }
    // A licence that names no holder is the same wherever it stands.
    if texts.is_empty() && license.as_deref().is_some_and(|l| l.contains("Apache-2.0")) {
        texts.push(all.text(apache));
    }
    texts.dedup();
    Ok(Component {
        name: package.name.clone(),
        version: package.version.clone(),
        license,
        purl: format!("pkg:cargo/{}@{}", package.name, package.version),
        texts,
        patches: Vec::new(),
    })
}

/// Rust's own library, which is in everything.
fn standard_library() -> Result<Component> {
    let version = rustc("release: ")?;
    Ok(Component {
        name: "rust-std".into(),
        license: Some("MIT OR Apache-2.0".into()),
        purl: format!("pkg:generic/rust-std@{version}"),
        version,
        texts: Vec::new(),
        patches: Vec::new(),
    })
}

/// The machine that cargo builds for.
fn host() -> Result<String> {
    rustc("host: ")
}

fn rustc(field: &str) -> Result<String> {
    let about = process::capture(Command::new("rustc").arg("-vV"))?;
    let value = about.lines().find_map(|l| l.strip_prefix(field));
    value
        .map(str::to_owned)
        .ok_or_else(|| unexpected(&format!("`rustc -vV` ({field})")))
}

fn unexpected(what: &str) -> Error {
    Error::Unexpected { what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(id: &str, kind: &str) -> Package {
        Package {
            id: id.into(),
            name: id.into(),
            version: "1.0.0".into(),
            license: Some("MIT/Apache-2.0".into()),
            license_file: None,
            manifest_path: PathBuf::new(),
            source: Some("registry".into()),
            targets: vec![Target {
                kind: vec![kind.into()],
            }],
        }
    }

    fn node(id: &str, on: &[(&str, Option<&str>)]) -> Node {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            pkg: (*name).into(),
            dep_kinds: vec![DependencyKind {
                kind: kind.map(str::to_owned),
            }],
        };
        Node {
            id: id.into(),
            deps: on.iter().map(dependency).collect(),
        }
    }

    #[test]
    fn macros_and_build_scripts_are_not_linked() {
        let packages = [
            package("app", "lib"),
            package("used", "lib"),
            package("deeper", "lib"),
            package("derive", "proc-macro"),
            package("of-derive", "lib"),
            package("cc", "lib"),
        ];
        let nodes = [
            node(
                "app",
                &[("used", None), ("derive", None), ("cc", Some("build"))],
            ),
            node("used", &[("deeper", None)]),
            node("derive", &[("of-derive", None)]),
        ];
        let packages = packages.iter().map(|p| (p.id.as_str(), p)).collect();
        let nodes = nodes.iter().map(|n| (n.id.as_str(), n)).collect();
        let found: Vec<_> = linked("app", &packages, &nodes).into_iter().collect();
        assert_eq!(found, ["app", "deeper", "used"]);
    }

    #[test]
    fn texts_are_kept_once_and_old_expressions_made_new() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("LICENSE-MIT"), "do as you like\n").unwrap();
        fs_err::write(folder.path().join("license.txt"), "\ndo as you like").unwrap();
        fs_err::write(folder.path().join("README.md"), "no licence").unwrap();
        let mut all = Components::default();
        let with_text = Package {
            manifest_path: folder.path().join("Cargo.toml"),
            ..package("a", "lib")
        };
        let one = component(&with_text, "apache", &mut all).unwrap();
        assert_eq!(one.license.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!((one.texts, all.texts.len()), (vec![0], 1));
        let empty = tempfile::tempdir().unwrap();
        let without = Package {
            manifest_path: empty.path().join("Cargo.toml"),
            ..package("b", "lib")
        };
        let two = component(&without, "apache", &mut all).unwrap();
        assert_eq!(all.texts[two.texts[0]], "apache");
    }
}

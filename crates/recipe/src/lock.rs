//! `uv.lock`: of the packages in it, those that this project needs where sealed apps run, each as a requirement
//! with one version and its hashes.
//!
//! The file's format, version 1: every package of the project's world with its source, its wheels, and edges to
//! other packages that may have markers. Indexes are not taken from it: hashes say what a file must be, wherever it
//! comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::pyproject::plain;
use crate::settings::Document;
use crate::{Error, Origin, Requirement, marker};

/// Its name.
pub(crate) const NAME: &str = "uv.lock";

#[derive(Deserialize)]
struct Lock {
    version: u32,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    source: Source,
    #[serde(default)]
    dependencies: Vec<Edge>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Edge>>,
    sdist: Option<File>,
    #[serde(default)]
    wheels: Vec<File>,
    #[serde(default)]
    metadata: Metadata,
}

/// Where a package comes from: one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Source {
    registry: Option<String>,
    url: Option<String>,
    path: Option<String>,
    git: Option<String>,
    directory: Option<String>,
    editable: Option<String>,
    r#virtual: Option<String>,
}

impl Source {
    /// The folder that it is, and whether there is something to install in it.
    fn folder(&self) -> Option<(&str, bool)> {
        let installed = self.directory.as_deref().or(self.editable.as_deref());
        let installed = installed.map(|f| (f, true));
        installed.or(self.r#virtual.as_deref().map(|f| (f, false)))
    }
}

#[derive(Deserialize)]
struct File {
    hash: Option<String>,
}

/// A dependency. Where several versions of a package are locked, it says which.
#[derive(Deserialize)]
struct Edge {
    name: String,
    version: Option<String>,
    source: Option<Source>,
    marker: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Metadata {
    requires_dist: Vec<Stated>,
}

/// What pyproject.toml said when the file was made.
#[derive(Deserialize)]
struct Stated {
    name: String,
    specifier: Option<String>,
}

/// The requirements that a project's lock file stands for, if it has one. `dependencies` are what its
/// pyproject.toml states.
pub(crate) fn read(
    folder: &Path,
    name: Option<&str>,
    dependencies: &[Requirement],
    extras: &[String],
) -> Result<Option<Vec<Requirement>>, Error> {
    let path = folder.join(NAME);
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs_err::read_to_string(&path)?;
    let document = Document {
        path: &path,
        toml: &text,
        first_line: 1,
    };
    let lock: Lock = document.read()?;
    if lock.version != 1 {
        return Err(Error::LockVersion {
            path,
            version: lock.version,
        });
    }
    let own = |p: &&Package| p.source.folder().is_some_and(|(f, _)| f == ".");
    let named = |p: &&Package| name.is_some_and(|n| plain(n) == plain(p.name.as_ref()));
    let Some(root) = lock.package.iter().find(|p| own(p) && named(p)) else {
        return Err(Error::LockOfAnother { path });
    };
    if let Some(changed) = changed(root, dependencies) {
        return Err(Error::LockStale {
            path,
            requirement: changed,
        });
    }
    let mut walk = Walk {
        lock: &lock,
        document: &document,
        folder,
        seen: BTreeSet::new(),
        found: BTreeMap::new(),
    };
    walk.edges(root, &root.dependencies)?;
    for extra in extras {
        walk.extra(root, extra)?;
    }
    Ok(Some(walk.found.into_values().collect()))
}

/// A dependency that the file was made without, or with another version.
fn changed(root: &Package, dependencies: &[Requirement]) -> Option<String> {
    let known = |requirement: &&Requirement| {
        let (name, specifier) = parts(&requirement.text);
        root.metadata.requires_dist.iter().any(|s| {
            plain(&s.name) == name && sorted(s.specifier.as_deref().unwrap_or("")) == specifier
        })
    };
    dependencies
        .iter()
        .find(|r| !known(r))
        .map(|r| r.text.clone())
}

/// Name and clauses of a requirement. One that names an address has no clauses.
fn parts(text: &str) -> (String, BTreeSet<String>) {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((_, after)) => after,
        None => rest,
    };
    let specifier = rest.split(';').next().unwrap_or_default().trim();
    let specifier = specifier.trim_start_matches('(').trim_end_matches(')');
    let specifier = if specifier.starts_with('@') {
        ""
    } else {
        specifier
    };
    (plain(name), sorted(specifier))
}

fn sorted(specifier: &str) -> BTreeSet<String> {
    let clause = |c: &str| c.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    specifier
        .split(',')
        .map(clause)
        .filter(|c| !c.is_empty())
        .collect()
}

struct Walk<'a> {
    lock: &'a Lock,
    document: &'a Document<'a>,
    folder: &'a Path,
    /// Packages, and extras of them, that were gone through.
    seen: BTreeSet<(usize, Option<&'a str>)>,
    found: BTreeMap<(String, usize), Requirement>,
}

impl<'a> Walk<'a> {
    fn edges(&mut self, from: &'a Package, edges: &'a [Edge]) -> Result<(), Error> {
        for edge in edges {
            let applies = match &edge.marker {
                Some(text) => marker::holds(text).ok_or_else(|| {
                    self.bad(
                        from,
                        format!("the marker `{text}` of `{}` cannot be read", edge.name),
                    )
                })?,
                None => true,
            };
            if applies {
                self.edge(from, edge)?;
            }
        }
        Ok(())
    }

    fn edge(&mut self, from: &'a Package, edge: &'a Edge) -> Result<(), Error> {
        let is = |p: &Package| {
            p.name.as_ref() == &edge.name
                && edge
                    .version
                    .as_ref()
                    .is_none_or(|v| p.version.as_ref() == Some(v))
                && edge.source.as_ref().is_none_or(|s| p.source == *s)
        };
        let Some(place) = self.lock.package.iter().position(is) else {
            let message = format!(
                "`{}` needs `{}`, which is not in the file",
                from.name.as_ref(),
                edge.name
            );
            return Err(self.bad(from, message));
        };
        let package = &self.lock.package[place];
        if self.seen.insert((place, None)) {
            if let Some(text) = self.requirement(package)? {
                let origin = Origin {
                    path: self.document.path.into(),
                    line: self.document.line(package.name.span().start),
                };
                self.found
                    .insert((edge.name.clone(), place), Requirement { text, origin });
            }
            self.edges(package, &package.dependencies)?;
        }
        for extra in &edge.extra {
            if self.seen.insert((place, Some(extra))) {
                self.extra(package, extra)?;
            }
        }
        Ok(())
    }

    /// What an extra adds; one that a package does not have adds nothing, as with any installer.
    fn extra(&mut self, package: &'a Package, extra: &str) -> Result<(), Error> {
        let wanted = plain(extra);
        let edges = package.optional_dependencies.iter();
        for (_, edges) in edges.filter(|(name, _)| plain(name) == wanted) {
            self.edges(package, edges)?;
        }
        Ok(())
    }

    /// The line of a requirements file. A folder without anything to install is none.
    fn requirement(&self, package: &Package) -> Result<Option<String>, Error> {
        let name = package.name.as_ref();
        let source = &package.source;
        let local = |path: &str| -> Result<PathBuf, Error> {
            Ok(fs_err::canonicalize(self.folder.join(path))?)
        };
        if let Some((folder, installed)) = source.folder() {
            return Ok(match installed {
                true => Some(local(folder)?.display().to_string()),
                false => None,
            });
        }
        if source.git.is_some() {
            return Err(self.bad(package, format!(
                "`{name}` comes from a git repository; build it to a wheel and name that: `{name} = {{ path = \"{name}.whl\" }}` in [tool.uv.sources]"
            )));
        }
        let place = match (source, &package.version) {
            (Source { url: Some(url), .. }, _) => format!("{name} @ {url}"),
            (
                Source {
                    path: Some(path), ..
                },
                _,
            ) => format!("{name} @ file://{}", local(path)?.display()),
            (_, Some(version)) => format!("{name}=={version}"),
            (_, None) => return Err(self.bad(package, format!("`{name}` has no version"))),
        };
        // Nothing but wheels is installed; a source's hash lets the installer say that there is nothing else.
        let files = package.wheels.iter().chain(package.sdist.as_ref());
        let hashes = files.filter_map(|f| f.hash.as_deref());
        let hashes: Vec<String> = hashes.map(|h| format!(" --hash={h}")).collect();
        if hashes.is_empty() && source.registry.is_some() {
            return Err(self.bad(package, format!("`{name}` has no hashes")));
        }
        Ok(Some(place + &hashes.concat()))
    }

    fn bad(&self, package: &Package, message: String) -> Error {
        self.document.bad(&package.name, message)
    }
}

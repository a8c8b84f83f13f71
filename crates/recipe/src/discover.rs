//! Which files of a project go in: everything of a folder except what no user means, or a script
//! with the modules beside it that it imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::pyproject::Pattern;
use crate::{AppFile, Error, imports, source};

/// Files by payload path.
pub(crate) type Files = BTreeMap<String, PathBuf>;

/// What a walk found, and what a person may wonder about.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Files,
    pub(crate) notes: Vec<String>,
}

impl Found {
    /// The plan's list, in order of payload paths.
    pub(crate) fn into_list(self) -> Vec<AppFile> {
        self.files
            .into_iter()
            .map(|(path, source)| AppFile { path, source })
            .collect()
    }
}

/// A script and the local modules that it imports, directly or through one another.
pub(crate) fn script(script: &Path, name: &str, bytes: &[u8]) -> Result<Found, Error> {
    script_among(script, name, bytes, &[parent(script)], &[])
}

/// The same, with modules in any of several folders, the first that has one; and with modules that nothing in the
/// sources names.
pub(crate) fn script_among(
    script: &Path,
    name: &str,
    bytes: &[u8],
    roots: &[PathBuf],
    modules: &[String],
) -> Result<Found, Error> {
    let mut found = Found::default();
    found.files.insert(name.to_owned(), script.to_owned());
    let mut queue = vec![bytes.to_owned()];
    let mut seen = BTreeSet::new();
    for module in modules {
        take(module, roots, &mut seen, &mut found, &mut queue)?;
    }
    while let Some(bytes) = queue.pop() {
        for import in imports::scan(&source::decode(&bytes)) {
            // Relative imports stay inside a package, and packages are taken whole.
            if import.level == 0 {
                take(&import.module, roots, &mut seen, &mut found, &mut queue)?;
            }
        }
    }
    Ok(found)
}

/// Adds what a module's name begins with, if it is local, and its sources to the queue.
fn take(
    module: &str,
    roots: &[PathBuf],
    seen: &mut BTreeSet<String>,
    found: &mut Found,
    queue: &mut Vec<Vec<u8>>,
) -> Result<(), Error> {
    let first = module.split('.').next().unwrap_or(module);
    if !seen.insert(first.to_owned()) {
        return Ok(());
    }
    let before: BTreeSet<String> = found.files.keys().cloned().collect();
    for root in roots {
        local_module(root, first, found)?;
        let new = found.files.len() - before.len();
        if new > 0 {
            found.notes.push(format!(
                "{first}: imported by the app, {} from {}",
                files(new),
                root.display()
            ));
            break;
        }
    }
    for (path, source) in &found.files {
        if path.ends_with(".py") && !before.contains(path) {
            queue.push(fs_err::read(source)?);
        }
    }
    Ok(())
}

/// A whole folder.
pub(crate) fn folder(root: &Path, output: &Path) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut walk = Walk {
        root,
        found: &mut found,
        trail: Vec::new(),
        output: fs_err::canonicalize(output).ok(),
    };
    walk.directory(root, "")?;
    Ok(found)
}

/// The files of a folder that is not the project's own root: of a page. Paths are relative to it.
pub fn below(folder: &Path) -> Result<Vec<AppFile>, Error> {
    let mut found = Found::default();
    let mut walk = Walk {
        // Nothing in it is at the top of a project, where `dist` is a build output.
        root: Path::new(""),
        found: &mut found,
        trail: Vec::new(),
        output: None,
    };
    walk.directory(folder, "")?;
    Ok(found.into_list())
}

/// Adds what `include` names, relative to `root`; a folder means all of it.
pub(crate) fn include(root: &Path, patterns: &[Pattern], found: &mut Found) -> Result<(), Error> {
    if patterns.is_empty() {
        return Ok(());
    }
    for pattern in patterns {
        // Only the folder that the pattern's plain part names: the script may lie in a home folder.
        let plain: Vec<&str> = pattern
            .text
            .split('/')
            .take_while(|p| !p.contains(['*', '?', '[', '{', '\\']))
            .collect();
        let (base, whole) = (
            plain.join("/"),
            plain.len() == pattern.text.split('/').count(),
        );
        let start = if base.is_empty() {
            root.to_owned()
        } else {
            root.join(&base)
        };
        let mut everything = Found::default();
        if whole && start.is_file() {
            everything.files.insert(base, start);
        } else if start.is_dir() {
            Walk {
                root,
                found: &mut everything,
                trail: Vec::new(),
                output: None,
            }
            .directory(&start, &base)?;
        }
        let set = glob_set(std::slice::from_ref(pattern))?;
        let mut count = 0;
        for (path, source) in &everything.files {
            if set.is_match(path) {
                found.files.insert(path.clone(), source.clone());
                count += 1;
            }
        }
        if count == 0 {
            return Err(Error::IncludesNothing {
                path: pattern.path.clone(),
                line: pattern.line,
                pattern: pattern.text.clone(),
            });
        }
        found
            .notes
            .push(format!("include `{}`: {}", pattern.text, files(count)));
    }
    Ok(())
}

/// Takes out what `exclude` names.
pub(crate) fn exclude(patterns: &[Pattern], found: &mut Found) -> Result<(), Error> {
    if patterns.is_empty() {
        return Ok(());
    }
    let set = glob_set(patterns)?;
    let before = found.files.len();
    found.files.retain(|path, _| !set.is_match(path));
    found
        .notes
        .push(format!("exclude: {}", files(before - found.files.len())));
    Ok(())
}

fn files(count: usize) -> String {
    if count == 1 {
        "1 file".into()
    } else {
        format!("{count} files")
    }
}

fn glob_set(patterns: &[Pattern]) -> Result<GlobSet, Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // A name that is a folder stands for all that is in it.
        for text in [pattern.text.clone(), format!("{}/**", pattern.text)] {
            let glob = GlobBuilder::new(&text).literal_separator(true).build();
            set.add(glob.map_err(|e| bad_pattern(pattern, &e))?);
        }
    }
    set.build().map_err(|e| bad_pattern(&patterns[0], &e))
}

fn bad_pattern(pattern: &Pattern, error: &globset::Error) -> Error {
    Error::BadSetting {
        path: pattern.path.clone(),
        line: pattern.line,
        message: format!("`{}` is not a pattern: {}", pattern.text, error.kind()),
    }
}

/// The folder that a file lies in, never empty.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Adds module `name` if it lies in `root`, in the order in which Python looks.
fn local_module(root: &Path, name: &str, found: &mut Found) -> Result<(), Error> {
    let package = root.join(name);
    if package.join("__init__.py").is_file() {
        return Walk {
            root,
            found,
            trail: Vec::new(),
            output: None,
        }
        .directory(&package, name);
    }
    for suffix in [".cpython-313-x86_64-linux-gnu.so", ".abi3.so", ".so", ".py"] {
        let file = format!("{name}{suffix}");
        if root.join(&file).is_file() {
            found.files.insert(file.clone(), root.join(&file));
            return Ok(());
        }
    }
    if package.is_dir() {
        let mut inside = Found::default();
        Walk {
            root,
            found: &mut inside,
            trail: Vec::new(),
            output: None,
        }
        .directory(&package, name)?;
        // A folder without Python in it is data that happens to share an import's name.
        if inside
            .files
            .keys()
            .any(|f| f.ends_with(".py") || f.ends_with(".so"))
        {
            found.files.append(&mut inside.files);
        }
    }
    Ok(())
}

struct Walk<'a> {
    root: &'a Path,
    found: &'a mut Found,
    /// Real paths of the folders above, so that a link to one of them ends the walk.
    trail: Vec<PathBuf>,
    output: Option<PathBuf>,
}

impl Walk<'_> {
    fn directory(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let real = fs_err::canonicalize(folder)?;
        if self.trail.contains(&real) {
            return Ok(());
        }
        self.trail.push(real);
        let mut entries = fs_err::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|e| e.file_name());
        for entry in entries {
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                return Err(Error::NameNotUtf8 { path });
            };
            if name.starts_with('.') {
                continue;
            }
            let inner = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}/{name}")
            };
            // A dangling link has nothing to seal; sockets and devices are not files of a project.
            let Ok(kind) = fs_err::metadata(&path) else {
                continue;
            };
            if kind.is_dir() {
                if let Some(why) = self.unwanted(&path, &name, prefix) {
                    self.found.notes.push(format!("{inner}/: left out ({why})"));
                } else {
                    self.directory(&path, &inner)?;
                }
            } else if kind.is_file() && !self.unwanted_file(&path, &name) {
                self.found.files.insert(inner, path);
            }
        }
        self.trail.pop();
        Ok(())
    }

    fn unwanted(&self, path: &Path, name: &str, prefix: &str) -> Option<&'static str> {
        if name == "__pycache__" || path.join("CACHEDIR.TAG").exists() {
            return Some("a cache");
        }
        if path.join("pyvenv.cfg").exists() {
            return Some("a virtual environment");
        }
        if name == "node_modules" {
            return Some("a tool's folder");
        }
        let top = prefix.is_empty() && path.parent() == Some(self.root);
        let built = matches!(name, "build" | "dist") && top && !path.join("__init__.py").exists();
        (built || name.ends_with(".egg-info")).then_some("a build output")
    }

    fn unwanted_file(&self, path: &Path, name: &str) -> bool {
        let is_output = || self.output.is_some() && fs_err::canonicalize(path).ok() == self.output;
        name.ends_with(".pyc") || name.ends_with(".pyo") || is_output()
    }
}

//! Paths of a recipe: relative to its folder, and inside of it, wherever links lead.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::error::Fail;

/// The folder of a project, and whether a recipe may leave it.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// Without links.
    pub(super) folder: PathBuf,
    pub(super) allow_outside: bool,
}

impl Project {
    /// A path of a recipe, absolute and without links as far as it is there.
    pub(super) fn resolve(&self, path: &str) -> Result<PathBuf, Fail> {
        self.resolve_from(&self.folder, path)
    }

    /// The same, where relative means relative to another folder of the project.
    pub(super) fn resolve_from(&self, folder: &Path, path: &str) -> Result<PathBuf, Fail> {
        if path.contains('\0') {
            return Err(Fail::new("a path cannot contain a zero byte"));
        }
        let real = real(&folder.join(path)).map_err(|e| Fail::new(format!("{path}: {e}")))?;
        if !self.allow_outside && !real.starts_with(&self.folder) {
            return Err(Fail::new(format!(
                "`{path}` leaves the project: it is {}",
                real.display()
            ))
            .hint(format!(
                "keep what the recipe uses below {}, or allow it with --allow-outside",
                self.folder.display()
            )));
        }
        Ok(real)
    }

    /// A path that must be there.
    pub(super) fn existing(&self, path: &str) -> Result<PathBuf, Fail> {
        let real = self.resolve(path)?;
        if real.exists() {
            Ok(real)
        } else {
            Err(Fail::new(format!("{} does not exist", real.display()))
                .hint("relative paths begin at the folder of the recipe (CWD)"))
        }
    }
}

/// Without links and dots, also where the end of the path does not exist.
fn real(path: &Path) -> std::io::Result<PathBuf> {
    let mut missing: Vec<OsString> = Vec::new();
    let mut there = plain(path);
    loop {
        match fs_err::canonicalize(&there) {
            Ok(mut real) => {
                real.extend(missing.iter().rev());
                return Ok(real);
            }
            // A link that leads nowhere would be followed when something is written.
            Err(_) if there.is_symlink() => {
                return Err(std::io::Error::other("a link that leads nowhere"));
            }
            Err(e) => {
                let (Some(name), Some(parent)) = (there.file_name(), there.parent()) else {
                    return Err(e);
                };
                missing.push(name.to_owned());
                there = parent.to_owned();
            }
        }
    }
}

/// Without `.`; `..` stays where something is before it that may be a link.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                let there = fs_err::canonicalize(&out).unwrap_or(out);
                out = there.parent().map_or(there.clone(), Path::to_owned);
            }
            part => out.push(part),
        }
    }
    out
}

/// A path inside of a folder that is to be written: relative, without dots.
pub(super) fn inner(path: &str) -> Result<String, Fail> {
    let bad =
        |why: &str| Err(Fail::new(format!("`{path}` {why}")).hint("a path like \"lib/data.txt\""));
    if path.starts_with('/') || path.starts_with('\\') || path.get(1..2) == Some(":") {
        return bad("is absolute; it has to be inside of what is written");
    }
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => return bad("leaves the folder that is written"),
            part if part.contains('\0') => return bad("contains a zero byte"),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return bad("names no file");
    }
    Ok(parts.join("/"))
}

/// `name` in a folder, where `.` and nothing are the folder itself.
pub(super) fn joined(prefix: &str, name: &str) -> Result<String, Fail> {
    inner(format!("{prefix}/{name}").trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_of_the_project_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = fs_err::canonicalize(dir.path()).unwrap().join("project");
        fs_err::create_dir_all(folder.join("a")).unwrap();
        fs_err::write(folder.with_file_name("secret"), "").unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.join("broken")).unwrap();
        std::os::unix::fs::symlink("a", folder.join("fine")).unwrap();
        let project = Project {
            folder: folder.clone(),
            allow_outside: false,
        };
        let ok = |p: &str, expected: &str| {
            assert_eq!(project.resolve(p).unwrap(), folder.join(expected), "{p}");
        };
        ok("a/../a/./b", "a/b");
        ok("new/file", "new/file");
        ok("fine/x", "a/x");
        ok(folder.join("a").to_str().unwrap(), "a");
        assert_eq!(project.resolve(".").unwrap(), folder);
        for bad in [
            "..",
            "../secret",
            "up/secret",
            "a/../../secret",
            "/etc/passwd",
            "broken",
            "new/../../x",
        ] {
            assert!(project.resolve(bad).is_err(), "{bad}");
        }
        let free = Project {
            allow_outside: true,
            ..project
        };
        assert!(free.resolve("up/secret").is_ok());
    }

    #[test]
    fn paths_of_what_is_written() {
        assert_eq!(inner("a//b/./c").unwrap(), "a/b/c");
        assert_eq!(joined(".", "x").unwrap(), "x");
        assert_eq!(joined("", "x").unwrap(), "x");
        for bad in ["", ".", "/a", "a/../b", "..", "C:\\x", "a\\..\\b"] {
            assert!(inner(bad).is_err(), "{bad}");
        }
    }
}

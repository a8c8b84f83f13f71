//! Which libraries a linker needs, resolved to static archives where the machine has them.
//!
//! The names come from CPython's own Makefile; what an archive itself needs comes from pkg-config.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::makefile::Makefile;
use crate::error::Result;
use crate::process;

/// Parts of the C library, which is always linked dynamically.
const SYSTEM: &[&str] = &["c", "dl", "m", "pthread", "rt", "util"];

/// Library name to pkg-config name, where they differ.
const PKG_CONFIG: &[(&str, &str)] = &[
    ("bsd", "libbsd"),
    ("crypto", "libcrypto"),
    ("edit", "libedit"),
    ("ffi", "libffi"),
    ("lzma", "liblzma"),
    ("md", "libmd"),
    ("ssl", "libssl"),
    ("z", "zlib"),
    ("zstd", "libzstd"),
];

/// The libraries besides the C library that could only be linked dynamically.
pub fn host_libraries(linked: &[Linked]) -> Vec<&str> {
    fn name(item: &Linked) -> Option<&str> {
        match item {
            Linked::Dynamic(name) if !SYSTEM.contains(&name.as_str()) => Some(name),
            _ => None,
        }
    }
    linked.iter().filter_map(name).collect()
}

/// One thing to hand to the linker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linked {
    Archive(PathBuf),
    /// `-lNAME`
    Dynamic(String),
}

/// `link.json`: what an executable around `libpython3.13.a` is to be linked with, in link order.
#[derive(Serialize)]
pub struct LinkFile {
    pub version: &'static str,
    pub key: String,
    pub archives: Vec<PathBuf>,
    pub libs: Vec<String>,
    /// The modules in `lib-dynload`, which are not in the archive.
    pub payload_modules: Vec<&'static str>,
    /// The security patches on top of the version.
    pub patches: Vec<String>,
    pub pgo: bool,
}

/// The words of a Makefile expression, resolved; `build` is what relative archives are relative to.
pub fn resolve(makefile: &Makefile, expression: &str, build: &Path) -> Result<Vec<Linked>> {
    let mut out = Vec::new();
    for word in makefile.words(expression) {
        if let Some(name) = word.strip_prefix("-l") {
            add(name, &mut Vec::new(), &mut out)?;
        } else if word == "-pthread" {
            out.push(Linked::Dynamic("pthread".to_string()));
        } else if word.ends_with(".a") {
            out.push(Linked::Archive(build.join(word)));
        }
    }
    Ok(keep_last(out))
}

/// A library and then what it needs.
fn add(name: &str, open: &mut Vec<String>, out: &mut Vec<Linked>) -> Result<()> {
    // libncursesw and libtinfo may name each other.
    if open.iter().any(|each| each == name) {
        return Ok(());
    }
    let archive = if SYSTEM.contains(&name) {
        None
    } else {
        find_archive(name)?
    };
    let Some(archive) = archive else {
        out.push(Linked::Dynamic(name.to_string()));
        return Ok(());
    };
    out.push(Linked::Archive(archive));
    open.push(name.to_string());
    let package = PKG_CONFIG.iter().find(|(library, _)| *library == name);
    let package = package.map_or(name, |(_, package)| package);
    // No answer (libbz2 has no file for pkg-config) means that nothing more is needed.
    let answer = process::ask(Command::new("pkg-config").args(["--static", "--libs", package]))?;
    for needed in needed_by(&answer) {
        add(&needed, open, out)?;
    }
    open.pop();
    Ok(())
}

fn find_archive(name: &str) -> Result<Option<PathBuf>> {
    let file = format!("lib{name}.a");
    let answer = process::capture(Command::new("gcc").arg(format!("-print-file-name={file}")))?;
    let path = Path::new(answer.trim());
    // GCC repeats the bare name when it finds nothing. Links (libtermcap.a -> libtinfo.a) are
    // followed, so that one archive is never linked twice.
    if path.is_absolute() {
        Ok(Some(fs_err::canonicalize(path)?))
    } else {
        Ok(None)
    }
}

fn needed_by(answer: &str) -> Vec<String> {
    let name = |word: &str| match word {
        "-pthread" => Some("pthread".to_string()),
        _ => word.strip_prefix("-l").map(ToString::to_string),
    };
    answer.split_whitespace().filter_map(name).collect()
}

/// In link order the last place counts: whoever needs a library stands before it.
fn keep_last(items: Vec<Linked>) -> Vec<Linked> {
    let mut kept: Vec<Linked> = Vec::new();
    for item in items.into_iter().rev() {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept.reverse();
    kept
}

/// Copies the archives beside libpython, so that what is cached does not change with the system.
pub fn collect(linked: &[Linked], root: &Path, home: &Path) -> Result<(Vec<PathBuf>, Vec<String>)> {
    let folder = Path::new("lib/static");
    fs_err::create_dir_all(root.join(folder))?;
    let (mut archives, mut libs) = (Vec::new(), Vec::new());
    for item in linked {
        match item {
            Linked::Archive(path) => {
                let file = folder.join(path.file_name().unwrap_or_default());
                fs_err::copy(path, root.join(&file))?;
                archives.push(home.join(file));
            }
            Linked::Dynamic(name) => libs.push(name.clone()),
        }
    }
    Ok((archives, libs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(name: &str) -> Linked {
        Linked::Archive(PathBuf::from(name))
    }

    #[test]
    fn whoever_needs_a_library_stands_before_it() {
        let items = vec![
            archive("z"),
            Linked::Dynamic("m".into()),
            archive("sqlite"),
            archive("z"),
        ];
        let expected = [Linked::Dynamic("m".into()), archive("sqlite"), archive("z")];
        assert_eq!(keep_last(items), expected);
    }

    #[test]
    fn pkg_config_answers() {
        assert_eq!(
            needed_by("-L/x -lssl -lcrypto -ldl -pthread \n"),
            ["ssl", "crypto", "dl", "pthread"]
        );
        assert_eq!(needed_by(""), [""; 0]);
    }

    #[test]
    fn parts_of_the_c_library_stay_dynamic_and_archives_are_relative_to_the_build() {
        let makefile = Makefile::parse("A= -lm Modules/expat/libexpat.a -pthread -ldl\n");
        let linked = resolve(&makefile, "$(A)", Path::new("/build")).unwrap();
        let dynamic = |name: &str| Linked::Dynamic(name.to_string());
        let expat = archive("/build/Modules/expat/libexpat.a");
        assert_eq!(
            linked,
            [dynamic("m"), expat, dynamic("pthread"), dynamic("dl")]
        );
    }
}

//! What packages do that a path inside of the sealed file cannot serve. Files are opened through libc, which knows such
//! paths; the kernel, which starts programs, does not, nor does Go's runtime, which opens files without libc;
//! and a library that is asked for by its plain name is looked for on the machine.
//!
//! Only what the files themselves show is said, not what a package is known for; nothing is run.

use std::collections::{BTreeMap, BTreeSet};

use packed_resources::Kind;

use super::{Attention, Level};
use crate::inspect::{Contents, FileInfo, SealedFile};
use crate::section::elf::Elf;
use crate::{Error, pack, scan};

/// Libraries of the C library and the compiler, which are everywhere.
const EVERYWHERE: [&str; 9] = [
    "c", "dl", "gcc_s", "m", "pthread", "resolv", "rt", "stdc++", "util",
];

/// Names that are asked for on other systems.
const ELSEWHERE: [&str; 16] = [
    "AppKit",
    "ApplicationServices",
    "Carbon",
    "Cocoa",
    "CoreFoundation",
    "CoreServices",
    "Foundation",
    "IOKit",
    "Security",
    "System",
    "advapi32",
    "kernel32",
    "msvcrt",
    "objc",
    "shell32",
    "user32",
];

/// Looks at everything but the standard library.
pub(super) fn findings(file: &SealedFile, contents: &Contents) -> Result<Vec<Attention>, Error> {
    let unreadable = || Error::payload(format!("{} cannot be read", contents.path.display()));
    let payload = file.payload()?;
    let carried: BTreeSet<&str> = contents
        .libraries
        .iter()
        .filter_map(|l| l.path.rsplit('/').next())
        .collect();
    let mut programs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut go = BTreeMap::new();
    let mut names: BTreeMap<(&str, String), (&str, usize)> = BTreeMap::new();
    for info in contents.files.iter().filter(|f| is_others(f)) {
        let entry = payload.get(info.kind, &info.path).map_err(unreadable())?;
        let Some(entry) = entry else { continue };
        let bytes = entry.read().map_err(unreadable())?;
        let (part, path) = (info.part.as_str(), info.path.as_str());
        if pack::is_source(path) {
            for (name, line) in asked_for(&bytes) {
                names.entry((part, name)).or_insert((path, line));
            }
        } else if scan::is_library(path) {
            if Elf::parse(&bytes).is_ok_and(|elf| elf.is_go()) {
                go.entry(part).or_insert(path);
            }
        } else if Elf::parse(&bytes).is_ok_and(|elf| elf.is_program()) {
            programs.entry(part).or_default().push(path);
        }
    }
    let programs = programs
        .into_iter()
        .map(|(part, paths)| program(part, &paths));
    let go = go.into_iter().map(|(part, path)| Attention {
        level: Level::Note,
        message: format!("{part}: {path} is written in Go, and opens files without libc"),
        hint: Some(
            "it loads as ever, but give it paths of real files only, as importlib.resources.as_file makes them".into(),
        ),
    });
    let names = names
        .into_iter()
        .map(|((part, name), (path, line))| by_name(part, &name, path, line, &carried));
    Ok(programs.chain(go).chain(names).collect())
}

/// Files of the app and its packages, not those that every sealed file has.
fn is_others(file: &FileInfo) -> bool {
    file.kind == Kind::File && !matches!(&*file.part, "(standard library)" | "(pyxidium)")
}

fn program(part: &str, paths: &[&str]) -> Attention {
    Attention {
        level: Level::Warning,
        message: match paths {
            [path] => format!("{part} brings a program: {path}"),
            _ => format!("{part} brings {} programs, as {}", paths.len(), paths[0]),
        },
        hint: Some(
            "the system cannot start what is inside of the file (NotADirectoryError). Code that starts it needs a \
             copy: of a package's own files `importlib.resources.as_file` makes one, of others `shutil.copy`; both keep \
             its permissions. Or have the program on the user's machine"
                .into(),
        ),
    }
}

fn by_name(part: &str, name: &str, path: &str, line: usize, carried: &BTreeSet<&str>) -> Attention {
    let stem = name.split(".so").next().unwrap_or(name);
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    let is_it = |library: &&&str| {
        let rest = library
            .strip_prefix("lib")
            .and_then(|l| l.strip_prefix(stem));
        // Builders of wheels add a hash.
        rest.is_some_and(|r| r.starts_with(".so") || r.starts_with('-'))
    };
    let there = carried.iter().find(is_it);
    Attention {
        level: Level::Note,
        message: format!("{part} asks the machine for the library {name} ({path}, line {line})"),
        hint: Some(match there {
            Some(file) => format!(
                "{file} in the file is not found by a plain name: load it by its path, as \
                 ctypes.CDLL(str(Path(__file__).parent / \"{file}\"))"
            ),
            None => "if the app comes there, users must have that library".into(),
        }),
    }
}

/// Libraries that a source names literally, with the line: `find_library("x")`, `CDLL("libx.so.1")`.
fn asked_for(source: &[u8]) -> Vec<(String, usize)> {
    const CALLS: [(&str, bool); 3] = [
        ("find_library(", true),
        ("CDLL(", false),
        ("LoadLibrary(", false),
    ];
    let text = String::from_utf8_lossy(source);
    let mut found = Vec::new();
    for (call, plain) in CALLS {
        // Hardly any source has one, so lines are looked at only where there is.
        if !text.contains(call) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let names = line.match_indices(call).filter_map(|(at, _)| {
                let before = &line[..at];
                // In a comment, or as words in a text.
                let spoken = before.contains(['#', '`']) || before.contains(">>>");
                literal(&line[at + call.len()..]).filter(|name| !spoken && is_ours(name, plain))
            });
            found.extend(names.map(|name| (name.to_owned(), number + 1)));
        }
    }
    found
}

/// The string literal that a text begins with.
fn literal(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote).map(|(name, _)| name)
}

/// Whether a name means a library that a Linux machine may have or not have.
fn is_ours(name: &str, plain: bool) -> bool {
    let known = |list: &[&str]| {
        let stem = name.split(".so").next().unwrap_or(name);
        list.contains(&stem.strip_prefix("lib").unwrap_or(stem)) || list.contains(&stem)
    };
    let shape = if plain {
        !name.contains('.')
    } else {
        name.contains(".so") && !name.contains('/')
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    shape && !name.is_empty() && name.chars().all(word) && !known(&EVERYWHERE) && !known(&ELSEWHERE)
}

//! What a machine must have to run a sealed file: libraries that are not in it, and a C library that
//! is not too old.

use std::collections::{BTreeMap, BTreeSet};

use packed_resources::Kind;

use super::{Attention, Level};
use crate::Error;
use crate::inspect::{Contents, SealedFile};
use crate::section::dynamic::Dynamic;
use crate::section::elf::Elf;

/// Part of glibc and of gcc's runtime, which no desktop or server is without. Not `libnsl.so.1`, which was glibc's: Fedora and
/// its relatives no longer install it.
const EVERYWHERE: [&str; 14] = [
    "ld-linux-x86-64.so.2",
    "libBrokenLocale.so.1",
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libmvec.so.1",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libutil.so.1",
];

/// Every manylinux policy lets wheels expect it of the machine; dpkg and rpm are linked with it. So where packages are
/// installed, it is; an image for containers may be without.
const ZLIB: &str = "libz.so.1";

/// Libraries that come with one another: naming WebKitGTK says it all.
const WEBKIT: &str = "libwebkit2gtk-4.1.so.0";

/// What the runtime and the shared libraries in it ask of the machine.
pub(super) fn needs(file: &SealedFile, contents: &Contents) -> Result<Vec<Attention>, Error> {
    let runtime = read(file.bytes()).unwrap_or_default();
    let libraries = libraries(file, contents)?;
    let mut attention = Vec::new();
    attention.extend(webkit(&runtime));
    attention.extend(missing(&libraries, &runtime));
    attention.extend(glibc(&libraries, &runtime));
    Ok(attention)
}

/// What packages for systems ask of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The oldest C library that the file runs with.
    pub(crate) glibc: Option<(u16, u16)>,
    /// Whether a library in it needs the machine's zlib.
    pub(crate) zlib: bool,
}

/// What a sealed file asks of the machine that others can name a package for.
pub(crate) fn asked(file: &SealedFile, contents: &Contents) -> Result<Asked, Error> {
    let runtime = read(file.bytes()).unwrap_or_default();
    let libraries = libraries(file, contents)?;
    let of_libraries = libraries.iter().filter_map(|(_, dynamic)| dynamic.glibc);
    Ok(Asked {
        glibc: of_libraries.chain(runtime.glibc).max(),
        zlib: wanted(&libraries, &runtime).contains_key(ZLIB),
    })
}

fn read(bytes: &[u8]) -> Option<Dynamic> {
    Elf::parse(bytes).ok().and_then(|elf| elf.dynamic())
}

/// What the shared libraries in a file say of themselves.
fn libraries<'a>(
    file: &SealedFile,
    contents: &'a Contents,
) -> Result<Vec<(&'a str, Dynamic)>, Error> {
    let payload = file.payload()?;
    let unreadable = || Error::payload(format!("{} cannot be read", contents.path.display()));
    let mut found = Vec::new();
    for library in &contents.libraries {
        let entry = payload
            .get(Kind::File, &library.path)
            .map_err(unreadable())?;
        let bytes = entry.map(|e| e.read()).transpose().map_err(unreadable())?;
        if let Some(dynamic) = bytes.and_then(|bytes| read(&bytes)) {
            found.push((library.path.as_str(), dynamic));
        }
    }
    Ok(found)
}

fn webkit(runtime: &Dynamic) -> Option<Attention> {
    runtime.needed.iter().any(|n| n == WEBKIT).then(|| Attention {
        level: Level::Note,
        message: "the window needs WebKitGTK 4.1 on the user's machine".into(),
        hint: Some(
            "desktops of the GNOME family have it; else it is installed as libwebkit2gtk-4.1-0 (Debian, \
             Ubuntu) or webkit2gtk4.1 (Fedora)"
                .into(),
        ),
    })
}

/// Libraries that are asked for and neither in the file, nor loaded by the runtime, nor everywhere; and by which.
fn wanted<'a>(
    libraries: &'a [(&'a str, Dynamic)],
    runtime: &Dynamic,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut there: BTreeSet<&str> = EVERYWHERE.into();
    there.extend(runtime.needed.iter().map(String::as_str));
    for (path, library) in libraries {
        there.extend(path.rsplit('/').next());
        there.extend(library.soname.as_deref());
    }
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, library) in libraries {
        for name in library
            .needed
            .iter()
            .filter(|n| !there.contains(n.as_str()))
        {
            wanted.entry(name).or_default().push(path);
        }
    }
    wanted
}

fn missing(libraries: &[(&str, Dynamic)], runtime: &Dynamic) -> Vec<Attention> {
    let one = |(name, by): (&str, Vec<&str>)| {
        let (level, hint) = match name {
            ZLIB => (
                Level::Note,
                "all distributions have it, since dpkg and rpm need it themselves; an image for containers may not",
            ),
            _ => (Level::Warning, "it has to be on the user's machine"),
        };
        Attention {
            level,
            message: format!("{} needs {name}, which is not in the file", by[0]),
            hint: Some(hint.into()),
        }
    };
    wanted(libraries, runtime).into_iter().map(one).collect()
}

/// The oldest C library that the file runs with.
fn glibc(libraries: &[(&str, Dynamic)], runtime: &Dynamic) -> Option<Attention> {
    let of_runtime = runtime.glibc.map(|version| (version, "the runtime"));
    let all = libraries
        .iter()
        .filter_map(|(path, l)| Some((l.glibc?, *path)));
    // The runtime first: a library that asks for no more than it changes nothing.
    let newest = of_runtime
        .into_iter()
        .chain(all)
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    newest.map(|((major, minor), by)| Attention {
        level: Level::Note,
        message: format!("runs on Linux with glibc {major}.{minor} or newer ({by} asks for it)"),
        hint: None,
    })
}

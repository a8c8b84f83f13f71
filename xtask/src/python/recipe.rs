//! What CPython is built from and how: constants, and the key that names the result.
//!
//! Everything that changes the built files stands here and goes into the key.

use sha2::{Digest, Sha256};

use super::source::Patches;
use crate::system::System;

pub const VERSION: &str = "3.13.5";
/// `3.13`: the part of the version that names files.
pub const SERIES: &str = "3.13";
pub const SOURCE_SHA256: &str = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640";
pub const SOURCE_FILE: &str = "Python-3.13.5.tar.xz";
pub const SOURCE_URL: &str = "https://www.python.org/ftp/python/3.13.5/Python-3.13.5.tar.xz";

/// Raised whenever the code around this file changes what comes out.
const RECIPE: u32 = 2;

/// No machine has this folder, so nothing of a host can be found through a compiled-in path.
pub const PREFIX: &str = "/pyxidium";

pub const CONFIGURE: &[&str] = &[
    "--disable-shared",
    "--without-ensurepip",
    "--disable-test-modules",
    // GNU readline is GPL.
    "--with-readline=editline",
    "--with-computed-gotos",
];

/// LTO is left out: the linker that finishes an app (lld) cannot read GCC's LTO objects.
pub const CONFIGURE_PGO: &[&str] = &["--enable-optimizations"];

pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("MODULE_BUILDTYPE", "static"),
    // -fPIE, as the archive goes into executables only. No debug information: it would be stripped.
    // No unwind tables: nothing may unwind through CPython (a thread that it ends at exit would
    // otherwise unwind into Rust frames and abort), and they are half a megabyte of every app.
    (
        "CFLAGS",
        "-fPIE -g0 -fno-asynchronous-unwind-tables -fno-unwind-tables",
    ),
    // The day of the release: `sys.version` shows a build date, which must not vary.
    ("SOURCE_DATE_EPOCH", "1749600000"),
    ("TZ", "UTC"),
    ("LC_ALL", "C.UTF-8"),
    // No Tk; gdbm is GPL, and dbm would bring Berkeley DB.
    ("py_cv_module__tkinter", "n/a"),
    ("py_cv_module__gdbm", "n/a"),
    ("py_cv_module__dbm", "n/a"),
    // Only written down, never run: the sources that it would regenerate are in the archive.
    ("ac_cv_prog_PYTHON_FOR_REGEN", "python3"),
];

/// A shared object that travels compressed in the payload instead of in every executable.
pub struct PayloadModule {
    /// The modules inside. Those of one object share its static libraries.
    pub modules: &'static [&'static str],
}

const fn payload(modules: &'static [&'static str]) -> PayloadModule {
    PayloadModule { modules }
}

/// Modules that are heavy and often unused.
pub const PAYLOAD_MODULES: &[PayloadModule] = &[
    payload(&["_ssl", "_hashlib"]),
    payload(&["_sqlite3"]),
    payload(&["unicodedata"]),
    payload(&["_decimal"]),
    payload(&["_codecs_cn"]),
    payload(&["_codecs_hk"]),
    payload(&["_codecs_iso2022"]),
    payload(&["_codecs_jp"]),
    payload(&["_codecs_kr"]),
    payload(&["_codecs_tw"]),
];

/// The names of all payload modules.
pub fn payload_names() -> impl Iterator<Item = &'static str> {
    PAYLOAD_MODULES
        .iter()
        .flat_map(|object| object.modules)
        .copied()
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Plain,
    Pgo,
}

impl Variant {
    pub fn configure(self) -> impl Iterator<Item = &'static str> {
        let more = if self == Variant::Pgo {
            CONFIGURE_PGO
        } else {
            &[]
        };
        CONFIGURE.iter().chain(more).copied()
    }

    /// What `configure` and `make` add up to as progress (see `build.rs`); from a real build.
    pub fn expected_progress(self) -> u64 {
        match self {
            Variant::Plain => 755 + 283 * 4,
            Variant::Pgo => 755 + 2 * 283 * 4 + 43 * 25,
        }
    }
}

/// Everything that decides what comes out, one fact a line.
pub fn inputs(variant: Variant, compiler: &str, system: &System, patches: &Patches) -> String {
    let mut text = format!("recipe {RECIPE}\nversion {VERSION}\nsource {SOURCE_SHA256}\n");
    for (name, content) in patches.all() {
        text += &format!("patch {name} {}\n", hex(&Sha256::digest(content)));
    }
    if patches.is_empty() {
        text += "patches none\n";
    }
    text += &format!("prefix {PREFIX}\n");
    for argument in variant.configure() {
        text += &format!("configure {argument}\n");
    }
    for (name, value) in ENVIRONMENT {
        text += &format!("environment {name}={value}\n");
    }
    for object in PAYLOAD_MODULES {
        text += &format!("payload {}\n", object.modules.join(" "));
    }
    text += &format!("compiler {compiler}\n");
    for library in &system.libraries {
        text += &format!("library {library}\n");
    }
    text
}

/// The name of the result in the cache.
pub fn key(inputs: &str) -> String {
    hex(&Sha256::digest(inputs))[..16].to_string()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patches(entries: &[(&str, &str)]) -> Patches {
        Patches::new(
            entries
                .iter()
                .map(|(n, c)| (n.to_string(), c.as_bytes().to_vec()))
                .collect(),
        )
    }

    fn system(libraries: &[&str]) -> System {
        System {
            libraries: libraries.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn every_input_changes_the_key() {
        let base = inputs(
            Variant::Plain,
            "gcc 12",
            &system(&["zlib 1"]),
            &patches(&[("a", "x")]),
        );
        let others = [
            inputs(
                Variant::Pgo,
                "gcc 12",
                &system(&["zlib 1"]),
                &patches(&[("a", "x")]),
            ),
            inputs(
                Variant::Plain,
                "gcc 13",
                &system(&["zlib 1"]),
                &patches(&[("a", "x")]),
            ),
            inputs(
                Variant::Plain,
                "gcc 12",
                &system(&["zlib 2"]),
                &patches(&[("a", "x")]),
            ),
            inputs(
                Variant::Plain,
                "gcc 12",
                &system(&["zlib 1"]),
                &patches(&[("a", "y")]),
            ),
            inputs(
                Variant::Plain,
                "gcc 12",
                &system(&["zlib 1"]),
                &patches(&[]),
            ),
        ];
        for other in &others {
            assert_ne!(key(&base), key(other));
        }
        let again = inputs(
            Variant::Plain,
            "gcc 12",
            &system(&["zlib 1"]),
            &patches(&[("a", "x")]),
        );
        assert_eq!(key(&base), key(&again));
        assert_eq!(key(&base).len(), 16);
    }

    #[test]
    fn missing_patches_are_said_in_the_inputs() {
        let text = inputs(Variant::Plain, "gcc", &system(&[]), &patches(&[]));
        assert!(text.contains("patches none\n"));
    }
}

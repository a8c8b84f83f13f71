//! With libraries that gcc makes, and packages laid down by hand.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::testing::lay;
use crate::tests::{options, plan};
use crate::{Cache, Silent};

fn library(folder: &Path, name: &str, source: &str, arguments: &[&str]) {
    let path = folder.join(format!("{name}.c"));
    fs_err::write(&path, source).unwrap();
    let mut gcc = Command::new("gcc");
    gcc.current_dir(folder)
        .args(["-shared", "-fPIC", "-o", name]);
    assert!(gcc.arg(&path).args(arguments).status().unwrap().success());
    fs_err::remove_file(path).unwrap();
}

fn attention(folder: &Path, path: &str) -> Vec<(Level, String)> {
    let analysis = analyse(&plan(folder, path), &options(), &Silent).unwrap();
    let list = analysis.attention.into_iter();
    list.map(|a| (a.level, a.message)).collect()
}

#[test]
fn the_sizes_are_those_of_the_file_that_would_be_written() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"x = 1\n")]);
    let plan = plan(folder.path(), "app.py");
    let cache = Cache::at(folder.path().join("cache"));
    let options = BuildOptions {
        cache: &cache,
        ..options()
    };
    let analysis = analyse(&plan, &options, &Silent).unwrap();
    assert!(!plan.output.exists() && !analysis.contents.path.exists());
    assert_eq!(
        fs_err::read_dir(cache.root().join("work")).unwrap().count(),
        0
    );
    let sealed = build(&plan, &options, &Silent).unwrap();
    assert_eq!(analysis.contents.size, sealed.len);
    let file = |path: &str| {
        let mut files = analysis.contents.files.iter();
        files
            .find(|f| f.path == path && f.kind == Kind::File)
            .unwrap()
    };
    assert_eq!(file("app/app.py").part, "(app)");
    assert_eq!(file("app/app.py").size, 6);
    assert_eq!(file("lib/python3.13/os.py").part, "(standard library)");
}

#[test]
fn libraries_that_the_machine_must_have() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("p/__main__.py", b""), ("p/x", b"")]);
    let inside = folder.path().join("p");
    let elsewhere = folder.path();
    library(&inside, "libours.so.1", "", &["-Wl,-soname,libours.so.1"]);
    library(
        elsewhere,
        "libforeign.so.7",
        "",
        &["-Wl,-soname,libforeign.so.7"],
    );
    let needed = [
        "-Wl,--no-as-needed",
        "libours.so.1",
        "../libforeign.so.7",
        "-lm",
    ];
    library(&inside, "mod.so", "", &needed);
    let said = attention(folder.path(), "p");
    assert_eq!(
        said[0],
        (
            Level::Warning,
            "app/mod.so needs libforeign.so.7, which is not in the file".into()
        )
    );
    assert!(
        !said
            .iter()
            .any(|(_, m)| m.contains("libours") || m.contains("libm.so")),
        "{said:?}"
    );
}

#[test]
fn what_belongs_to_the_c_library_is_there_and_zlib_nearly_always() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("p/__main__.py", b""), ("p/x", b"")]);
    let elsewhere = folder.path();
    for name in ["libz.so.1", "libnsl.so.1"] {
        library(elsewhere, name, "", &[&format!("-Wl,-soname,{name}")]);
    }
    let mut needed = vec!["-Wl,--no-as-needed", "../libz.so.1", "../libnsl.so.1"];
    needed.extend(["-lresolv", "-lanl", "-lmvec", "-lutil", "-lstdc++"]);
    library(&folder.path().join("p"), "mod.so", "", &needed);
    let analysis = analyse(&plan(folder.path(), "p"), &options(), &Silent).unwrap();
    let said: Vec<_> = analysis
        .attention
        .into_iter()
        .filter(|a| a.message.contains("which is not in the file"))
        .map(|a| (a.level, a.message, a.hint.unwrap()))
        .collect();
    let [(Level::Warning, nsl, _), (Level::Note, zlib, hint)] = &said[..] else {
        panic!("{said:?}");
    };
    let sentence = "which is not in the file";
    assert_eq!(*nsl, format!("app/mod.so needs libnsl.so.1, {sentence}"));
    assert_eq!(*zlib, format!("app/mod.so needs libz.so.1, {sentence}"));
    assert!(hint.contains("an image for containers may not"), "{hint}");
}

#[test]
fn the_oldest_c_library() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("p/__main__.py", b""), ("p/x", b"")]);
    let asks = |source: &str| {
        library(
            &folder.path().join("p"),
            "mod.so",
            source,
            &["-Wl,--allow-shlib-undefined"],
        );
        let said = attention(folder.path(), "p");
        said.into_iter().find(|(_, m)| m.contains("glibc")).unwrap()
    };
    let (level, old) = asks("int puts(const char *); void f(void) { puts(\"\"); }");
    assert_eq!(level, Level::Note);
    assert!(old.ends_with("(the runtime asks for it)"), "{old}");
    // A function that is as old as this version.
    let (_, new) = asks("int pidfd_open(int, unsigned); void f(void) { pidfd_open(0, 0); }");
    assert_eq!(
        new,
        "runs on Linux with glibc 2.36 or newer (app/mod.so asks for it)"
    );
}

#[test]
fn what_the_build_warns_of() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("app.py", b"import pyxidium as px\npx.window()\n"),
            ("ui/index.html", b"<script src=https://x.org/a.js></script>"),
            ("ui/template.py", b"def {{ name }}\n"),
        ],
    );
    let said = attention(folder.path(), "app.py");
    assert_eq!(said[0].0, Level::Warning);
    assert!(
        said[0]
            .1
            .contains("index.html, line 1: the window runs no script"),
        "{said:?}"
    );
    let note = "(app): app/ui/template.py is no source for Python 3.13";
    assert!(said.contains(&(Level::Note, note.into())), "{said:?}");
}

#[test]
fn licences_that_are_missing_or_ask_for_something() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"")]);
    let mut contents = analyse(&plan(folder.path(), "app.py"), &options(), &Silent)
        .unwrap()
        .contents;
    let package = |name: &str, license: Option<&str>| packed_resources::PackageInfo {
        name: name.into(),
        version: "1.0".into(),
        license: license.map(str::to_owned),
    };
    contents.manifest.packages = vec![
        package("silent", None),
        package("free", Some("MIT")),
        package("shared", Some("LGPL-3.0-or-later")),
        package("certificates", Some("MPL-2.0")),
    ];
    let list = licences(&contents);
    let said: Vec<(Level, &str)> = list.iter().map(|a| (a.level, &*a.message)).collect();
    assert_eq!(
        said,
        [
            (
                Level::Warning,
                "silent 1.0 does not say what its licence is"
            ),
            (Level::Note, "shared 1.0 is under LGPL-3.0-or-later"),
            (Level::Note, "certificates 1.0 is under MPL-2.0"),
        ]
    );
    let hint = |at: usize| list[at].hint.as_deref().unwrap();
    assert!(hint(1).contains("may apply to the whole app"));
    assert!(hint(2).contains("the rest of the app is not concerned"));
}

/// What is said of paths that mean something in the file only.
fn reach(folder: &Path, path: &str) -> Vec<(Level, String, String)> {
    let analysis = analyse(&plan(folder, path), &options(), &Silent).unwrap();
    let list = reach::findings(
        &SealedFile::open(
            &build(&plan(folder, path), &options(), &Silent)
                .unwrap()
                .path,
        )
        .unwrap(),
        &analysis.contents,
    );
    let list = list.unwrap().into_iter();
    list.map(|a| (a.level, a.message, a.hint.unwrap()))
        .collect()
}

#[test]
fn programs_cannot_be_started_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("p/__main__.py", b""), ("p/text", b"no")]);
    let inside = folder.path().join("p");
    library(&inside, "mod.so", "", &[]);
    assert_eq!(reach(folder.path(), "p"), []);
    fs_err::copy("/bin/true", inside.join("tool")).unwrap();
    let [(level, message, hint)] = &reach(folder.path(), "p")[..] else {
        panic!("one program");
    };
    assert_eq!(*level, Level::Warning);
    assert_eq!(message, "(app) brings a program: app/tool");
    assert!(hint.contains("importlib.resources.as_file"), "{hint}");
    fs_err::copy("/bin/true", inside.join("utility")).unwrap();
    let two = "(app) brings 2 programs, as app/tool";
    assert_eq!(reach(folder.path(), "p")[0].1, two);
}

#[test]
fn libraries_of_go_open_files_without_libc() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("p/__main__.py", b""), ("p/x", b"")]);
    let source = "__attribute__((section(\".go.buildinfo\"))) int info = 1;";
    library(&folder.path().join("p"), "libgo.so", source, &[]);
    let said = reach(folder.path(), "p");
    let message = "(app): app/libgo.so is written in Go, and opens files without libc";
    assert_eq!((said.len(), said[0].0), (1, Level::Note));
    assert_eq!(said[0].1, message);
}

#[test]
fn libraries_that_are_asked_for_by_plain_names() {
    let folder = tempfile::tempdir().unwrap();
    let source = b"import ctypes\nfrom ctypes.util import find_library\n\
        sodium = find_library('sodium')\nctypes.CDLL( \"libours.so.1\")\n\
        # CDLL('libcomment.so')\nfind_library('c'), ctypes.CDLL('libm.so.6'), ctypes.CDLL('kernel32.dll')\n\
        ctypes.cdll.LoadLibrary(path), ctypes.CDLL('/usr/lib/libx.so'), find_library('user32')\n";
    lay(folder.path(), &[("p/__main__.py", source), ("p/x", b"")]);
    library(&folder.path().join("p"), "libours-1a2b.so.1", "", &[]);
    let said = reach(folder.path(), "p");
    let (messages, hints): (Vec<_>, Vec<_>) = said.into_iter().map(|s| (s.1, s.2)).unzip();
    assert_eq!(
        messages,
        [
            "(app) asks the machine for the library libours.so.1 (app/__main__.py, line 4)",
            "(app) asks the machine for the library sodium (app/__main__.py, line 3)",
        ]
    );
    assert!(hints[0].starts_with("libours-1a2b.so.1 in the file is not found by a plain name"));
    assert!(hints[1].contains("users must have that library"));
}

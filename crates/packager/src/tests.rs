//! From files to a sealed file and back, with a C program for a runtime: what goes in, in which form,
//! the same bytes again, and every way in which the output can refuse to be written.

mod cancel;
mod errors;
mod output;
mod own;
mod packages;
mod selection;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use packed_resources::{Kind, Payload};
use recipe::{BuildPlan, Request};

use crate::testing::{cpython, lay, python, runtime};
use crate::{
    BuildOptions, Cache, Error, FrozenSource, ResolveOptions, SealedFile, SelfSeal, Silent, build,
    inspect, scan, self_seal,
};

/// Pyxidium's own payload, sealed once for all tests of the process.
struct Base {
    cache: Cache,
    payload: Payload<'static>,
    file: PathBuf,
}

/// What `cargo xtask dist` would say of it.
pub(crate) const COMPONENTS: &str = r#"{
    "parts": {"python": [0], "console": [1], "window": [1, 2], "compute": []},
    "components": [
        {"name": "cpython", "version": "3.13.5", "license": "PSF-2.0", "purl": "pkg:generic/cpython@3.13.5",
         "texts": [0], "patches": ["CVE-2025-1234-2.patch"]},
        {"name": "blake3", "version": "1.8.2", "license": "CC0-1.0 OR Apache-2.0", "purl": "pkg:cargo/blake3@1.8.2", "texts": [1]},
        {"name": "gtk", "version": "0.18.2", "license": "MIT", "purl": "pkg:cargo/gtk@0.18.2", "texts": [2]}
    ],
    "texts": ["the licence of Python", "the licence of BLAKE3", "the licence of GTK"]
}"#;

fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| {
        // Kept between runs: the standard library's pack takes a while to compress.
        let folder = std::env::temp_dir().join("pyxidium-packager-tests");
        fs_err::create_dir_all(&folder).unwrap();
        let cache = Cache::at(folder.join("cache"));
        // Tests may run as processes of their own: one of them makes the packs, the others wait.
        let lock = std::fs::File::create(folder.join("lock")).unwrap();
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
        let work = tempfile::tempdir().unwrap().keep();
        let stub = runtime(&work, &["-O1", "-s"]);
        let window_folder = work.join("window");
        fs_err::create_dir(&window_folder).unwrap();
        let mark = "-DMARK=\"a runtime with a window\"";
        let window = runtime(&window_folder, &["-O1", "-s", mark]);
        let file = work.join("pyxidium");
        let package = work.join("package");
        lay(
            &package,
            &[
                ("__init__.py", b"x = 1\n"),
                ("__init__.pyi", b"x: int\n"),
                ("client/pyxidium.js", b"export {}\n"),
                ("client/pyxidium.d.ts", b"export {}\n"),
                ("client/pyxidium.test.ts", b"left out\n"),
                ("_without_compute.py", b"raise ImportError\n"),
                (
                    "_without_oxidized_importer.py",
                    b"raise ModuleNotFoundError\n",
                ),
                ("compute/__init__.py", b"y = 1\n"),
                ("compute/_compute.pyi", b"z: int\n"),
                ("compute/_compute.so", b"machine code"),
                ("oxidized_importer/__init__.py", b"from ._finder import f\n"),
                ("oxidized_importer/_finder.py", b"f = 1\n"),
                ("__pycache__/x.pyc", b"left out\n"),
            ],
        );
        let components = work.join("components.json");
        fs_err::write(&components, COMPONENTS).unwrap();
        let request = SelfSeal {
            cpython: &cpython(),
            stub: &stub,
            console: &stub,
            window: &window,
            package: &package,
            components: &components,
            frozen: &[FrozenSource {
                name: "_pyxidium_boot",
                source: "x = 1\n",
            }],
            output: &file,
            version: "0.0.0",
        };
        self_seal(&request, &cache, &Silent).unwrap();
        let bytes: &'static [u8] = fs_err::read(&file).unwrap().leak();
        let place = crate::section::elf::find(bytes).unwrap();
        Base {
            cache,
            payload: Payload::parse(&bytes[place]).unwrap(),
            file,
        }
    })
}

pub(crate) fn options() -> BuildOptions<'static> {
    let base = base();
    BuildOptions {
        base: base.payload,
        python_program: (python().program, Vec::new()),
        cache: &base.cache,
        resolve: ResolveOptions::default(),
        development: None,
        record: None,
        version: "0.0.0",
    }
}

pub(crate) fn plan(folder: &Path, path: &str) -> BuildPlan {
    recipe::plan(&Request {
        path: Some(folder.join(path)),
        output: Some(folder.join("out/app")),
        ..Request::default()
    })
    .unwrap()
}

/// An app in a folder of its own, sealed.
pub(crate) fn sealed(
    files: &[(&str, &[u8])],
    path: &str,
) -> (tempfile::TempDir, Result<PathBuf, Error>) {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), files);
    let result = build(&plan(folder.path(), path), &options(), &Silent).map(|s| s.path);
    (folder, result)
}

#[test]
fn what_a_project_says_of_itself_is_in_the_file() {
    let toml = b"[project]\nname = \"My App\"\ndescription = \"Shows  things\"\nlicense = \"MIT\"\n\
        authors = [{ name = \"Ann\", email = \"ann@example.org\" }]\n\
        urls = { Source = \"https://example.org/src\", Home-Page = \"https://example.org\" }\n\
        [tool.pyxidium.install]\ncategories = [\"Office\"]\nfile-types = [{ extension = \".demo\" }]\n";
    let (_folder, file) = sealed(&[("p/pyproject.toml", toml), ("p/__main__.py", b"")], "p");
    let file = SealedFile::open(&file.unwrap()).unwrap();
    let about = file.payload().unwrap().manifest().unwrap().about;
    assert_eq!(about.summary.as_deref(), Some("Shows things"));
    assert_eq!(about.authors, ["Ann <ann@example.org>"]);
    assert_eq!(about.homepage.as_deref(), Some("https://example.org"));
    let kind = &about.file_types[0];
    assert_eq!(
        (kind.extension.as_str(), kind.mime.as_str()),
        ("demo", "application/x-my-app-demo")
    );
    assert_eq!(kind.name, "DEMO file");
    // It has no window, so its arguments are all its own.
    assert!(!about.self_install);
}

#[test]
fn a_sealed_file_holds_the_app_and_the_standard_library() {
    let (_folder, file) = sealed(
        &[("app.py", b"import helper\n"), ("helper.py", b"x = 1\n")],
        "app.py",
    );
    let file = SealedFile::open(&file.unwrap()).unwrap();
    file.verify(&|_| ()).unwrap();
    let payload = file.payload().unwrap();
    let get = |kind, name| payload.get(kind, name).unwrap();
    assert_eq!(
        &*get(Kind::File, "app/app.py").unwrap().read().unwrap(),
        b"import helper\n"
    );
    for name in [
        "app/app.py",
        "app/helper.py",
        "lib/python3.13/os.py",
        "lib/python3.13/json/decoder.py",
    ] {
        assert!(get(Kind::Code, name).is_some(), "{name}");
        assert!(get(Kind::File, name).is_some(), "{name}");
    }
    for name in ["encodings", "encodings.utf_8", "_pyxidium_boot"] {
        assert_eq!(get(Kind::Frozen, name).unwrap().align(), 16, "{name}");
    }
    for absent in [
        "runtime/console",
        "lib/python3.13/site-packages/pip/__init__.py",
        "lib/python3.13/ensurepip/__init__.py",
        "lib/python3.13/turtle.py",
        "lib/python3.13/idlelib/__init__.py",
    ] {
        assert!(get(Kind::File, absent).is_none(), "{absent}");
    }
    let cached = |e: &packed_resources::Entry<'_>| {
        e.name().contains("__pycache__") || e.name().ends_with(".a")
    };
    assert!(!payload.iter().any(|e| cached(&e.unwrap())));
    let manifest = payload.manifest().unwrap();
    let site = "lib/python3.13/site-packages";
    assert_eq!(
        manifest.sys_path,
        ["app", "lib/python3.13", "lib/python3.13/lib-dynload", site]
    );
    let contents = inspect(&file).unwrap();
    assert_eq!(contents.manifest.name, "app");
    assert!(
        contents
            .packages
            .iter()
            .any(|p| p.name == "(app)" && p.files == 2),
        "{:?}",
        contents.packages
    );
}

#[test]
fn pyxidiums_own_file_carries_pip_and_the_runtime() {
    let file = SealedFile::open(&base().file).unwrap();
    let payload = file.payload().unwrap();
    assert!(
        payload
            .get(Kind::Code, "lib/python3.13/site-packages/pip/__init__.py")
            .unwrap()
            .is_some()
    );
    assert!(
        payload
            .get(Kind::File, "runtime/console")
            .unwrap()
            .is_some()
    );
    let contents = inspect(&file).unwrap();
    let pip = contents.packages.iter().find(|p| p.name == "pip").unwrap();
    assert!(
        pip.modules > 100 && pip.license.as_deref() == Some("MIT"),
        "{pip:?}"
    );
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let files: [(&str, &[u8]); 3] = [
        ("p/__main__.py", b"import a\n"),
        ("p/a.py", b"x = {'b', 'c'}\n"),
        ("p/d/e.bin", &[7; 5000]),
    ];
    let (_one, first) = sealed(&files, "p");
    let (_two, second) = sealed(&files, "p");
    assert!(fs_err::read(first.unwrap()).unwrap() == fs_err::read(second.unwrap()).unwrap());
}

#[test]
fn an_app_may_have_folders_named_as_ours() {
    let files: [(&str, &[u8]); 2] = [
        ("p/__main__.py", b""),
        ("p/lib/python3.13/os.py", b"x = 1\n"),
    ];
    let (_folder, file) = sealed(&files, "p");
    let file = SealedFile::open(&file.unwrap()).unwrap();
    let payload = file.payload().unwrap();
    let theirs = payload.get(Kind::File, "app/lib/python3.13/os.py").unwrap();
    assert_eq!(&*theirs.unwrap().read().unwrap(), b"x = 1\n");
}

#[test]
fn shared_libraries_of_the_app_know_what_they_need() {
    let folder = tempfile::tempdir().unwrap();
    let gcc = |arguments: &[&str]| {
        let mut command = std::process::Command::new("gcc");
        let done = command
            .current_dir(folder.path())
            .args(["-shared", "-xc", "/dev/null"]);
        assert!(done.args(arguments).status().unwrap().success());
    };
    lay(folder.path(), &[("p/__main__.py", b""), ("p/libs/x", b"")]);
    gcc(&["-o", "p/libs/libdeep.so.1", "-Wl,-soname,libdeep.so.1"]);
    gcc(&[
        "-o",
        "p/mod.so",
        "-Wl,--no-as-needed",
        "-xnone",
        "p/libs/libdeep.so.1",
        "-Wl,-rpath,$ORIGIN/libs",
    ]);
    let sealed = build(&plan(folder.path(), "p"), &options(), &Silent).unwrap();
    let file = SealedFile::open(&sealed.path).unwrap();
    let entry = file
        .payload()
        .unwrap()
        .get(Kind::File, "app/mod.so")
        .unwrap()
        .unwrap();
    assert_eq!(entry.needs().unwrap(), ["app/libs/libdeep.so.1"]);
}

#[test]
fn a_syntax_error_of_the_app_is_found_before_anything_is_written() {
    let (folder, result) = sealed(&[("a.py", b"def f(:\n")], "a.py");
    let error = result.unwrap_err().to_string();
    let folder = folder.path();
    assert_eq!(
        error.replace(&format!("{}/", folder.display()), ""),
        "a.py, line 1: SyntaxError: invalid syntax"
    );
    assert!(!folder.join("out").exists());
}

#[test]
fn a_module_has_to_be_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let request = |m: &str| Request {
        module: Some(m.into()),
        output: Some(folder.path().join("app")),
        ..Request::default()
    };
    build(
        &recipe::plan(&request("http.server")).unwrap(),
        &options(),
        &Silent,
    )
    .unwrap();
    let error = build(
        &recipe::plan(&request("htpp")).unwrap(),
        &options(),
        &Silent,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no module `htpp`, neither in the project nor in its packages"
    );
    assert_eq!(
        error.hint().unwrap(),
        "name the folder that holds it, or add the package with -r"
    );
}

//! From files to a sealed file and back, with a C program for a runtime: what goes in, in which form,
//! the same bytes again, and every way in which the output can refuse to be written.

mod cancel;
mod own;
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

#[test]
fn outputs_that_cannot_be_written_stay_as_they_were() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[("app.py", b""), ("file", b"old"), ("readonly/app", b"old")],
    );
    fs_err::create_dir(folder.path().join("taken")).unwrap();
    let check = |output: &Path, expected: &str, hint: &str| {
        let plan = BuildPlan {
            output: output.into(),
            ..plan(folder.path(), "app.py")
        };
        let error = build(&plan, &options(), &Silent).unwrap_err();
        assert_eq!(
            error
                .to_string()
                .replace(&format!("{}/", folder.path().display()), ""),
            expected
        );
        assert_eq!(
            error
                .hint()
                .unwrap()
                .replace(&format!("{}/", folder.path().display()), ""),
            hint
        );
    };
    let path = |p: &str| folder.path().join(p);
    check(
        &path("taken"),
        "the output taken is a folder",
        "name the file to write: -o taken/app",
    );
    check(
        &path("file/app"),
        "cannot write file/app: file is not a folder",
        "choose another name with -o",
    );
    check(
        Path::new("/dev/null"),
        "the output /dev/null is not a regular file",
        "choose another name with -o",
    );
    assert_eq!(fs_err::read(path("file")).unwrap(), b"old");
    fs_err::set_permissions(path("readonly"), std::fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere; /sys refuses even root.
    let refused = if std::fs::write(path("readonly/probe"), "").is_ok() {
        PathBuf::from("/sys/app")
    } else {
        path("readonly/app")
    };
    let plan = BuildPlan {
        output: refused,
        ..plan(folder.path(), "app.py")
    };
    let error = build(&plan, &options(), &Silent).unwrap_err();
    assert!(error.to_string().starts_with("cannot write "), "{error}");
    assert_eq!(error.fault(), crate::Fault::Environment);
    fs_err::set_permissions(path("readonly"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs_err::read(path("readonly/app")).unwrap(), b"old");
}

#[test]
fn what_a_killed_build_left_is_cleaned_up_and_a_living_one_is_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b""), ("out/app", b"old")]);
    let mut living = crate::output::Unfinished::create(&folder.path().join("out/app")).unwrap();
    std::io::Write::write_all(living.file(), b"living").unwrap();
    let hidden = || -> Vec<PathBuf> {
        let all = fs_err::read_dir(folder.path().join("out"))
            .unwrap()
            .map(|e| e.unwrap().path());
        all.filter(|p| p.extension().is_some_and(|e| e == "part"))
            .collect()
    };
    let living_name = hidden().remove(0);
    // A killed build's file: of the same target, and nobody holds it.
    let stale = living_name
        .to_str()
        .unwrap()
        .replace(&format!("-{}-", std::process::id()), "-1-");
    fs_err::write(&stale, "stale").unwrap();
    build(&plan(folder.path(), "app.py"), &options(), &Silent).unwrap();
    assert_eq!(hidden(), [living_name]);
    let size = fs_err::metadata(folder.path().join("out/app"))
        .unwrap()
        .len();
    assert!(size > 1_000_000);
    living.finish(0o755).unwrap();
    assert_eq!(
        fs_err::read(folder.path().join("out/app")).unwrap(),
        b"living"
    );
    assert!(hidden().is_empty());
}

#[test]
fn two_builds_to_one_output_both_leave_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"print(1)\n")]);
    let plan = plan(folder.path(), "app.py");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| build(&plan, &options(), &Silent).unwrap());
        }
    });
    SealedFile::open(&plan.output)
        .unwrap()
        .verify(&|_| ())
        .unwrap();
    assert_eq!(
        fs_err::read_dir(folder.path().join("out")).unwrap().count(),
        1
    );
}

#[test]
fn files_that_are_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("text", b"hello"), ("empty", b"")]);
    let check = |path: &Path, expected: &str| {
        let error = SealedFile::open(path).unwrap_err();
        assert_eq!(
            error
                .to_string()
                .replace(&format!("{}/", folder.path().display()), ""),
            expected
        );
    };
    check(&folder.path().join("text"), "text: not an executable file");
    check(
        &folder.path().join("empty"),
        "empty: not an executable file",
    );
    check(&folder.path().join("missing"), "missing does not exist");
    check(
        Path::new("/bin/true"),
        "/bin/true: holds no Pyxidium payload",
    );
    let stub = runtime(folder.path(), &["-O1"]);
    check(&stub, "stub: holds no Pyxidium payload");
}

/// A tree as an installer lays it down, with the additions of that installer.
fn installed(root: &Path, installer: &str, shebang: &str) {
    let site = "lib/python3.13/site-packages";
    let script = format!("#!{shebang}\nimport demo\n");
    let record = format!(
        "../../../bin/demo,sha256=x{installer},9\n../../../bin/tool,,\n../../../share/demo/d.json,sha256=d,2\ndemo/__init__.py,sha256=a,6\n\
         demo/__pycache__/__init__.cpython-313.pyc,,\ndemo/old.py,sha256=o,9\ndemo/left.o,,\ndemo.pth,sha256=p,9\n\
         demo-1.0.dist-info/INSTALLER,sha256=i,3\ndemo-1.0.dist-info/METADATA,sha256=m,9\ndemo-1.0.dist-info/RECORD,,\n\
         /etc/passwd,,\n../../../../outside,,\n"
    );
    let extra = format!("{site}/demo-1.0.dist-info/uv_cache.json");
    lay(
        root,
        &[
            ("bin/demo", script.as_bytes()),
            ("bin/tool", b"\x7fELFbinary"),
            ("share/demo/d.json", b"{}"),
            (&format!("{site}/demo/__init__.py"), b"x = 1\n"),
            (
                &format!("{site}/demo/__pycache__/__init__.cpython-313.pyc"),
                b"pyc",
            ),
            (&format!("{site}/demo/old.py"), b"print 'old'\n"),
            (&format!("{site}/demo/left.o"), b"o"),
            (
                &format!("{site}/demo.pth"),
                b"# comment\ndemo\nnowhere\nimport demo; demo.start()\n",
            ),
            (
                &format!("{site}/demo-1.0.dist-info/INSTALLER"),
                installer.as_bytes(),
            ),
            (
                &format!("{site}/demo-1.0.dist-info/METADATA"),
                b"Name: demo\nVersion: 1.0\nLicense-Expression: MIT\n\nName: no\n",
            ),
            (
                &format!("{site}/demo-1.0.dist-info/RECORD"),
                record.as_bytes(),
            ),
            (&extra, b"{}"),
        ],
    );
}

#[test]
fn a_distribution_is_the_same_whoever_installed_it() {
    let read = |installer: &str, shebang: &str| {
        let folder = tempfile::tempdir().unwrap();
        installed(folder.path(), installer, shebang);
        assert_eq!(
            scan::installed(folder.path()).unwrap(),
            ["demo-1.0.dist-info"]
        );
        scan::read(folder.path(), "demo-1.0.dist-info", &[]).unwrap()
    };
    let (pip, uv) = (read("pip", "/tmp/a/python"), read("uv", "/tmp/b/python"));
    let key = |d: &scan::Distribution| crate::resolve::key::of_pack(&python(), &d.info, &d.inputs);
    assert_eq!(key(&pip), key(&uv));
    let names: Vec<&str> = pip.inputs.iter().map(|i| i.path.as_str()).collect();
    let site = "lib/python3.13/site-packages";
    assert_eq!(
        names,
        [
            "bin/tool",
            &format!("{site}/demo-1.0.dist-info/METADATA"),
            &format!("{site}/demo-1.0.dist-info/RECORD"),
            &format!("{site}/demo.pth"),
            &format!("{site}/demo/__init__.py"),
            &format!("{site}/demo/old.py"),
            "share/demo/d.json",
        ]
    );
    let record = &pip.inputs[2].data;
    assert_eq!(
        String::from_utf8_lossy(record),
        "../../../bin/tool,,\n../../../share/demo/d.json,sha256=d,2\ndemo-1.0.dist-info/METADATA,sha256=m,9\n\
         demo-1.0.dist-info/RECORD,,\ndemo.pth,sha256=p,9\ndemo/__init__.py,sha256=a,6\ndemo/old.py,sha256=o,9\n"
    );
    assert_eq!(pip.info.sys_path, [format!("{site}/demo")]);
    assert_eq!(pip.info.startup, ["import demo; demo.start()"]);
    assert_eq!(
        (pip.info.name.as_str(), pip.info.version.as_str()),
        ("demo", "1.0")
    );
    assert_eq!(pip.info.license.as_deref(), Some("MIT"));
}

#[test]
fn a_licence_is_a_name_and_not_a_text() {
    let check = |fields: &str, expected: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        installed(folder.path(), "pip", "/python");
        let metadata = format!("Name: demo\nVersion: 1.0\n{fields}\nLicense: in the description\n");
        let path = "lib/python3.13/site-packages/demo-1.0.dist-info/METADATA";
        lay(folder.path(), &[(path, metadata.as_bytes())]);
        let read = scan::read(folder.path(), "demo-1.0.dist-info", &[]).unwrap();
        assert_eq!(read.info.license.as_deref(), expected, "{fields}");
    };
    let classifier = "Classifier: License :: OSI Approved :: BSD License\n";
    check("", None);
    check("License: MIT\n", Some("MIT"));
    check("License: UNKNOWN\n", None);
    check(
        "License-Expression: MIT OR Apache-2.0\nLicense: x\n",
        Some("MIT OR Apache-2.0"),
    );
    check(
        &format!("License: =====\n        The text\n        of it\n{classifier}"),
        Some("BSD License"),
    );
    check("License: Copyright\n        all of it\n", None);
}

#[test]
fn a_damaged_pack_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pack");
    let info = crate::pack::PackInfo {
        name: "a".into(),
        version: "1".into(),
        ..Default::default()
    };
    let input = crate::pack::Input {
        path: "a/b.txt".into(),
        source: "b.txt".into(),
        data: vec![1; 5000],
        executable: false,
        needs: Vec::new(),
    };
    let make = || {
        let input = std::slice::from_ref(&input);
        crate::pack::make(
            &python(),
            info.clone(),
            input,
            crate::pack::Effort::Package,
            &path,
            &Silent,
        )
        .unwrap();
        fs_err::read(&path).unwrap()
    };
    let bytes = make();
    let packs = [path.clone()];
    assert!(!crate::build::discard_damaged(&packs, &Silent).unwrap());
    for at in [0, 100, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs_err::write(&path, changed).unwrap();
        assert!(
            crate::build::discard_damaged(&packs, &Silent).unwrap(),
            "{at}"
        );
        assert!(!path.exists());
        assert_eq!(make(), bytes);
    }
}

#[test]
fn errors_say_who_has_to_act_and_what_to_do() {
    use crate::{Fault, ToolOutput};
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let denied = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let source = || ToolOutput("said".into());
    let check = |error: Error, fault: Fault, expected: &str, hint: Option<&str>| {
        assert_eq!(
            (
                error.to_string().as_str(),
                error.fault(),
                error.hint().as_deref()
            ),
            (expected, fault, hint)
        );
    };
    let (user, machine) = (Fault::User, Fault::Environment);
    let path = || PathBuf::from("out/app");
    check(
        Error::write(&path(), full()),
        machine,
        "the disk is full: cannot write out/app",
        Some("free some space, or write elsewhere with -o"),
    );
    check(
        Error::write(&path(), denied()),
        machine,
        "cannot write out/app",
        Some("choose a folder that you may write to with -o"),
    );
    check(
        Error::NoCache,
        machine,
        "no folder for the cache: the user has no home folder",
        Some("set PYXIDIUM_CACHE to a folder that you may write to"),
    );
    check(
        Error::Installer {
            tool: "uv",
            source: source(),
        },
        machine,
        "uv could not install the packages",
        None,
    );
    check(
        Error::Offline,
        machine,
        "the packages are not in the cache, and --offline was given",
        Some("build once without --offline"),
    );
    check(
        Error::Network { source: source() },
        machine,
        "the package index cannot be reached",
        Some("check the connection and proxy; packages that were sealed before need none"),
    );
    check(
        Error::DamagedPack { path: path() },
        machine,
        "the cached pack out/app is damaged and could not be made again",
        Some("remove out/app"),
    );
    check(
        Error::OtherPlatform {
            wheel: "a.whl".into(),
            source: source(),
        },
        user,
        "a.whl was built for another platform or Python",
        Some("choose the wheel built for cp313 and this platform"),
    );
    check(
        Error::Conflict { source: source() },
        user,
        "the requirements cannot be satisfied together",
        Some("loosen one of the versions named above"),
    );
    check(
        Error::BadRequirements { source: source() },
        user,
        "the requirements cannot be read",
        None,
    );
    check(
        Error::Missing { path: path() },
        user,
        "out/app does not exist",
        None,
    );
    check(
        Error::Section {
            path: path(),
            source: crate::SectionError::NoReservation,
        },
        Fault::Internal,
        "out/app: not a runtime of Pyxidium: it reserves no place for a payload",
        None,
    );
    check(
        Error::Section {
            path: path(),
            source: crate::SectionError::Truncated {
                expected: 9,
                found: 5,
            },
        },
        user,
        "out/app: the file is cut short: it should have at least 9 bytes and has 5",
        Some("copy or download the file again"),
    );
}

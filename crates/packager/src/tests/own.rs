//! What Pyxidium carries and passes on: its Python package, its runtimes, and the whole packager.

use super::*;
use crate::Runtime;

/// In the C program that stands for the window runtime.
const WINDOW_MARK: &[u8] = b"a runtime with a window";
const SITE: &str = "lib/python3.13/site-packages";

fn names(file: &Path) -> Vec<String> {
    let file = SealedFile::open(file).unwrap();
    let payload = file.payload().unwrap();
    let name = |e: Result<packed_resources::Entry<'_>, _>| {
        let e = e.unwrap();
        (e.kind() == Kind::File).then(|| e.name().to_owned())
    };
    payload.iter().filter_map(name).collect()
}

fn has(file: &Path, name: &str) -> bool {
    names(file).iter().any(|n| n == name)
}

#[test]
fn every_app_can_import_pyxidium() {
    let (_folder, file) = sealed(&[("app.py", b"")], "app.py");
    let file = file.unwrap();
    let mut package: Vec<String> = names(&file);
    package.retain(|n| n.starts_with(SITE));
    assert_eq!(
        package,
        [
            format!("{SITE}/oxidized_importer/__init__.py"),
            format!("{SITE}/pyxidium/__init__.py"),
            format!("{SITE}/pyxidium/client/pyxidium.js"),
            format!("{SITE}/pyxidium/compute/__init__.py"),
        ]
    );
    let file = SealedFile::open(&file).unwrap();
    let payload = file.payload().unwrap();
    let code = payload.get(Kind::Code, &format!("{SITE}/pyxidium/__init__.py"));
    assert!(code.unwrap().is_some());
    let contents = inspect(&file).unwrap();
    let part = contents.packages.iter().find(|p| p.name == "(pyxidium)");
    assert_eq!(part.unwrap().files, 4);
}

/// What an app of this source has below `pyxidium/compute`, and the source of its `__init__`.
fn compute(source: &str, options: &BuildOptions<'_>) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[("app.py", source.as_bytes()), ("ui/index.html", b"")],
    );
    let sealed = build(&plan(folder.path(), "app.py"), options, &Silent).unwrap();
    let room = format!("{SITE}/pyxidium/compute/");
    let inside = |n: String| n.strip_prefix(&room).map(str::to_owned);
    let there = names(&sealed.path).into_iter().filter_map(inside).collect();
    let file = SealedFile::open(&sealed.path).unwrap();
    file.verify(&|_| ()).unwrap();
    let payload = file.payload().unwrap();
    let init = payload.get(Kind::File, &format!("{room}__init__.py"));
    let init = init.unwrap().unwrap().read().unwrap();
    (there, String::from_utf8(init.into_owned()).unwrap())
}

#[test]
fn compute_goes_only_into_apps_that_name_it() {
    let without = (
        vec!["__init__.py".to_owned()],
        "raise ImportError\n".to_owned(),
    );
    for source in [
        "",
        "import pyxidium as px\ncompute = px.command\n",
        "# import pyxidium.compute\nimport pyxidium.dialog\n",
    ] {
        assert_eq!(compute(source, &options()), without, "{source}");
    }
    let all = ["__init__.py", "_compute.so"].map(str::to_owned).to_vec();
    let with = (all, "y = 1\n".to_owned());
    for source in [
        "import pyxidium.compute\n",
        "import pyxidium.compute.sorting as s\n",
        "def f():\n    from pyxidium.compute import kernel\n",
        "from pyxidium import compute\n",
        "import pyxidium as px\npx.compute.threads()\n",
        "from importlib import import_module\nimport_module('pyxidium.compute.sorting')\n",
    ] {
        assert_eq!(compute(source, &options()), with, "{source}");
    }
    let development = BuildOptions {
        development: Some(crate::Development::Window { url: None }),
        ..options()
    };
    let source = "import pyxidium as px\npx.window()\n";
    assert_eq!(compute(source, &development), with);
}

#[test]
fn compute_and_oxidized_importer_go_into_apps_with_a_package_that_names_them() {
    let work = tempfile::tempdir().unwrap();
    let seal = |name: &str, source: &[u8]| {
        let prefix = work.path().join(name);
        let (module, info) = (format!("{name}.py"), format!("{name}-1.dist-info"));
        let record = format!("{module},,\n{info}/METADATA,,\n{info}/RECORD,,\n");
        let metadata = format!("Name: {name}\nVersion: 1\n");
        lay(
            &prefix.join(SITE),
            &[
                (&module, source),
                (&format!("{info}/METADATA"), metadata.as_bytes()),
                (&format!("{info}/RECORD"), record.as_bytes()),
            ],
        );
        let info = scan::read(&prefix, &info, &[]).unwrap().info;
        (info.compute, info.oxidized)
    };
    let compute = (true, false);
    assert_eq!(
        seal("fast", b"from pyxidium.compute import kernel\n"),
        compute
    );
    assert_eq!(
        seal("odd", b"from pyxidium import (\n    compute as c)\n"),
        compute
    );
    assert_eq!(seal("plain", b"import pyxidium\n"), (false, false));
    let oxidized = b"try:\n    import oxidized_importer\nexcept ImportError:\n    pass\n";
    assert_eq!(seal("old", oxidized), (false, true));
}

/// The files of `oxidized_importer` in an app of this source and pyproject.toml, and what runs first.
fn oxidized(source: &str, toml: &str) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("p/__main__.py", source.as_bytes()),
            ("p/pyproject.toml", toml.as_bytes()),
        ],
    );
    let sealed = build(&plan(folder.path(), "p"), &options(), &Silent).unwrap();
    let room = format!("{SITE}/oxidized_importer/");
    let inside = |n: String| n.strip_prefix(&room).map(str::to_owned);
    let there = names(&sealed.path).into_iter().filter_map(inside).collect();
    let file = SealedFile::open(&sealed.path).unwrap();
    let payload = file.payload().unwrap();
    let code = payload.get(Kind::Code, &format!("{room}__init__.py"));
    assert!(code.unwrap().is_some());
    assert!(
        payload
            .get(
                Kind::File,
                &format!("{SITE}/pyxidium/oxidized_importer/__init__.py")
            )
            .unwrap()
            .is_none()
    );
    (there, payload.manifest().unwrap().startup)
}

#[test]
fn oxidized_importer_goes_where_it_is_named_or_asked_for() {
    let without = ["__init__.py"].map(str::to_owned).to_vec();
    let with = ["__init__.py", "_finder.py"].map(str::to_owned).to_vec();
    let first = vec!["import oxidized_importer".to_owned()];
    let named = "def f():\n    import oxidized_importer as o\n";
    let wanted = "[tool.pyxidium]\noxidized-importer = true\n";
    let unwanted = "[tool.pyxidium]\noxidized-importer = false\n";
    assert_eq!(oxidized("import sys\n", ""), (without.clone(), vec![]));
    assert_eq!(oxidized(named, ""), (with.clone(), vec![]));
    assert_eq!(oxidized("import sys\n", wanted), (with, first));
    assert_eq!(oxidized(named, unwanted), (without, vec![]));
}

#[test]
fn stubs_are_for_authors() {
    let own = names(&base().file);
    for (name, there) in [
        ("__init__.pyi", true),
        ("client/pyxidium.d.ts", true),
        ("client/pyxidium.test.ts", false),
        ("__pycache__/x.pyc", false),
    ] {
        let path = format!("{SITE}/pyxidium/{name}");
        assert_eq!(own.contains(&path), there, "{name}");
    }
}

#[test]
fn an_app_that_carries_the_packager_can_seal() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b""), ("other.py", b"x = 1\n")]);
    let studio = BuildPlan {
        packager: true,
        ..plan(folder.path(), "app.py")
    };
    let studio = build(&studio, &options(), &Silent).unwrap();
    for name in [
        "runtime/console",
        "runtime/window",
        &format!("{SITE}/pip/__init__.py"),
        &format!("{SITE}/pyxidium/client/pyxidium.d.ts"),
        &format!("{SITE}/pyxidium/compute/_compute.so"),
        &format!("{SITE}/pyxidium/_without_compute.py"),
        &format!("{SITE}/pyxidium/oxidized_importer/_finder.py"),
    ] {
        assert!(has(&studio.path, name), "{name}");
    }
    let bytes: &'static [u8] = fs_err::read(&studio.path).unwrap().leak();
    let place = crate::section::elf::find(bytes).unwrap();
    let by_studio = BuildOptions {
        base: Payload::parse(&bytes[place]).unwrap(),
        ..options()
    };
    let seal = |options: &BuildOptions<'_>, output: &str| {
        let plan = BuildPlan {
            output: folder.path().join(output),
            ..plan(folder.path(), "other.py")
        };
        fs_err::read(build(&plan, options, &Silent).unwrap().path).unwrap()
    };
    assert!(seal(&by_studio, "one") == seal(&options(), "two"));
}

#[test]
fn a_runtime_of_the_authors_own() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b""), ("text", b"hello")]);
    let with = |file: &str| {
        let plan = BuildPlan {
            runtime: Some(folder.path().join(file)),
            ..plan(folder.path(), "app.py")
        };
        build(&plan, &options(), &Silent)
    };
    let refused = |file: &str| {
        let error = with(file).unwrap_err();
        let hint = error
            .hint()
            .map(|h| format!("\nhint: {h}"))
            .unwrap_or_default();
        format!("{error}{hint}").replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(refused("missing"), "missing does not exist");
    assert_eq!(
        refused("text"),
        "text cannot be used as a runtime: not an executable file\n\
         hint: a runtime is a program that was built with Pyxidium's crates and not yet sealed"
    );
    runtime(folder.path(), &["-O1", "-DOTHER"]);
    assert!(with("stub").is_ok());
    // A sealed file is a program that was built with our crates, but has its payload.
    fs_err::copy(folder.path().join("out/app"), folder.path().join("sealed")).unwrap();
    assert!(
        refused("sealed")
            .starts_with("sealed cannot be used as a runtime: already holds a payload")
    );
}

#[test]
fn an_app_with_a_window_gets_the_runtime_with_one() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("app.py", b"import pyxidium as px\npx.window(title='T')\n"),
            ("ui/index.html", b""),
        ],
    );
    let seal = |options: &BuildOptions<'_>| {
        let sealed = build(&plan(folder.path(), "app.py"), options, &Silent).unwrap();
        SealedFile::open(&sealed.path).unwrap()
    };
    let file = seal(&options());
    let manifest = file.payload().unwrap().manifest().unwrap();
    assert_eq!(manifest.window.unwrap().title, "T");
    let sealed_into = fs_err::read(folder.path().join("out/app")).unwrap();
    let marked = |bytes: &[u8]| bytes.windows(WINDOW_MARK.len()).any(|w| w == WINDOW_MARK);
    assert!(marked(&sealed_into));
    assert!(names(&folder.path().join("out/app")).contains(&"app/ui/index.html".to_owned()));

    let development = BuildOptions {
        development: Some(crate::Development::Window {
            url: Some("http://localhost:5173".into()),
        }),
        ..options()
    };
    let file = seal(&development);
    let window = file.payload().unwrap().manifest().unwrap().window.unwrap();
    let real = fs_err::canonicalize(folder.path()).unwrap();
    let path = |p: &str| real.join(p).display().to_string();
    let expected = packed_resources::DevConfig {
        folder: real.display().to_string(),
        script: Some(path("app.py")),
        ui: path("ui"),
        url: Some("http://localhost:5173".into()),
    };
    assert_eq!(window.dev, Some(expected));
    let left = names(&folder.path().join("out/app"));
    assert!(!left.iter().any(|n| n.starts_with("app/")), "{left:?}");
}

#[test]
fn a_tool_runs_instead_of_the_app_and_finds_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"def broken(:\n")]);
    let options = BuildOptions {
        development: Some(crate::Development::Tool {
            module: "pyxidium.types".into(),
        }),
        ..options()
    };
    let sealed = build(&plan(folder.path(), "app.py"), &options, &Silent).unwrap();
    let file = SealedFile::open(&sealed.path).unwrap();
    let manifest = file.payload().unwrap().manifest().unwrap();
    assert_eq!(
        manifest.entry,
        packed_resources::EntryPoint::Module {
            name: "pyxidium.types".into()
        }
    );
    let real = fs_err::canonicalize(folder.path()).unwrap();
    assert_eq!(manifest.sys_path[0], real.display().to_string());
}

#[test]
fn a_watched_app_runs_its_sources_after_a_line() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("app.py", b"print(1)\n"),
            (
                "window.py",
                b"import pyxidium as px\npx.window(title='T')\n",
            ),
            ("ui/index.html", b""),
        ],
    );
    let options = BuildOptions {
        development: Some(crate::Development::Watched {
            startup: "import this".into(),
        }),
        ..options()
    };
    let manifest = |script: &str| {
        let sealed = build(&plan(folder.path(), script), &options, &Silent).unwrap();
        assert!(has(
            &sealed.path,
            &format!("{SITE}/pyxidium/compute/_compute.so")
        ));
        let left = names(&sealed.path);
        assert!(!left.iter().any(|n| n.starts_with("app/")), "{left:?}");
        let file = SealedFile::open(&sealed.path).unwrap();
        file.payload().unwrap().manifest().unwrap()
    };
    let real = fs_err::canonicalize(folder.path()).unwrap();
    let console = manifest("app.py");
    let path = real.join("app.py").display().to_string();
    assert_eq!(console.entry, packed_resources::EntryPoint::Script { path });
    assert_eq!(console.sys_path[0], real.display().to_string());
    assert_eq!(console.startup, ["import this"]);
    let dev = manifest("window.py").window.unwrap().dev.unwrap();
    let path = real.join("window.py").display().to_string();
    assert_eq!(dev.script, Some(path));
}

#[test]
fn only_an_app_with_a_window_is_developed_in_one() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"print(1)\n")]);
    let options = BuildOptions {
        development: Some(crate::Development::Window { url: None }),
        ..options()
    };
    let error = build(&plan(folder.path(), "app.py"), &options, &Silent).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the app has no window: no source calls px.window"
    );
    assert_eq!(
        error.hint().unwrap(),
        "add a window, or run the app with `pyxidium python`"
    );
}

#[test]
fn a_base_without_a_runtime_is_told() {
    let bytes = {
        let mut bytes = Vec::new();
        packed_resources::Writer::new().finish(&mut bytes).unwrap();
        bytes
    };
    let empty = Payload::parse(&bytes).unwrap();
    let error = Runtime::Window.head(&empty).unwrap_err();
    assert_eq!(error.to_string(), "this Pyxidium carries no window runtime");
    assert_eq!(error.hint().unwrap(), "install Pyxidium again");
    assert_eq!(error.fault(), crate::Fault::Environment);
}

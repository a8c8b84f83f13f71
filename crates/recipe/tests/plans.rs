//! What projects are planned as, and every message about a project that cannot be.

use std::path::{Path, PathBuf};

use recipe::{BuildPlan, Entry, Error, Fault, Request, plan};

/// A project in a folder of its own.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = project.path(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn request(&self, path: &str) -> Request {
        Request {
            path: Some(self.path(path)),
            output: Some(self.path("out/app")),
            ..Request::default()
        }
    }

    fn plan(&self, path: &str) -> BuildPlan {
        plan(&self.request(path)).unwrap()
    }

    /// The files that go in.
    fn check(&self, path: &str, expected: &[&str]) {
        assert_eq!(files(&self.plan(path)), expected);
    }

    /// Message and hint, with the folder's name left out.
    fn refuse(&self, request: &Request, expected: &str) {
        let error = plan(request).unwrap_err();
        assert_eq!(self.shown(&error), expected);
    }

    fn shown(&self, error: &Error) -> String {
        let hint = error
            .hint()
            .map(|h| format!("\nhint: {h}"))
            .unwrap_or_default();
        format!("{error}{hint}")
            .replace(&format!("{}/", self.0.path().display()), "")
            .replace(&self.0.path().display().to_string(), "DIR")
    }
}

fn files(plan: &BuildPlan) -> Vec<&str> {
    plan.files.iter().map(|f| f.path.as_str()).collect()
}

#[test]
fn a_script_brings_the_modules_that_it_imports() {
    let project = Project::new(&[
        (
            "app.py",
            "import helper, json\nfrom pkg.sub import thing\ndef f():\n    import late\n",
        ),
        ("helper.py", "import deeper\n"),
        ("deeper.py", "from app import x\n"),
        ("late.py", ""),
        ("unused.py", ""),
        ("pkg/__init__.py", "import viapkg"),
        ("pkg/sub.py", ""),
        ("pkg/data.json", "{}"),
        ("pkg/__pycache__/sub.cpython-313.pyc", ""),
        ("viapkg.py", ""),
        ("space/inner.py", ""),
        ("json/data.txt", "not a package"),
    ]);
    project.check(
        "app.py",
        &[
            "app.py",
            "deeper.py",
            "helper.py",
            "late.py",
            "pkg/__init__.py",
            "pkg/data.json",
            "pkg/sub.py",
            "viapkg.py",
        ],
    );
    let plan = project.plan("app.py");
    assert_eq!(plan.name, "app");
    assert_eq!(
        plan.entry,
        Entry::Script {
            path: "app.py".into()
        }
    );
    assert!(
        plan.notes
            .iter()
            .any(|n| n.starts_with("pkg: imported by the app, 3 files")),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_namespace_folder_counts_where_it_holds_python() {
    let project = Project::new(&[
        ("app.py", "import space.inner\n"),
        ("space/inner.py", ""),
        ("space/x.txt", ""),
    ]);
    project.check("app.py", &["app.py", "space/inner.py", "space/x.txt"]);
}

#[test]
fn inline_metadata() {
    let project = Project::new(&[
        (
            "app.py",
            "#!/usr/bin/env -S uv run\r\n# /// script\r\n# requires-python = \">=3.11\"\r\n# dependencies = [\r\n#   \"numpy>=2\",\r\n\
             #   \"rich\",\r\n# ]\r\n# [tool.pyxidium]\r\n# name = \"shown\"\r\n# include = [\"data/*.csv\", \"assets\"]\r\n\
             # exclude = [\"data/big.csv\"]\r\n# native-libraries = \"cache\"\r\n# ///\r\nprint(1)\r\n",
        ),
        ("data/a.csv", ""),
        ("data/big.csv", ""),
        ("data/deep/b.csv", ""),
        ("assets/x/y.png", ""),
    ]);
    let plan = project.plan("app.py");
    assert_eq!(files(&plan), ["app.py", "assets/x/y.png", "data/a.csv"]);
    assert_eq!(plan.name, "shown");
    assert_eq!(plan.native_libraries, recipe::NativeLibraries::Cache);
    let requirements: Vec<_> = plan
        .requirements
        .iter()
        .map(|r| (r.text.as_str(), r.origin.line))
        .collect();
    assert_eq!(requirements, [("numpy>=2", 5), ("rich", 6)]);
}

#[test]
fn marks_cookies_and_odd_names() {
    let project = Project::new(&[
        (
            "bom.py",
            "\u{feff}# /// script\n# dependencies = [\"six\"]\n# ///\n",
        ),
        ("my app ü.py", "print(1)"),
    ]);
    assert_eq!(project.plan("bom.py").requirements[0].text, "six");
    assert_eq!(project.plan("my app ü.py").name, "my app ü");
    fs_err::write(
        project.path("latin.py"),
        b"# coding: latin-1\n# /// script\n# dependencies = [\"six\"]\n# ///\nx='\xe9'",
    )
    .unwrap();
    assert_eq!(project.plan("latin.py").requirements.len(), 1);
}

#[test]
fn a_folder_goes_in_but_for_what_nobody_means() {
    let project = Project::new(&[
        ("p/__main__.py", ""),
        ("p/lib/a.py", ""),
        ("p/data/x.bin", ""),
        ("p/.git/config", ""),
        ("p/.env", ""),
        ("p/__pycache__/a.pyc", ""),
        ("p/lib/__pycache__/a.pyc", ""),
        ("p/venv/pyvenv.cfg", ""),
        ("p/venv/lib/x.py", ""),
        ("p/build/lib/a.py", ""),
        ("p/dist/p.whl", ""),
        ("p/p.egg-info/PKG-INFO", ""),
        ("p/node_modules/x/y.js", ""),
        ("p/target/CACHEDIR.TAG", ""),
        ("p/target/debug/x", ""),
        ("p/lib/build/keep.txt", ""),
        ("p/old", "an earlier output"),
    ]);
    let mut request = project.request("p");
    request.output = Some(project.path("p/old"));
    let plan = plan(&request).unwrap();
    assert_eq!(
        files(&plan),
        [
            "__main__.py",
            "data/x.bin",
            "lib/a.py",
            "lib/build/keep.txt"
        ]
    );
    assert_eq!(plan.entry, Entry::Folder);
    assert!(
        plan.notes
            .contains(&"venv/: left out (a virtual environment)".to_owned()),
        "{:?}",
        plan.notes
    );
}

#[test]
fn links_in_a_circle_end() {
    let project = Project::new(&[("p/__main__.py", ""), ("p/sub/a.py", "")]);
    std::os::unix::fs::symlink("..", project.path("p/sub/up")).unwrap();
    std::os::unix::fs::symlink("nowhere", project.path("p/dangling")).unwrap();
    std::os::unix::fs::symlink("sub", project.path("p/again")).unwrap();
    project.check("p", &["__main__.py", "again/a.py", "sub/a.py"]);
}

#[test]
fn pyproject_and_a_src_folder() {
    let project = Project::new(&[
        (
            "p/pyproject.toml",
            "[project]\nname = \"shown\"\nversion = \"1.2\"\nrequires-python = \">=3.9\"\ndependencies = [\"rich\"]\n\n\
             [tool.pyxidium]\nmodule = \"pkg\"\n[tool.other]\nx = 1\n",
        ),
        ("p/src/pkg/__init__.py", ""),
        ("p/src/pkg/__main__.py", ""),
        ("p/tests/test_x.py", ""),
    ]);
    let plan = project.plan("p");
    assert_eq!(files(&plan), ["pkg/__init__.py", "pkg/__main__.py"]);
    assert_eq!(
        (plan.name.as_str(), plan.version.as_deref()),
        ("shown", Some("1.2"))
    );
    assert_eq!(plan.entry, Entry::Module { name: "pkg".into() });
    assert_eq!(plan.requirements[0].origin.line, 5);
}

#[test]
fn a_requirements_file_that_is_not_named_is_pointed_out() {
    let project = Project::new(&[("p/__main__.py", ""), ("p/requirements.txt", "six\n")]);
    let plan = project.plan("p");
    assert!(
        plan.warnings[0].contains("requirements.txt is not used unless named: -r "),
        "{:?}",
        plan.warnings
    );
}

#[test]
fn a_module_alone_may_come_from_a_package() {
    let plan = plan(&Request {
        module: Some("http.server".into()),
        ..Request::default()
    })
    .unwrap();
    assert_eq!(
        (plan.name.as_str(), plan.output.as_path()),
        ("http", Path::new("http"))
    );
    assert!(plan.files.is_empty());
}

#[test]
fn every_error_says_what_where_and_what_next() {
    let project = Project::new(&[
        ("app.py", ""),
        ("empty/x.txt", ""),
        ("recipe/pyoxidizer.bzl", ""),
        ("sealed", "\u{7f}ELF\u{2}\u{1}"),
        ("tools/a/__main__.py", ""),
        ("tools/src/b/__main__.py", ""),
        ("pkgs/plain/__init__.py", ""),
        (
            "toml.py",
            "# /// script\n# dependencies = [\n#   six\n# ]\n# ///\n",
        ),
        (
            "types.py",
            "# /// script\n# dependencies = \"six\"\n# ///\n",
        ),
        ("open.py", "\n# /// script\n# dependencies = []\n"),
        ("two.py", "# /// script\n# ///\n\n# /// script\n# ///\n"),
        (
            "old.py",
            "# /// script\n# requires-python = \"<3.13\"\n# ///\n",
        ),
        (
            "spec.py",
            "# /// script\n# requires-python = \"3.13\"\n# ///\n",
        ),
        (
            "option.py",
            "# /// script\n# dependencies = [\"--index-url=x\"]\n# ///\n",
        ),
        (
            "key.py",
            "# /// script\n# [tool.pyxidium]\n# includes = []\n# ///\n",
        ),
        (
            "policy.py",
            "# /// script\n# [tool.pyxidium]\n# native-libraries = \"disk\"\n# ///\n",
        ),
        (
            "name.py",
            "# /// script\n# [tool.pyxidium]\n# name = \"a/b\"\n# ///\n",
        ),
        (
            "none.py",
            "# /// script\n# [tool.pyxidium]\n# include = [\n#   \"date/*.csv\"]\n# ///\n",
        ),
        (
            "out.py",
            "# /// script\n# [tool.pyxidium]\n# include = [\"../x\"]\n# ///\n",
        ),
        (
            "glob.py",
            "# /// script\n# [tool.pyxidium]\n# include = [\"a[\"]\n# ///\n",
        ),
    ]);
    let check = |path: &str, expected: &str| project.refuse(&project.request(path), expected);
    check("nothing.py", "nothing.py does not exist");
    check(
        "empty",
        "empty has no __main__.py\nhint: add a __main__.py, or name the script to run",
    );
    let recipe = "recipe/pyoxidizer.bzl is a recipe, which only `pyxidium build` carries out\n\
        hint: name a script or a folder; packages are targets of the recipe, which return `exe.to_deb()` or `exe.to_rpm()`: \
        `pyxidium build --target NAME`";
    check("recipe", recipe);
    check("recipe/pyoxidizer.bzl", recipe);
    check(
        "sealed",
        "sealed is a program, not a script\nhint: name the script or folder that it was made of; `pyxidium inspect`, \
         `licenses`, `sbom` and `verify` look into sealed files",
    );
    check(
        "tools",
        "tools has no __main__.py\nhint: name the module to run: -m a, or -m b",
    );
    check(
        "toml.py",
        "toml.py, line 3: string values must be quoted, expected literal string",
    );
    check(
        "types.py",
        "types.py, line 2: invalid type: string \"six\", expected a sequence",
    );
    check(
        "open.py",
        "open.py, line 2: the `# /// script` block is not closed by a line `# ///`\n\
         hint: every line of the block begins with `#`, and the last is `# ///`",
    );
    check(
        "two.py",
        "two.py, line 4: a second `# /// script` block (the first is at line 1)\nhint: keep one block and move its lines there",
    );
    check(
        "old.py",
        "old.py, line 2: the project requires Python <3.13, but sealed apps get Python 3.13.5\n\
         hint: widen `requires-python` if the project also runs there",
    );
    check(
        "spec.py",
        "spec.py, line 2: `3.13` is not a version specifier\nhint: write it as in `requires-python = \">=3.11\"`",
    );
    check(
        "option.py",
        "option.py, line 2: `--index-url=x` is not a requirement\n\
         hint: write it as in `dependencies = [\"numpy>=2\"]`; options go to the command line",
    );
    check(
        "key.py",
        "key.py, line 3: unknown key `includes` in [tool.pyxidium]\n\
         hint: known keys: name, identifier, include, exclude, module, native-libraries, capabilities, runtime, window, interpreter, install, update, only-used, keep, strip, compress, smallest, wheel, oxidized-importer",
    );
    check(
        "policy.py",
        "policy.py, line 3: `native-libraries` is \"memory\" or \"cache\", not \"disk\"",
    );
    check("name.py", "name.py, line 3: `a/b` is not a file name");
    check(
        "none.py",
        "none.py, line 4: `date/*.csv` in `include` matches no file\n\
         hint: patterns are relative to the file's folder: \"data/*.csv\", \"assets/**\"",
    );
    check(
        "out.py",
        "out.py, line 3: `../x` leaves the folder: patterns are relative and stay inside it",
    );
    check(
        "glob.py",
        "glob.py, line 3: `a[` is not a pattern: unclosed character class; missing ']'",
    );

    let with_module = |path: &str, module: &str| Request {
        module: Some(module.into()),
        ..project.request(path)
    };
    project.refuse(&with_module("tools", "a-b"), "`a-b` is not a module name\nhint: a module is named as in Python's `import`: -m package.module");
    project.refuse(
        &with_module("app.py", "a"),
        "-m a needs a folder to look in, but app.py is a file\nhint: name the folder instead: DIR",
    );
    project.refuse(
        &with_module("pkgs", "plain"),
        "the package `plain` in pkgs has no __main__.py\nhint: add plain/__main__.py, or name a module of it",
    );
    project.refuse(&Request::default(), "nothing to build: no script, folder or module was named\nhint: name a script or a folder: `pyxidium build app.py`");
    let missing = Request {
        requirements: vec![project.path("r.txt")],
        ..project.request("app.py")
    };
    project.refuse(&missing, "the requirements file r.txt does not exist");
    let itself = Request {
        output: Some(project.path("app.py")),
        ..project.request("app.py")
    };
    project.refuse(
        &itself,
        "the output app.py is the script itself\nhint: choose another name with -o",
    );
    assert_eq!(plan(&itself).unwrap_err().fault(), Fault::User);
}

#[test]
fn names_that_are_not_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::new(&[("p/__main__.py", "")]);
    let odd = project
        .path("p")
        .join(std::ffi::OsStr::from_bytes(b"a\xff"));
    fs_err::write(odd, "").unwrap();
    project.refuse(
        &project.request("p"),
        "the file name p/a\u{fffd} is not valid UTF-8",
    );
}

#[test]
fn settings_of_the_interpreter() {
    let project = Project::new(&[
        (
            "a.py",
            "# /// script\n# [tool.pyxidium.interpreter]\n# optimization-level = 2\n\
             # warn-options = [\"error\"]\n# sys-frozen = false\n# ///\n",
        ),
        (
            "b.py",
            "# /// script\n# [tool.pyxidium.interpreter]\n# optimisation = 2\n# ///\n",
        ),
        (
            "c.py",
            "# /// script\n# [tool.pyxidium.interpreter]\n# quiet = true\n# verbose = \"very\"\n# ///\n",
        ),
        (
            "d.py",
            "# /// script\n# [tool.pyxidium.interpreter]\n# optimization-level = 3\n# ///\n",
        ),
    ]);
    let plan = project.plan("a.py");
    let expected = recipe::InterpreterSettings {
        optimization_level: 2,
        warn_options: vec!["error".into()],
        sys_frozen: false,
        ..recipe::InterpreterSettings::default()
    };
    assert_eq!(plan.interpreter, expected);
    let error = plan_error(&project, "b.py");
    let start = "b.py, line 3: unknown key `optimisation` in [tool.pyxidium.interpreter]; known keys: \
                 optimization-level, isolated, ";
    assert!(error.starts_with(start), "{error}");
    let error = plan_error(&project, "c.py");
    assert!(
        error.starts_with("c.py, line 4: `verbose`: invalid type: string \"very\""),
        "{error}"
    );
    let error = plan_error(&project, "d.py");
    assert_eq!(error, "d.py, line 3: `optimization-level` is 0, 1 or 2");
}

fn plan_error(project: &Project, path: &str) -> String {
    project.shown(&plan(&project.request(path)).unwrap_err())
}

#[test]
fn scripts_and_extras_of_a_project() {
    let scripts = |list: &str| {
        let toml = format!(
            "[project]\nname = \"tool\"\ndependencies = [\"a\"]\n\
             [project.optional-dependencies]\nFast_IO = [\"b>=2\"]\n[project.scripts]\n{list}"
        );
        Project::new(&[
            ("p/pyproject.toml", &toml),
            ("p/src/tool/__init__.py", ""),
            ("p/src/tool/cli.py", ""),
        ])
    };
    let function = |f: &str| Entry::Function {
        module: "tool.cli".into(),
        function: f.into(),
    };
    let one = scripts("run = \"tool.cli:main\"\n");
    let plan_of_one = one.plan("p");
    assert_eq!(plan_of_one.entry, function("main"));
    assert_eq!(files(&plan_of_one), ["tool/__init__.py", "tool/cli.py"]);
    assert_eq!(plan_of_one.requirements.len(), 1);

    let mut request = one.request("p");
    request.extras = vec!["fast-io".into()];
    let texts: Vec<_> = plan(&request).unwrap().requirements;
    assert_eq!(texts[1].text, "b>=2");
    assert_eq!(texts[1].origin.line, 5);
    request.extras = vec!["slow".into()];
    one.refuse(
        &request,
        "p has no optional dependencies named `slow`\nhint: there are: fast-io",
    );

    let several =
        scripts("x = \"tool.cli:first\"\ny = \"tool.cli:App.run [extra]\"\nz = \"tool\"\n");
    let mut request = several.request("p");
    several.refuse(
        &request,
        "p has several scripts\nhint: name one: --script x, or --script y, or --script z",
    );
    request.script = Some("y".into());
    assert_eq!(plan(&request).unwrap().entry, function("App.run"));
    request.script = Some("w".into());
    several.refuse(
        &request,
        "p has no script `w`\nhint: name one: --script x, or --script y, or --script z",
    );
    request.script = Some("z".into());
    several.refuse(
        &request,
        "the script `tool` of p is not written as `module:function`\n\
         hint: write it as in `myapp = \"mypackage.cli:main\"`",
    );
    // The one that is named like the project.
    let named = scripts("other = \"tool.cli:other\"\ntool = \"tool.cli:main\"\n");
    assert_eq!(named.plan("p").entry, function("main"));
}

#[test]
fn a_script_for_a_desktop_wants_no_terminal() {
    let toml = "[project]\nname = \"w\"\n[project.scripts]\ncli = \"w:cli\"\n[project.gui-scripts]\ngui = \"w:gui\"\n";
    let project = Project::new(&[("p/pyproject.toml", toml), ("p/w.py", "")]);
    let graphical = |script: &str| {
        let request = Request {
            script: Some(script.into()),
            ..project.request("p")
        };
        plan(&request).unwrap().about.graphical
    };
    assert_eq!(graphical("cli"), None);
    assert_eq!(graphical("gui"), Some(true));
    let said = format!("{toml}[tool.pyxidium.install]\ngraphical = false\n");
    fs_err::write(project.path("p/pyproject.toml"), said).unwrap();
    assert_eq!(graphical("gui"), Some(false));
}

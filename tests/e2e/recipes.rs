//! Recipes built with the real command line, and what comes of them run. Packages come from the wheels of
//! `fixtures/`, so no network is needed.

use std::fs;
use std::path::Path;

use pyxidium_tests::TestContext;

const FOLDER: &str = "build/x86_64-unknown-linux-gnu/release";

/// A wheel of a small package, for `--find-links`.
fn wheel(context: &TestContext) {
    context.write(
        "wheel/pyoxidizer.bzl",
        r#"
def make():
    b = PythonWheelBuilder("greet", "1.0")
    for name, text in [
        ("__init__.py", "def main():\n    print('hello from greet')\n"),
        ("extra.py", "WORD = 'extra'\n"),
        ("data/text.txt", "a text\n"),
    ]:
        b.add_file(FileContent(filename = name.split("/")[-1], content = text), path = "greet/" + name)
    return b

register_target("wheel", make)
resolve_targets()
"#,
    );
    context
        .run_pyxidium(["build", "wheel", "-o", "wheels/"])
        .expect_success();
}

fn tree(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_default_target_of_a_folder_is_built_and_runs() {
    let context = TestContext::new("recipe-default");
    fs::create_dir_all(context.join("wheels")).unwrap();
    wheel(&context);
    assert_eq!(
        tree(&context.join("wheels")),
        ["greet-1.0-py3-none-any.whl"]
    );
    context.write(
        "pyoxidizer.bzl",
        r#"
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = "import greet; greet.main()"
    exe = dist.to_python_executable(name = "hello", config = config)
    exe.add_python_resources(exe.pip_install(["--no-index", "--find-links", "wheels", "greet"]))
    return exe

def make_install(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    files.add_file(FileContent(filename = "README", content = VARS.get("text", "none")))
    return files

def make_msi(exe):
    return exe.to_wix_msi_builder("hello", "Hello", "1.0", "Jo Doe")

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
register_target("msi", make_msi, depends = ["exe"])
resolve_targets()
"#,
    );
    context
        .run_pyxidium(["build", "-v", "text=given"])
        .expect_success();
    let folder = context.join(FOLDER).join("install");
    assert_eq!(tree(&folder), ["README", "hello"]);
    assert_eq!(fs::read_to_string(folder.join("README")).unwrap(), "given");
    context
        .run(&folder.join("hello"), [""; 0])
        .expect_success()
        .expect_stdout("hello from greet\n");

    // What is no longer part of the target goes; another target, another place.
    context.write(format!("{FOLDER}/install/old"), "old");
    context
        .run_pyxidium(["build", "--target", "exe", "-o", "out/app"])
        .expect_success();
    assert!(context.join("out/app").is_file() && folder.join("old").is_file());
    context.run_pyxidium(["build", "--json"]).expect_success();
    assert_eq!(tree(&folder), ["README", "hello"]);

    // An MSI is built elsewhere, and says so before anything is done.
    context
        .run_pyxidium(["build", "--target", "msi"])
        .expect_code(1)
        .expect_stderr(&[
            "line 17: Windows installer (MSI): it is built on Windows",
            "hint: build this target on Windows",
        ]);
    let listed = context.run_pyxidium(["targets"]);
    listed.expect_success();
    let stdout = listed.stdout();
    assert!(stdout.contains("install (default)"), "{stdout}");
    assert!(stdout.contains("it is built on Windows"), "{stdout}");
    let json = context.run_pyxidium(["targets", "--json"]).stdout();
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list[1]["default"], true, "{json}");
    assert!(
        list[0]["not_here"].is_null() && list[2]["not_here"].is_string(),
        "{json}"
    );
}

#[test]
fn what_a_callback_leaves_out_is_not_there_and_the_app_says_why() {
    let context = TestContext::new("recipe-left-out");
    fs::create_dir_all(context.join("wheels")).unwrap();
    wheel(&context);
    context.write(
        "pyoxidizer.bzl",
        r#"def drop(policy, resource):
    if type(resource) == "PythonModuleSource" and resource.name in ["greet.extra", "json.tool"]:
        if "WORD" in resource.source or resource.is_stdlib:
            resource.add_include = False

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.register_resource_callback(drop)
    config = dist.make_python_interpreter_config()
    config.run_filename = "main.py"
    config.utf8_mode = True
    exe = dist.to_python_executable(name = "app", packaging_policy = policy, config = config)
    exe.add_python_resources(exe.pip_install(["-f", "wheels", "--no-index", "greet"]))
    exe.add_python_resource(exe.make_python_module_source("stamp", "VALUE = 'made up'\n", False))
    exe.add_python_resources(exe.read_package_root("src", ["local"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
"#,
    );
    context.write("src/local/__init__.py", "WORD = 'local'\n");
    context.write(
        "main.py",
        r#"
import sys
from importlib import metadata, resources
import greet, local, stamp
print(stamp.VALUE, local.WORD, sys.flags.utf8_mode, metadata.version("greet"))
print(resources.files("greet").joinpath("data/text.txt").read_text(), end="")
for name in ["greet.extra", "json.tool"]:
    try:
        __import__(name)
    except ModuleNotFoundError as e:
        print(name, "pyoxidizer.bzl, line 4" in str(e) or "pyoxidizer.bzl, line 4" in "".join(getattr(e, "__notes__", [])))
"#,
    );
    let app = context.join("app");
    context
        .run_pyxidium(["build", "-o", "app"])
        .expect_success();
    context
        .run(&app, [""; 0])
        .expect_success()
        .expect_stdout("made up local 1 1.0\na text\ngreet.extra True\njson.tool True\n");
}

#[test]
fn a_wheel_is_one_that_pip_installs() {
    let context = TestContext::new("recipe-wheel");
    fs::create_dir_all(context.join("wheels")).unwrap();
    wheel(&context);
    let first = fs::read(context.join("wheels/greet-1.0-py3-none-any.whl")).unwrap();
    wheel(&context);
    let again = fs::read(context.join("wheels/greet-1.0-py3-none-any.whl")).unwrap();
    assert_eq!(first, again, "the same files give the same wheel");
    let check = "import sys, zipfile, hashlib, base64\n\
        z = zipfile.ZipFile('wheels/greet-1.0-py3-none-any.whl')\n\
        assert z.testzip() is None\n\
        lines = z.read('greet-1.0.dist-info/RECORD').decode().splitlines()\n\
        assert len(lines) == len(z.namelist()) == 6, lines\n\
        for line in lines:\n\
        \x20   name, digest, size = line.rsplit(',', 2)\n\
        \x20   if digest:\n\
        \x20       data = z.read(name)\n\
        \x20       right = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()\n\
        \x20       assert digest == 'sha256=' + right and int(size) == len(data), line\n\
        print('sound')\n";
    context.write("check.py", check);
    context
        .run_pyxidium(["python", "check.py"])
        .expect_success()
        .expect_stdout("sound\n");
    context
        .run_pyxidium([
            "python",
            "-m",
            "pip",
            "install",
            "--no-index",
            "--target",
            "there",
            "wheels/greet-1.0-py3-none-any.whl",
        ])
        .expect_success();
    assert_eq!(
        fs::read_to_string(context.join("there/greet/data/text.txt")).unwrap(),
        "a text\n"
    );
}

#[test]
fn errors_name_the_line_and_what_to_write() {
    let context = TestContext::new("recipe-errors");
    context
        .run_pyxidium(["build"])
        .expect_code(1)
        .expect_stderr(&[
            "nothing to build: this folder has no pyoxidizer.bzl",
            "hint: name a script",
        ]);
    context
        .run_pyxidium(["build", "--target", "exe"])
        .expect_code(1)
        .expect_stderr(&["there is no recipe"]);
    context.write(
        "pyoxidizer.bzl",
        "def make_exe():\n    dist = default_python_distribution()\n    config = dist.make_python_interpreter_config()\n    \
         config.run_modul = 'app'\n\nregister_target('exe', make_exe)\nresolve_targets()\n",
    );
    context.run_pyxidium(["build"]).expect_code(1).expect_stderr(&[
        "error: pyoxidizer.bzl, line 4, column 5: PythonInterpreterConfig has no attribute `run_modul`\n  4 |     config.run_modul = 'app'\n    |     ^\n",
        "hint: did you mean `run_module`?",
    ]);
    context.write(
        "pyoxidizer.bzl",
        "def make_exe():\n    exe = default_python_distribution().to_python_executable('app')\n    \
         exe.add_python_resources(exe.pip_install(['--no-index', 'nonesuch-package']))\n    return exe\n\n\
         register_target('exe', make_exe)\nresolve_targets()\n",
    );
    context
        .run_pyxidium(["build"])
        .expect_code(1)
        .expect_stderr(&[
            "pyoxidizer.bzl, line 3, column 30: PythonExecutable.pip_install:",
            "nonesuch-package",
        ]);
    context.write(
        "pyoxidizer.bzl",
        "def make():\n    return glob(['../*'])\n\nregister_target('x', make)\nresolve_targets()\n",
    );
    context
        .run_pyxidium(["build"])
        .expect_code(1)
        .expect_stderr(&["leaves the project", "--allow-outside"]);
}

#[test]
fn licences_are_written_with_their_texts_where_asked_for() {
    let context = TestContext::new("recipe-licences");
    context.write(
        "pyoxidizer.bzl",
        r#"
def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable(name = "hello", config = dist.make_python_interpreter_config())
    exe.licenses_filename = "COPYING.txt"
    exe.write_licenses("all.txt")
    return exe

register_target("exe", make_exe)
resolve_targets()
"#,
    );
    context
        .run_pyxidium(["build", "-o", "out/hello"])
        .expect_success();
    let beside = fs::read_to_string(context.join("out/COPYING.txt")).unwrap();
    for part in ["cpython 3.13", "zstd", "Permission is hereby granted"] {
        assert!(beside.contains(part), "{part}\n{beside:.2000}");
    }
    assert_eq!(
        fs::read_to_string(context.join("build/all.txt")).unwrap(),
        beside
    );
}

#[test]
fn a_recipe_says_what_its_app_is() {
    let context = TestContext::new("recipe-about");
    let recipe = |said: &str| {
        format!(
            "def make_exe():\n    exe = default_python_distribution().to_python_executable(name = \"words\")\n    \
             exe.script(\"words.py\")\n{said}    return exe\n\n\
             def make_deb(exe):\n    return exe.to_deb()\n\n\
             register_target(\"exe\", make_exe, default = True)\n\
             register_target(\"deb\", make_deb, depends = [\"exe\"])\nresolve_targets()\n"
        )
    };
    context.write("words.py", "print('words')\n");
    context.write("pyoxidizer.bzl", recipe(""));
    context
        .run_pyxidium(["build", "--target", "deb"])
        .expect_success()
        .expect_stderr(&[
            "no version is stated, so it is 0.0.0: set `exe.version` in the recipe",
            "no summary is stated: set `exe.summary` in the recipe",
            "no author is stated: set `exe.maintainer` in the recipe",
        ]);
    let said = "    exe.version = \"1.2\"\n    exe.summary = \"Counts\\nwords\"\n    exe.license = \"MIT\"\n    \
                exe.homepage = \"https://example.org\"\n    exe.maintainer = \"Ann <ann@example.org>\"\n";
    context.write("pyoxidizer.bzl", recipe(said));
    context
        .run_pyxidium(["build", "--target", "exe"])
        .expect_success();
    let outcome = context.run_pyxidium(["build", "--target", "deb"]);
    outcome.expect_success();
    assert!(!outcome.stderr().contains("is stated"), "{outcome}");
    let deb = context.join(FOLDER).join("deb/words_1.2_amd64.deb");
    let fields = std::process::Command::new("dpkg-deb")
        .arg("-f")
        .arg(deb)
        .output()
        .unwrap();
    let fields = String::from_utf8(fields.stdout).unwrap();
    for line in [
        "Version: 1.2",
        "Maintainer: Ann <ann@example.org>",
        "Homepage: https://example.org",
        "Description: Counts words",
    ] {
        assert!(fields.lines().any(|l| l == line), "{line} in {fields}");
    }
    // And the file itself says so, to whoever gets it without a package.
    let app = context.join(FOLDER).join("exe/words");
    let app = app.to_str().unwrap();
    context
        .run_pyxidium(["licenses", app, "-o", "licences.txt"])
        .expect_success();
    let licences = fs::read_to_string(context.join("licences.txt")).unwrap();
    let own = "words itself: MIT, by Ann <ann@example.org>";
    assert!(licences.lines().any(|l| l == own), "{licences}");
    let sbom = context.run_pyxidium(["sbom", app]);
    let sbom: serde_json::Value = serde_json::from_str(&sbom.stdout()).unwrap();
    let component = &sbom["metadata"]["component"];
    assert_eq!(component["licenses"][0]["license"]["id"], "MIT");
    assert_eq!(component["authors"][0]["email"], "ann@example.org");
    assert_eq!(component["description"], "Counts words");
}

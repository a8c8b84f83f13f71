//! Files that are smaller: only what recorded runs used, other bytecode, stripped libraries.

use std::fs;
use std::path::{Path, PathBuf};

use pyxidium_tests::TestContext;
use pyxidium_tests::context::offline;

fn megabytes(file: &Path) -> u64 {
    fs::metadata(file).unwrap().len() / 1_000_000
}

/// Seals into a folder of its own, so that files can be compared that have the same name.
fn seal(context: &TestContext, folder: &str, args: &[&str]) -> PathBuf {
    let output = context.join(folder).join("app");
    let mut all = vec!["build"];
    all.extend(args);
    let shown = output.to_str().unwrap().to_owned();
    all.extend(["-o", &shown]);
    context.run_pyxidium(all).expect_success();
    output
}

#[test]
fn hello_fits_twelve_megabytes_and_still_shows_its_errors() {
    let context = TestContext::new("only-used-hello");
    let script = "import sys\nprint('hello')\nif sys.argv[1:]:\n    print(1 / len('é'[1:]))\n";
    context.write("hello.py", script);
    let recorded = context.run_pyxidium(["record", "hello.py"]);
    recorded.expect_success().expect_stdout("hello\n");
    recorded.expect_stderr(&["Recorded", "hello.used.json", "in 1 run"]);
    let whole = seal(&context, "whole", &["hello.py"]);
    let app = seal(&context, "thin", &["hello.py", "--only-used"]);
    assert!(megabytes(&app) < 12, "{} MB", megabytes(&app));
    context
        .run(&app, [""; 0])
        .expect_success()
        .expect_stdout("hello\n");
    // The traceback, marks and all, is that of the whole file: no recorded run has shown one.
    let (ours, theirs) = (context.run(&app, ["x"]), context.run(&whole, ["x"]));
    assert_eq!(ours.stderr().replace("/thin/", "/whole/"), theirs.stderr());
    ours.expect_stderr(&["~~^~~~", "ZeroDivisionError"]);
}

/// The program in the tar.gz that `bundle` makes of `app`.
fn bundled(context: &TestContext, app: &str, more: &[&str]) -> PathBuf {
    let mut args = vec!["bundle", app, "--format", "tar.gz", "-o", "out"];
    args.extend(more);
    let outcome = context.run_pyxidium(args);
    outcome.expect_success();
    assert!(outcome.stdout().starts_with("Left out"), "{outcome}");
    let mut archive = fs::read_dir(context.join("out")).unwrap();
    let archive = archive.next().unwrap().unwrap().path();
    let unpacked = context.join("unpacked");
    fs::create_dir_all(&unpacked).unwrap();
    let mut tar = std::process::Command::new("tar");
    tar.arg("-xzf")
        .arg(&archive)
        .args(["--strip-components=1", "-C"]);
    assert!(tar.arg(&unpacked).status().unwrap().success());
    fs::remove_file(archive).unwrap();
    unpacked.join("hello")
}

#[test]
fn bundles_are_made_as_small_as_files() {
    let context = TestContext::new("only-used-bundle");
    let script = "import sys\nprint('hello', sys.flags.optimize)\n";
    context.write("hello.py", script);
    context
        .run_pyxidium(["record", "hello.py"])
        .expect_success();
    let small = ["--only-used", "--optimize", "1", "--strip"];
    let app = bundled(&context, "hello.py", &small);
    let len = fs::metadata(&app).unwrap().len();
    assert!(len < 12_000_000, "{len}");
    context
        .run(&app, [""; 0])
        .expect_success()
        .expect_stdout("hello 1\n");
    let kept = bundled(&context, "hello.py", &["--only-used", "--keep", "email"]);
    let more = fs::metadata(&kept).unwrap().len();
    assert!(more > len + 50_000, "{more} {len}");

    // A project that wants it gets it in its bundles, too.
    context.write("hello/__main__.py", script);
    context.write(
        "hello/pyproject.toml",
        "[project]\nname = \"hello\"\n[tool.pyxidium]\nonly-used = true\n",
    );
    context.run_pyxidium(["record", "hello"]).expect_success();
    let app = bundled(&context, "hello", &[]);
    assert!(megabytes(&app) < 12, "{} MB", megabytes(&app));

    // What is sealed is sealed.
    let sealed = app.to_str().unwrap();
    context
        .run_pyxidium(["bundle", sealed, "--strip"])
        .expect_code(1)
        .expect_stderr(&[
            "error: --strip is for what is to be sealed",
            "hint: name the script",
        ]);
}

const APP: &str = r#"
import importlib.util
import multiprocessing
import sys


def work(x):
    import fractions

    return fractions.Fraction(x, 3).numerator


def missing(how):
    if how == "import":
        import xml.dom.minidom
    elif how == "from":
        from xml import dom
    elif how == "optional":
        assert importlib.util.find_spec("sqlite3") is None
        try:
            import sqlite3
        except ImportError as error:
            print(error.name)
    elif how == "json":
        import json

        print(json.dumps([1]))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        print(pool.map(work, [2, 4]))
    for how in sys.argv[1:]:
        missing(how)
"#;

#[test]
fn runs_add_up_and_what_is_missing_says_why() {
    let context = TestContext::new("only-used-runs");
    context.write("app.py", APP);
    context.run_pyxidium(["record", "app.py"]).expect_success();
    let first = fs::read_to_string(context.join("app.used.json")).unwrap();
    // Of the worker process, too.
    assert!(first.contains("lib/python3.13/fractions.py"), "{first}");
    assert!(!first.contains("json/__init__.py"), "{first}");
    assert!(!first.contains("app/app.py"), "{first}");

    let app = seal(&context, "one", &["app.py", "--only-used"]);
    let works = |args: &[&str], expected: &str| {
        let outcome = context.run(&app, args);
        outcome.expect_success().expect_stdout(expected);
    };
    works(&[], "[2, 4]\n");
    works(&["optional"], "[2, 4]\nsqlite3\n");
    for how in ["import", "from"] {
        context.run(&app, [how]).expect_code(1).expect_stderr(&[
            "ModuleNotFoundError: No module named 'xml",
            "left out of this file by --only-used",
            "app.used.json",
            "or seal with --keep xml",
        ]);
    }
    // With what it imports itself: copy, weakref.
    let options = ["app.py", "--only-used", "--keep", "xml"];
    let kept = seal(&context, "kept", &options);
    context.run(&kept, ["import", "from"]).expect_success();

    context.run(&app, ["json"]).expect_code(1);
    let again = context.run_pyxidium(["record", "app.py", "--", "json"]);
    again.expect_success().expect_stderr(&["in 2 runs"]);
    let two = seal(&context, "two", &["app.py", "--only-used"]);
    context
        .run(&two, ["json"])
        .expect_success()
        .expect_stdout("[2, 4]\n[1]\n");
    // Sealed twice it is the same file.
    let three = seal(&context, "three", &["app.py", "--only-used"]);
    assert!(fs::read(&two).unwrap() == fs::read(three).unwrap());
}

#[test]
fn what_is_left_out_is_named() {
    let context = TestContext::new("only-used-named");
    context.write("app.py", "print('ok')\n");
    let build = |more: &[&str]| {
        let mut args = vec!["build", "app.py", "--only-used", "-o", "out"];
        args.extend(more);
        context.run_pyxidium(args)
    };
    build(&[]).expect_code(1).expect_stderr(&[
        "there is no record at app.used.json",
        "hint: make it with `pyxidium record`",
    ]);
    context.run_pyxidium(["record", "app.py"]).expect_success();
    let shown = build(&["--sizes"]);
    let text = shown.expect_success().stdout();
    assert!(text.contains("Left out "), "{text}");
    assert!(text.contains(" of (standard library)"), "{text}");
    assert!(
        text.contains("(runtime)") && text.contains("Bytecode"),
        "{text}"
    );
    let module = "lib/python3.13/sqlite3/__init__.py";
    build(&["--verbose"]).expect_stderr(&[&format!("left out: {module} (")]);
    let text = build(&["--json", "--sizes"]).expect_success().stdout();
    for part in ["\"left_out\"", module, "\"reason\"", "\"sizes\""] {
        assert!(text.contains(part), "{part}");
    }
    context.write("app.used.json", "{\n  \"runs\": [\n");
    build(&[])
        .expect_code(1)
        .expect_stderr(&["app.used.json, line 2: not a record"]);
}

#[test]
fn numpy_keeps_what_was_used_and_its_libraries() {
    if offline() {
        return;
    }
    let context = TestContext::new("only-used-numpy");
    let script = "# /// script\n# dependencies = ['numpy']\n# ///\nimport sys, numpy as np\n\
        print(np.linalg.norm([3.0, 4.0]), np.random.default_rng(1).integers(9) >= 0)\n\
        if sys.argv[1:]:\n    import numpy.f2py\n";
    context.write("app.py", script);
    context.run_pyxidium(["record", "app.py"]).expect_success();
    let whole = seal(&context, "whole", &["app.py"]);
    let app = seal(&context, "thin", &["app.py", "--only-used"]);
    assert!(megabytes(&app) <= 26, "{} MB", megabytes(&app));
    assert!(megabytes(&app) * 10 < megabytes(&whole) * 7);
    let works = |app: &Path| {
        context
            .run(app, [""; 0])
            .expect_success()
            .expect_stdout("5.0 True\n");
    };
    works(&app);
    context
        .run(&app, ["x"])
        .expect_code(1)
        .expect_stderr(&["No module named 'numpy.f2py': it was left out"]);
    // Its terms stay with it.
    let shown = context.run_pyxidium(["inspect", "--json", app.to_str().unwrap()]);
    assert!(shown.stdout().contains("dist-info/licenses/LICENSE.txt"));

    let stripped = seal(&context, "stripped", &["app.py", "--strip"]);
    let len = |file: &Path| fs::metadata(file).unwrap().len();
    assert!(len(&stripped) <= len(&whole));
    works(&stripped);
}

const DOCUMENTED: &str = "\"\"\"A docstring.\"\"\"\nimport json, sys\n\
    def f():\n    \"\"\"Another.\"\"\"\n\
    try:\n    assert False\n    said = 'skipped'\nexcept AssertionError:\n    said = 'raised'\n\
    print(sys.flags.optimize, said, __doc__, f.__doc__, json.__doc__ is None)\n";

#[test]
fn bytecode_of_every_level_agrees_with_the_interpreter() {
    let context = TestContext::new("optimize");
    context.write("app.py", DOCUMENTED);
    for (level, expected) in [
        ("0", "0 raised A docstring. Another. False\n"),
        ("1", "1 skipped A docstring. Another. False\n"),
        ("2", "2 skipped None None True\n"),
    ] {
        let app = seal(&context, level, &["app.py", "--optimize", level]);
        context
            .run(&app, [""; 0])
            .expect_success()
            .expect_stdout(expected);
    }
}

#[test]
fn a_file_that_is_not_compressed_is_the_same_app() {
    let context = TestContext::new("no-compress");
    context.write("app.py", DOCUMENTED);
    let (small, large) = (
        seal(&context, "small", &["app.py"]),
        seal(&context, "large", &["app.py", "--no-compress"]),
    );
    let (less, more) = (megabytes(&small), megabytes(&large));
    assert!(more > less + 15, "{less} {more}");
    let expected = context.run(&small, [""; 0]).stdout();
    context
        .run(&large, [""; 0])
        .expect_success()
        .expect_stdout(&expected);
    context
        .run_pyxidium(["verify", large.to_str().unwrap()])
        .expect_success();
}

/// Makes a wheel with a large file in it.
const WHEEL: &str = r#"
import sys, zipfile
with zipfile.ZipFile("large-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
    wheel.writestr("large/__init__.py", "")
    wheel.write(sys.argv[1], "large/program")
    info = "large-1.0.dist-info"
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: large\nVersion: 1.0\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", f"large/__init__.py,,\nlarge/program,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
"#;

#[test]
fn machine_code_is_the_same_however_hard_it_was_compressed() {
    let context = TestContext::new("smallest");
    context.write("wheel.py", WHEEL);
    // Sealed files have the runtime in them that Pyxidium carries: as good as any large program.
    context.write("large.py", "");
    let program = seal(&context, "program", &["large.py", "--no-compress"]);
    let made = context.run_pyxidium(["python", "wheel.py", program.to_str().unwrap()]);
    made.expect_success();
    let script = "# /// script\n# dependencies = ['large']\n# ///\n\
        import hashlib, importlib.resources as r\n\
        print(hashlib.sha256(r.files('large').joinpath('program').read_bytes()).hexdigest())\n";
    context.write("app.py", script);
    let local = ["app.py", "--offline", "--find-links", "."];
    let usual = seal(&context, "usual", &local);
    let smallest = seal(
        &context,
        "smallest",
        &[&local[..], &["--smallest"]].concat(),
    );
    let len = |file: &Path| fs::metadata(file).unwrap().len();
    assert!(len(&smallest) + 100_000 < len(&usual));
    assert!(len(&usual) < len(&program));

    let code =
        "import hashlib, sys\nprint(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())\n";
    context.write("hash.py", code);
    let hash = context.run_pyxidium(["python", "hash.py", program.to_str().unwrap()]);
    for app in [&usual, &smallest] {
        let shown = context.run(app, [""; 0]);
        shown.expect_success().expect_stdout(&hash.stdout());
    }
    let both = ["app.py", "--smallest", "--no-compress"].map(String::from);
    let refused = context.run_pyxidium([vec!["build".into()], both.to_vec()].concat());
    refused
        .expect_code(2)
        .expect_stderr(&["cannot be used with"]);
}

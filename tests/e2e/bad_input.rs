//! What a user can get wrong, and the message each mistake gets. Every test shows the words.

use std::fs;
use std::path::Path;

use pyxidium_tests::process::Spec;
use pyxidium_tests::{Outcome, TestContext, case, context};

/// Builds, which must fail with this exit code, these parts of a message and no output file.
fn refuse(context: &TestContext, args: &[&str], code: i32, parts: &[&str]) -> Outcome {
    let outcome = context.run_pyxidium([&["build"], args].concat());
    outcome.expect_code(code).expect_stderr(parts);
    assert!(
        outcome.stderr().starts_with("error: "),
        "the error comes first\n{outcome}"
    );
    assert_eq!(outcome.stdout(), "", "an error goes to stderr\n{outcome}");
    assert!(
        !context.join("app").exists(),
        "a build that failed leaves no file\n{outcome}"
    );
    outcome
}

fn wheels() -> String {
    context::workspace()
        .join("tests/fixtures/wheels")
        .to_string_lossy()
        .into_owned()
}

/// A package index in a folder that knows the test wheels and nothing else; its URL.
fn index(context: &TestContext) -> String {
    for entry in fs::read_dir(wheels()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let project = file.split('-').next().unwrap().replace('_', "-");
        let link = format!("<a href=\"file://{}\">{file}</a>\n", path.display());
        context.write(format!("index/{project}/index.html"), link);
    }
    format!("file://{}", context.join("index").display())
}

/// As `refuse`, with one script of these requirements and that index.
fn refuse_requirement(name: &str, requirements: &str, parts: &[&str]) {
    let context = TestContext::new(name);
    let script =
        format!("# /// script\n# dependencies = [\n{requirements}# ]\n# ///\nprint('never')\n");
    context.write("app.py", script);
    refuse(
        &context,
        &["app.py", "--index-url", &index(&context)],
        1,
        parts,
    );
}

#[test]
fn script_that_does_not_exist() {
    let context = TestContext::new("missing");
    refuse(
        &context,
        &["nothing.py"],
        1,
        &["error: nothing.py does not exist"],
    );
}

#[test]
fn folder_without_main() {
    let context = TestContext::new("no-main");
    context.write("project/tool.py", "print(1)\n");
    refuse(
        &context,
        &["project"],
        1,
        &["error: project has no __main__.py", "hint: "],
    );
    context.write("project/tools/__main__.py", "print(1)\n");
    let parts = [
        "error: project has no __main__.py",
        "hint: name the module to run: -m tools",
    ];
    refuse(&context, &["project"], 1, &parts);
}

#[test]
fn module_that_does_not_exist() {
    let context = TestContext::new("no-module");
    context.write("project/tool.py", "print(1)\n");
    refuse(
        &context,
        &["project", "-m", "tol"],
        1,
        &["error: ", "`tol`"],
    );
}

#[test]
fn syntax_error_is_named_with_its_line_at_build_time() {
    let context = TestContext::new("syntax");
    context.write("app.py", "import sys\n\nprint('a'\nprint('b')\n");
    let parts = [
        "error: ",
        "app.py, line 3: SyntaxError: '(' was never closed",
        "print('a'",
    ];
    refuse(&context, &["app.py"], 1, &parts);
}

#[test]
fn syntax_error_in_a_module_beside_the_script() {
    let context = TestContext::new("syntax-module");
    context.write("app.py", "import helper\n");
    context.write("helper.py", "def f(:\n    pass\n");
    refuse(
        &context,
        &["app.py"],
        1,
        &["error: ", "helper.py, line 1: ", "def f(:"],
    );
}

#[test]
fn source_that_is_not_utf8() {
    let context = TestContext::new("not-utf8");
    context.write("app.py", b"print('\xe9')\n");
    refuse(&context, &["app.py"], 1, &["error: ", "app.py", "utf-8"]);
}

#[test]
fn source_with_null_bytes() {
    let context = TestContext::new("null-bytes");
    context.write("app.py", b"print(1)\n\0\n");
    refuse(
        &context,
        &["app.py"],
        1,
        &["error: ", "app.py", "null bytes"],
    );
}

#[test]
fn requirement_that_does_not_exist() {
    let requirement = "#     \"nothing-of-this-name\",\n";
    refuse_requirement(
        "no-package",
        requirement,
        &[
            "error: no package named nothing-of-this-name (app.py, line 3) was found",
            "hint: ",
        ],
    );
}

#[test]
fn version_that_does_not_exist() {
    refuse_requirement(
        "no-version",
        "#     \"gadget>=9\",\n",
        &["error: ", "gadget", "1.2.3", "hint: "],
    );
}

#[test]
fn requirements_that_contradict_one_another() {
    let requirements = "#     \"gadget<9\",\n#     \"wants-new-gadget\",\n";
    refuse_requirement("conflict", requirements, &["error: ", "gadget", "hint: "]);
}

#[test]
fn package_without_a_wheel() {
    let parts = [
        "error: sourceonly (app.py, line 3) has no wheel for Python 3.13",
        "hint: only wheels can be sealed",
    ];
    refuse_requirement("source-only", "#     \"sourceonly\",\n", &parts);
}

#[test]
fn wheel_for_another_platform() {
    let parts = [
        "error: foreign (app.py, line 3) has no wheel for Python 3.13",
        "hint: only wheels can be sealed",
    ];
    refuse_requirement("foreign", "#     \"foreign\",\n", &parts);
}

#[test]
fn wheel_for_another_python() {
    let parts = [
        "error: older (app.py, line 3) has no wheel for Python 3.13",
        "hint: only wheels can be sealed",
    ];
    refuse_requirement("older", "#     \"older\",\n", &parts);
}

#[test]
fn wheel_file_for_another_platform() {
    let context = TestContext::new("foreign-file");
    context.write("app.py", "print(1)\n");
    let wheel = Path::new(&wheels()).join("foreign-1.0-cp313-cp313-win_amd64.whl");
    context.write("requirements.txt", format!("{}\n", wheel.display()));
    let parts = [
        "error: foreign-1.0-cp313-cp313-win_amd64.whl was built for another platform",
        "hint: ",
    ];
    refuse(&context, &["app.py", "-r", "requirements.txt"], 1, &parts);
}

#[test]
fn offline_and_not_at_hand() {
    let context = TestContext::new("offline");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\"nothing-of-this-name\"]\n# ///\n",
    );
    let parts = ["error: ", "--offline", "hint: "];
    refuse(&context, &["app.py", "--offline"], 3, &parts);
    refuse(
        &context,
        &["app.py", "--offline", "--find-links", &wheels()],
        3,
        &parts,
    );
}

#[test]
fn index_that_cannot_be_reached() {
    let context = TestContext::new("unreachable");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\"gadget\"]\n# ///\n",
    );
    let mut command = context.pyxidium();
    command.env("PIP_RETRIES", "1").args([
        "build",
        "app.py",
        "--index-url",
        "http://127.0.0.1:9/simple",
    ]);
    let outcome = Spec::of(command).run();
    outcome
        .expect_code(3)
        .expect_stderr(&["error: the package index cannot be reached", "hint: "]);
}

#[test]
fn requirement_that_is_none() {
    let parts = [
        "error: app.py, line 3: `-e ..` is not a requirement",
        "hint: ",
    ];
    refuse_requirement("no-requirement", "#     \"-e ..\",\n", &parts);
    refuse_requirement(
        "no-requirement",
        "#     \"what is this?\",\n",
        &["error: ", "what is this?"],
    );
}

#[test]
fn requirements_file_that_does_not_exist() {
    let context = TestContext::new("no-requirements");
    context.write("app.py", "print(1)\n");
    let parts = ["error: the requirements file wishes.txt does not exist"];
    refuse(&context, &["app.py", "-r", "wishes.txt"], 1, &parts);
}

#[test]
fn metadata_that_is_not_toml() {
    let context = TestContext::new("not-toml");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\n# ///\nprint(1)\n",
    );
    refuse(&context, &["app.py"], 1, &["error: app.py, line "]);
}

#[test]
fn metadata_that_is_not_closed() {
    let context = TestContext::new("not-closed");
    context.write("app.py", "# /// script\n# dependencies = []\nprint(1)\n");
    refuse(
        &context,
        &["app.py"],
        1,
        &["error: app.py, line 1: ", "not closed", "hint: "],
    );
}

#[test]
fn setting_that_means_nothing() {
    let context = TestContext::new("unknown-key");
    context.write(
        "app.py",
        "# /// script\n# [tool.pyxidium]\n# includ = [\"x\"]\n# ///\n",
    );
    let parts = [
        "error: app.py, line 3: unknown key `includ` in [tool.pyxidium]",
        "hint: known keys: ",
        "include",
    ];
    refuse(&context, &["app.py"], 1, &parts);
}

#[test]
fn include_that_finds_nothing() {
    let context = TestContext::new("include-nothing");
    context.write(
        "app.py",
        "# /// script\n# [tool.pyxidium]\n# include = [\"dta.csv\"]\n# ///\n",
    );
    refuse(
        &context,
        &["app.py"],
        1,
        &[
            "error: app.py, line 3: `dta.csv`",
            "matches no file",
            "hint: ",
        ],
    );
}

#[test]
fn newer_python_required() {
    let context = TestContext::new("newer-python");
    context.write(
        "app.py",
        "# /// script\n# requires-python = \">=3.14\"\n# ///\n",
    );
    refuse(
        &context,
        &["app.py"],
        1,
        &["error: app.py, line 2: ", ">=3.14", "3.13"],
    );
}

#[test]
fn option_that_does_not_exist() {
    let context = TestContext::new("usage");
    let outcome = context.run_pyxidium(["build", "app.py", "--onefile"]);
    outcome
        .expect_code(2)
        .expect_stderr(&["--onefile", "Usage: "]);
    context
        .run_pyxidium(["seal"])
        .expect_code(2)
        .expect_stderr(&["seal"]);
}

#[test]
fn output_that_is_a_folder() {
    let context = TestContext::new("output-folder");
    context.write("app.py", "print(1)\n");
    fs::create_dir(context.join("out")).unwrap();
    let parts = [
        "error: the output out is a folder",
        "hint: name the file to write: -o out/app",
    ];
    refuse(&context, &["app.py", "-o", "out"], 1, &parts);
    assert_eq!(fs::read_dir(context.join("out")).unwrap().count(), 0);
}

#[test]
fn output_that_is_the_script() {
    let context = TestContext::new("output-script");
    context.write("app.py", "print(1)\n");
    refuse(
        &context,
        &["app.py", "-o", "app.py"],
        1,
        &["error: ", "app.py", "-o"],
    );
    assert_eq!(
        fs::read_to_string(context.join("app.py")).unwrap(),
        "print(1)\n"
    );
}

/// A shell line in a mount namespace, for what needs a full or a read-only disk.
fn in_namespace(context: &TestContext, line: &str) -> Option<Outcome> {
    if !case::can_mount() {
        return None;
    }
    // The same environment as the command line gets, for the shell that starts it.
    let template = context.pyxidium();
    let mut command = context.command("unshare");
    for (key, value) in template.get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    command
        .args(["-m", "sh", "-c", line, "sh"])
        .arg(template.get_program());
    Some(Spec::of(command).within(120).run())
}

#[test]
fn output_folder_that_is_read_only() {
    let context = TestContext::new("read-only");
    context.write("app.py", "print(1)\n");
    fs::create_dir(context.join("out")).unwrap();
    let line = r#"mount -t tmpfs -o ro none out && "$1" build app.py -o out/app"#;
    let Some(outcome) = in_namespace(&context, line) else {
        return;
    };
    outcome.expect_code(3).expect_stderr(&[
        "error: cannot write out/app",
        "Read-only file system",
        "hint: ",
    ]);
}

#[test]
fn full_disk_leaves_the_old_file() {
    let context = TestContext::new("full-disk");
    context.write("app.py", "print(1)\n");
    fs::create_dir(context.join("out")).unwrap();
    let line = r#"
        mount -t tmpfs -o size=3m none out && echo old > out/app
        "$1" build app.py -o out/app
        code=$?; cat out/app; ls -A out; exit $code"#;
    let Some(outcome) = in_namespace(&context, line) else {
        return;
    };
    let parts = [
        "error: the disk is full: cannot write out/app",
        "hint: free some space",
    ];
    outcome
        .expect_code(3)
        .expect_stderr(&parts)
        .expect_stdout("old\napp\n");
}

#[test]
fn full_disk_for_the_cache() {
    let context = TestContext::new("full-cache");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\"gadget\"]\n# ///\nprint(1)\n",
    );
    fs::create_dir(context.join("cache")).unwrap();
    let line = format!(
        "mount -t tmpfs -o size=8k none cache && export PYXIDIUM_CACHE=$PWD/cache && exec \"$1\" build app.py \
         --offline --find-links '{}'",
        wheels()
    );
    let Some(outcome) = in_namespace(&context, &line) else {
        return;
    };
    // A cache that cannot be written may be done without, or be named as the reason: no crash, no half file.
    if outcome.code == Some(0) {
        context
            .run(&context.join("app"), [""; 0])
            .expect_stdout("1\n");
    } else {
        outcome.expect_code(3).expect_stderr(&["error: "]);
        assert!(!context.join("app").exists());
    }
}

#[test]
fn inspect_of_what_is_not_ours() {
    let context = TestContext::new("not-ours");
    context.write("notes.txt", "hello\n");
    context.write("empty", "");
    for command in ["inspect", "verify"] {
        let run = |file: &str| context.run_pyxidium([command, file]);
        run("notes.txt")
            .expect_code(1)
            .expect_stderr(&["error: notes.txt: not an executable file", "hint: "]);
        run("empty")
            .expect_code(1)
            .expect_stderr(&["error: empty: not an executable file", "hint: "]);
        run("/bin/ls")
            .expect_code(1)
            .expect_stderr(&["error: /bin/ls: holds no Pyxidium payload", "hint: "]);
        run("nothing")
            .expect_code(1)
            .expect_stderr(&["error: ", "nothing"]);
        run(".").expect_code(1).expect_stderr(&["error: "]);
    }
}

#[test]
fn file_names_with_spaces_unicode_and_200_characters() {
    let long = "x".repeat(200);
    for name in [
        "my app",
        "größe 日本 😀",
        "it's \"quoted\"",
        "123-go",
        "-dash",
        &long,
    ] {
        let context = TestContext::new("names");
        let script = context.write(
            format!("{name}.py"),
            "import json, sys\nprint(json.dumps(sys.argv[1:]))\n",
        );
        let mut command = context.pyxidium();
        command.arg("build").arg(format!("./{name}.py"));
        Spec::of(command).within(120).run().expect_success();
        let app = script.with_extension("");
        context
            .run(&app, ["a b"])
            .expect_success()
            .expect_stdout("[\"a b\"]\n");
    }
}

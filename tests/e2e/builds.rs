//! Builds that are interrupted, killed, repeated or run at once, and what the command line prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use pyxidium_tests::process::{Spec, send};
use pyxidium_tests::{TestContext, context};

/// A project that takes a moment to build: many modules, and a cache of its own that is empty.
fn slow_project(context: &TestContext) {
    for number in 0..300 {
        let body = format!("def f{number}(x):\n    return [y for y in range(x)]\n").repeat(30);
        context.write(format!("project/part{number}.py"), body);
    }
    context.write("project/__main__.py", "import part7\nprint(part7.f7(3))\n");
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name != "app").collect()
}

/// Builds over an old file, sends a signal after `delay`, and returns how the build ended.
fn interrupted(context: &TestContext, signal: i32, delay: Duration) -> (Option<i32>, String) {
    let output = context.join("out/app");
    fs::create_dir_all(context.join("out")).unwrap();
    fs::write(&output, "old").unwrap();
    let mut command = context.pyxidium();
    command
        .args(["build", "project", "-o", "out/app"])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command.env(
        "PYXIDIUM_CACHE",
        context.join(format!("cache-{}", delay.as_millis())),
    );
    let child = command.spawn().unwrap();
    let id = child.id();
    thread::sleep(delay);
    send(id, signal);
    let ended = child.wait_with_output().unwrap();
    (
        ended.status.code(),
        String::from_utf8_lossy(&ended.stderr).into_owned(),
    )
}

fn old_or_whole(context: &TestContext, finished: bool) {
    let output = context.join("out/app");
    if finished {
        context
            .run(&output, [""; 0])
            .expect_success()
            .expect_stdout("[0, 1, 2]\n");
    } else {
        assert_eq!(
            fs::read(&output).unwrap(),
            b"old",
            "the old file is as it was"
        );
    }
}

#[test]
fn control_c_leaves_the_old_file_and_nothing_else() {
    let context = TestContext::new("control-c");
    slow_project(&context);
    let mut stopped = 0;
    for delay in [15, 40, 80, 120, 180, 260, 400, 700] {
        let (code, stderr) = interrupted(&context, libc::SIGINT, Duration::from_millis(delay));
        match code {
            Some(0) => old_or_whole(&context, true),
            // A signal that comes before the handler is there ends the process like any other.
            Some(130) | None => {
                stopped += 1;
                old_or_whole(&context, false);
            }
            other => panic!("exit code {other:?} after {delay} ms: {stderr}"),
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
        assert_eq!(
            leftovers(&context.join("out")),
            Vec::<String>::new(),
            "after {delay} ms"
        );
    }
    assert!(stopped > 0, "no build was slow enough to be interrupted");
}

#[test]
fn killed_build_leaves_the_old_file_and_the_next_one_cleans_up() {
    let context = TestContext::new("killed");
    slow_project(&context);
    for delay in [30, 90, 150, 220, 320] {
        let (code, _) = interrupted(&context, libc::SIGKILL, Duration::from_millis(delay));
        let bytes = fs::read(context.join("out/app")).unwrap();
        if bytes == b"old" {
            assert_eq!(code, None);
        } else {
            old_or_whole(&context, true);
        }
    }
    context
        .run_pyxidium(["build", "project", "-o", "out/app"])
        .expect_success();
    old_or_whole(&context, true);
    assert_eq!(leftovers(&context.join("out")), Vec::<String>::new());
}

#[test]
fn failed_build_leaves_the_old_file() {
    let context = TestContext::new("failed");
    context.write("app.py", "print(\n");
    context.write("app", "old");
    context.run_pyxidium(["build", "app.py"]).expect_code(1);
    assert_eq!(fs::read(context.join("app")).unwrap(), b"old");
}

#[test]
fn builds_to_one_output_at_once() {
    let context = TestContext::new("at-once");
    let builds: Vec<_> = (0..4)
        .map(|number| {
            context.write(
                format!("app{number}.py"),
                format!("print('app', {number})\n"),
            );
            let mut command = context.pyxidium();
            command
                .arg("build")
                .arg(format!("app{number}.py"))
                .args(["-o", "out/app"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for build in builds {
        let ended = build.wait_with_output().unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }
    let outcome = context.run(&context.join("out/app"), [""; 0]);
    outcome.expect_success();
    assert!(
        outcome.stdout().starts_with("app "),
        "one of them, whole\n{outcome}"
    );
    context.run_pyxidium(["verify", "out/app"]).expect_success();
    assert_eq!(leftovers(&context.join("out")), Vec::<String>::new());
}

#[test]
fn output_that_is_running() {
    let context = TestContext::new("running");
    let app = context.seal_text("import sys\nprint('first', flush=True)\nsys.stdin.read()\nimport wave\nprint('still first')\n");
    let mut command = context.command(&app);
    let mut running = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    context.seal_text("print('second')\n");
    context
        .run(&app, [""; 0])
        .expect_success()
        .expect_stdout("second\n");
    drop(running.stdin.take());
    let ended = running.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout),
        "first\nstill first\n"
    );
}

#[test]
fn same_inputs_give_the_same_bytes() {
    let build = |name: &str| -> (TestContext, PathBuf) {
        let context = TestContext::new(name);
        context.write(
            "project/__main__.py",
            "import helper, gadget\nprint(helper.X)\n",
        );
        context.write(
            "project/helper.py",
            "X = {'a', 'b', frozenset({1, 2, 'c'})}\n",
        );
        context.write("project/data/x.txt", "data");
        context.write("requirements.txt", "gadget[dog]\n");
        let wheels = context::workspace().join("tests/fixtures/wheels");
        let mut command = context.pyxidium();
        // A cache of its own: neither what is cached nor the hash seed may show.
        command
            .env("PYXIDIUM_CACHE", context.join("cache"))
            .env("PYTHONHASHSEED", name.len().to_string());
        command.args([
            "build",
            "project",
            "-r",
            "requirements.txt",
            "-o",
            "out/app",
            "--offline",
            "--find-links",
        ]);
        command.arg(wheels);
        Spec::of(command).within(300).run().expect_success();
        let app = context.join("out/app");
        (context, app)
    };
    let (first, a) = build("same-bytes");
    thread::sleep(Duration::from_millis(1100));
    let (second, b) = build("same-bytes-again");
    assert!(
        fs::read(&a).unwrap() == fs::read(&b).unwrap(),
        "{} and {} differ",
        a.display(),
        b.display()
    );
    drop((first, second));
}

#[test]
fn output_is_named_after_the_input() {
    let context = TestContext::new("named");
    context.write("tool.py", "print('tool')\n");
    context.write("project/__main__.py", "print('project')\n");
    fs::create_dir(context.join("elsewhere")).unwrap();
    context.run_pyxidium(["build", "tool.py"]).expect_success();
    context
        .run(&context.join("tool"), [""; 0])
        .expect_stdout("tool\n");
    context
        .run_pyxidium(["build", "tool.py", "-o", "new/folder/tool"])
        .expect_success();
    context
        .run(&context.join("new/folder/tool"), [""; 0])
        .expect_stdout("tool\n");
    // A folder's own name is taken by the folder.
    let outcome = context.run_pyxidium(["build", "project/", "-o", "elsewhere/project"]);
    outcome.expect_success();
    context
        .run(&context.join("elsewhere/project"), [""; 0])
        .expect_stdout("project\n");
}

#[test]
fn inspect_tells_what_is_inside() {
    let context = TestContext::new("inspect");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\"gadget\"]\n# ///\nimport gadget\nprint(gadget.main())\n",
    );
    let wheels = context::workspace().join("tests/fixtures/wheels");
    let app = context.seal([
        "app.py",
        "--offline",
        "--find-links",
        &wheels.to_string_lossy(),
    ]);
    let text = context.run_pyxidium(["inspect", &app.to_string_lossy()]);
    text.expect_success();
    for part in ["app.py", "3.13", "gadget", "1.2.3", "zoo"] {
        assert!(text.stdout().contains(part), "{part}\n{text}");
    }
    let files = context.run_pyxidium(["inspect", "--files", &app.to_string_lossy()]);
    files.expect_success();
    for part in [
        "app.py",
        "lib/python3.13/site-packages/gadget/data/notes.txt",
        "lib/python3.13/json/__init__.py",
    ] {
        assert!(files.stdout().contains(part), "{part}\n{}", files.stderr());
    }
    for never in ["__pycache__", "/test/test_", "legacy_python2.pyc"] {
        assert!(!files.stdout().contains(never), "{never}");
    }
    let json = context.run_pyxidium(["inspect", "--json", &app.to_string_lossy()]);
    json.expect_success();
    let value: serde_json::Value = serde_json::from_str(&json.stdout()).expect("valid JSON");
    assert!(value.to_string().contains("\"gadget\""), "{json}");
    context
        .run_pyxidium(["verify", &app.to_string_lossy()])
        .expect_success();
}

#[test]
fn help_version_schema_and_completions() {
    let context = TestContext::new("help");
    let help = context.run_pyxidium(["--help"]);
    help.expect_success();
    for part in ["build", "inspect", "verify", "completions"] {
        assert!(help.stdout().contains(part), "{part}\n{help}");
    }
    assert!(
        !help.stdout().contains("self-seal"),
        "our own tools are not shown\n{help}"
    );
    let version = context.run_pyxidium(["--version"]);
    version.expect_success();
    assert!(version.stdout().starts_with("pyxidium 0."), "{version}");
    let build = context.run_pyxidium(["build", "--help"]);
    build.expect_success();
    for part in ["--output", "--module", "--native-libraries", "--find-links"] {
        assert!(build.stdout().contains(part), "{part}\n{build}");
    }
    let schema = context.run_pyxidium(["schema"]);
    schema.expect_success();
    assert!(schema.stdout().starts_with("{\n  \"$schema\""), "{schema}");
    for shell in ["bash", "zsh", "fish"] {
        let outcome = context.run_pyxidium(["completions", shell]);
        outcome.expect_success();
        assert!(outcome.stdout().contains("inspect"), "{outcome}");
    }
}

#[test]
fn quiet_build_prints_nothing_and_no_colour_where_none_is_wanted() {
    let context = TestContext::new("quiet");
    context.write("app.py", "print(1)\n");
    let outcome = context.run_pyxidium(["build", "app.py", "--quiet"]);
    outcome.expect_success().expect_stdout("");
    assert_eq!(outcome.stderr(), "", "{outcome}");
    let mut command = context.pyxidium();
    command.env("NO_COLOR", "1").args(["build", "nothing.py"]);
    let plain = Spec::of(command).run();
    assert!(!plain.stderr().contains('\u{1b}'), "{plain}");
    let coloured = context.run_pyxidium(["--color", "always", "build", "nothing.py"]);
    assert!(coloured.stderr().contains('\u{1b}'), "{coloured}");
}

#[test]
fn json_output_of_build() {
    let context = TestContext::new("json");
    context.write("app.py", "print(1)\n");
    let outcome = context.run_pyxidium(["build", "app.py", "--json"]);
    outcome.expect_success();
    let value: serde_json::Value = serde_json::from_str(&outcome.stdout()).expect("valid JSON");
    assert!(value.is_object(), "{outcome}");
}

#[test]
fn carried_python_is_a_python() {
    let context = TestContext::new("python");
    let outcome = context.run_pyxidium([
        "python",
        "-c",
        "import sys; print(sys.version_info[:2], sys.argv)",
        "x",
    ]);
    outcome
        .expect_success()
        .expect_stdout("(3, 13) ['-c', 'x']\n");
}

/// What is started as `sys.executable` is the command line itself.
#[test]
fn carried_python_has_worker_processes() {
    let context = TestContext::new("python-processes");
    let program = "import multiprocessing as m, subprocess, sys\n\
                   if __name__ == '__main__':\n\
                   \x20   with m.get_context('spawn').Pool(2) as pool: print(pool.map(abs, [-1, -2]))\n\
                   \x20   sys.stdout.flush()\n\
                   \x20   subprocess.run([sys.executable, '-c', 'print(3)'], check=True)\n";
    let outcome = context.run_pyxidium(["python", "-c", program]);
    outcome.expect_success().expect_stdout("[1, 2]\n3\n");
    context
        .run_pyxidium(["-c", "print(3)"])
        .expect_code(2)
        .expect_stderr(&["unexpected argument '-c'"]);
}

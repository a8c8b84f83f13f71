//! Pyxidium Studio, `dist/pyxidium-studio`, as a person uses it: from a dropped script to a verified file.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pyxidium_tests::TestContext;
use pyxidium_tests::context::{dist, release, workspace};
use pyxidium_tests::process::Spec;
use pyxidium_tests::window::{Window, alive, wait_for};
use serde_json::{Value, json};

use crate::installed::System;

const TITLE: &str = "Pyxidium Studio";

const GADGET: &str = "# /// script
# dependencies = [\"gadget\"]
# ///
import sys
import gadget
print(gadget.main())
print('to be read', file=sys.stderr)
sys.exit(3)
";

/// Studio, where packages come from a folder.
fn command(context: &TestContext) -> Command {
    let mut command = context.command(dist("pyxidium-studio"));
    command.env("PIP_NO_INDEX", "1");
    command.env("PIP_FIND_LINKS", workspace().join("tests/fixtures/wheels"));
    command
}

/// Starts it, and waits until Python has answered.
fn open(context: &TestContext, command: Command) -> Window {
    let window = Window::start(context, command);
    let _ = window.find("[data-testid=studio][data-ready=true]");
    window
}

/// As [`open`], with this script.
fn open_script(context: &TestContext, script: &Path) -> Window {
    let mut command = command(context);
    command.arg(script);
    open(context, command)
}

/// The element that bears this name for tests.
fn id(name: &str) -> String {
    format!("[data-testid={name}]")
}

/// A text of one line about a project or a file. Where it could be cut short for want of room,
/// WebDriver takes it for hidden.
fn fact(window: &Window, name: &str) -> Option<String> {
    let found = window.session().find(&id(name))?;
    let text = found.property("textContent").ok()?;
    text.as_str().map(|text| text.trim().to_owned())
}

fn wait_fact(window: &Window, name: &str, text: &str) {
    wait_for(format!("{name} to be {text:?}"), || {
        (fact(window, name)? == text).then_some(())
    });
}

/// Clicks "Build" and waits for the file.
fn build(window: &Window) -> String {
    window.click(&id("build"));
    let _ = window.find("[data-testid=dock][data-status=done]");
    window.expect(&id("sealed"), "Sealed")
}

#[test]
fn a_dropped_script_becomes_a_file_that_runs_and_is_sound() {
    let context = TestContext::new("studio");
    let script = context.write("sealed words.py", GADGET);
    let window = open(&context, command(&context));
    window.desktop().wait_title(TITLE);
    let _ = window.find(&id("welcome"));
    window.picture("studio-welcome");

    let address = format!("file://{}\r\n", script.display()).replace(' ', "%20");
    window.desktop().drag(TITLE, &address, (700, 300), true);
    wait_fact(&window, "project-name", "sealed words");

    // What would go in.
    wait_fact(&window, "package-count", "2");
    let _ = window.find(&format!("{} [data-testid=tile]", id("treemap")));
    for part in ["gadget", "zoo_cat"] {
        let _ = window.find(&format!("[data-testid=part][data-name={part}]"));
    }
    let total = fact(&window, "total-size").expect("a size");
    let total = total.strip_suffix(" in one file").expect("a size");
    assert!(total.ends_with(" MB"), "{total}");
    window.expect(
        &id("attention"),
        "zoo_cat 1.0 does not say what its licence is",
    );
    window.picture("studio-project");

    // What was foretold is what comes.
    let told = build(&window);
    assert!(told.contains(total), "{total} was foretold\n{told}");
    assert!(told.contains("2 packages"), "{told}");
    let sealed = context.join("dist/sealed words");
    let outcome = context.run(&sealed, [""; 0]);
    outcome.expect_code(3).expect_stdout("gadget main\n");
    window.picture("studio-sealed");

    window.click(&id("run"));
    window.expect(&id("exit"), "Ended with exit code 3");
    window.expect(&id("log"), "gadget main");
    window.expect(&id("log"), "to be read");
    window.picture("studio-run");

    window.click(&id("inspect-result"));
    wait_fact(&window, "inspection-name", "sealed words");
    wait_fact(&window, "inspection-size", &format!("{total} sealed"));
    let known = inspected(&context, &sealed);
    let hash = fact(&window, "hash").expect("the payload's hash");
    assert_eq!(hash.len(), 16);
    assert!(known.to_string().contains(&hash), "{hash}\n{known}");
    window.click(&id("verify"));
    window.expect(&id("verified"), "Every byte is as it was sealed");
    window.picture("studio-inspection");
    let outcome = window.close();
    outcome.expect_success();
    assert_eq!(outcome.stderr(), "", "nothing to complain about\n{outcome}");

    // Both are still known at the next start.
    let window = open(&context, command(&context));
    for path in [script.display(), sealed.display()] {
        let _ = window.find(&format!("[data-testid=recent][data-path='{path}']"));
    }
    window.close().expect_success();
}

/// What the command line says of a sealed file.
fn inspected(context: &TestContext, sealed: &Path) -> Value {
    let json = context.run_pyxidium(["inspect".as_ref(), "--json".as_ref(), sealed.as_os_str()]);
    json.expect_success();
    serde_json::from_str(&json.stdout()).expect("valid JSON")
}

#[test]
fn a_running_app_is_stopped() {
    let context = TestContext::new("studio-stop");
    let text = "import os, time\nprint('process', os.getpid(), flush=True)\ntime.sleep(3600)\n";
    let script = context.write("endless.py", text);
    let window = open_script(&context, &script);
    build(&window);
    window.click(&id("run"));
    let said = window.expect(&id("log"), "process ");
    let process = said.split_whitespace().last().map(str::parse::<u32>);
    let process = process.expect("a line").expect("a number");
    assert_eq!(alive(&[process]), [process]);
    window.click(&id("stop"));
    window.expect(&id("dock"), "Stopped");
    wait_for("the end of the app", || {
        alive(&[process]).is_empty().then_some(())
    });
    // It can be run again.
    window.click(&id("run"));
    window.expect(&id("log"), "process ");
    let _ = window.find(&id("stop"));
    window.close().expect_success();
}

/// An index that takes every question and answers none.
struct SilentIndex {
    address: String,
    came: Arc<AtomicUsize>,
    went: Arc<AtomicUsize>,
}

impl SilentIndex {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (came, went) = (Arc::default(), Arc::default());
        let index = Self {
            address: format!("http://127.0.0.1:{port}/simple"),
            came: Arc::clone(&came),
            went: Arc::clone(&went),
        };
        thread::spawn(move || {
            for mut visitor in listener.incoming().flatten() {
                came.fetch_add(1, Ordering::SeqCst);
                let went = Arc::clone(&went);
                thread::spawn(move || {
                    // Ends when the visitor does.
                    let _ = visitor.read_to_end(&mut Vec::new());
                    went.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        index
    }

    /// Waits until so many have come, and so many of them have given up.
    fn wait(&self, came: usize, went: usize) {
        let now = || {
            let both = [&self.came, &self.went];
            both.map(|count| count.load(Ordering::SeqCst))
        };
        wait_for(format!("{came} visitors, of whom {went} went"), || {
            (now() == [came, went]).then_some(())
        });
    }
}

#[test]
fn a_build_is_cancelled_and_leaves_nothing() {
    let context = TestContext::new("studio-cancel");
    let index = SilentIndex::start();
    // As the settings keep it.
    let settings = json!({ "index_url": index.address }).to_string();
    let folder = context.home().join(".config/pyxidium-studio");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("settings.json"), settings).unwrap();
    let script = context.write("waiting.py", GADGET);
    let mut command = context.command(dist("pyxidium-studio"));
    // It does not lose patience and ask again.
    command.env("PIP_DEFAULT_TIMEOUT", "600").arg(&script);
    let window = open(&context, command);

    let _ = window.find(&id("analysing"));
    index.wait(1, 0);
    // A build needs no analysis to go on beside it.
    window.click(&id("build"));
    window.expect(&id("build-step"), "Installing packages");
    index.wait(2, 1);
    window.picture("studio-building");
    window.click(&id("cancel-build"));
    window.expect(&id("build-cancelled"), "No file was written");
    assert_eq!(files(&context.join("dist")), [""; 0]);
    // What goes in is still wanted.
    let _ = window.find(&id("analysing"));
    index.wait(3, 2);
    window.picture("studio-cancelled");

    window.close().expect_success();
    index.wait(3, 3);
    let left = context.home().join(".cache/pyxidium/work");
    assert_eq!(files(&left), [""; 0], "in {}", left.display());
}

/// The names of a folder's files; of one that is not there, none.
fn files(folder: &Path) -> Vec<String> {
    let entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().collect();
    let names = entries.into_iter().flatten().map(|entry| entry.file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn what_is_wrong_is_said_and_can_be_mended() {
    let context = TestContext::new("studio-wrong");
    let wrong = GADGET.replace("\"gadget\"", "\"gadgot\"");
    let script = context.write("wrong.py", wrong);
    let window = open_script(&context, &script);
    window.expect(&id("analysis-failure"), "gadgot");
    window.click(&id("build"));
    window.expect(&id("build-failure"), "gadgot");
    window.picture("studio-failure");
    assert_eq!(files(&context.join("dist")), [""; 0]);
    fs::write(&script, GADGET).unwrap();
    build(&window);
    wait_fact(&window, "package-count", "2");
    let sealed = context.join("dist/wrong");
    context.run(&sealed, [""; 0]).expect_stdout("gadget main\n");
    let outcome = window.close();
    outcome.expect_success();
    assert_eq!(outcome.stderr(), "", "a mistake is not Studio's\n{outcome}");
}

/// This repository's own `pyoxidizer.bzl`, as `cargo xtask dist --packages` builds it.
#[test]
fn the_recipe_makes_a_package_that_installs_studio() {
    let context = TestContext::new("studio-package");
    let recipe = workspace().join("pyoxidizer.bzl");
    let mut runtime = OsString::from("--var=runtime=");
    runtime.push(release("stripped/pyxidium-studio"));
    let run = |words: &[&str]| {
        let mut command = context.pyxidium();
        command.args(words).arg("--allow-outside").arg(&runtime);
        command.arg(&recipe);
        Spec::of(command).within(600).run()
    };
    let listed = run(&["targets", "--json"]);
    let listed: Value = serde_json::from_str(&listed.expect_success().stdout()).expect("JSON");
    let listed: Vec<_> = listed.as_array().expect("a list").iter().collect();
    let keys = |key: &str| {
        listed
            .iter()
            .map(|target| target[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys("name"), ["exe", "deb", "rpm"]);
    assert_eq!(keys("default"), [true, false, false]);
    assert_eq!(keys("not_here"), [Value::Null, Value::Null, Value::Null]);

    let package = context.join("studio.deb");
    let built = run(&[
        "build",
        "--target",
        "deb",
        "-o",
        package.to_str().expect("a plain path"),
    ]);
    built.expect_success();
    assert_eq!(built.stderr(), "", "there is nothing to explain\n{built}");
    let (entry, program) = System::with(&context, &package).entry();
    for line in [
        "Name=Pyxidium Studio",
        "Exec=pyxidium-studio",
        "Categories=Development;",
    ] {
        assert!(entry.lines().any(|l| l == line), "{line}\n{entry}");
    }
    // It opens, and has what it takes to seal.
    let script = context.write("installed.py", "print('sealed by the installed one')\n");
    let mut command = context.command(program);
    command.arg(&script);
    let window = open(&context, command);
    window.desktop().wait_title(TITLE);
    build(&window);
    window.picture("studio-installed");
    window.close().expect_success();
    let sealed = context.join("dist/installed");
    // The parts of the installed file that went into it are compressed there, too.
    assert!(std::fs::metadata(&sealed).unwrap().len() < 20_000_000);
    context
        .run(&sealed, [""; 0])
        .expect_stdout("sealed by the installed one\n");
}

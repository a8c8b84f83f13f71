//! `pyxidium dev` with the scaffold of `pyxidium new`: what is saved is in the window.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::process::{Spec, send};
use pyxidium_tests::window::{Desktop, alive, group, wait_for};

const SIGINT: i32 = 2;

#[test]
fn what_is_saved_is_in_the_window() {
    let context = TestContext::new("dev");
    context.run_pyxidium(["new", "words"]).expect_success();
    let desktop = Desktop::start(&context);
    let mut command = context.pyxidium();
    command.args(["dev", "words"]);
    desktop.prepare(&mut command);
    let dev = Spec::of(command).within(120).start();
    let said = |text: &str| {
        wait_for(text, || dev.stderr().contains(text).then_some(()));
    };
    let change = |file: &str, from: &str, to: &str| {
        let path = context.join("words").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    desktop.wait_title("Words");
    said("running; close the window or press Ctrl-C to end");

    change("app.py", "Hello", "Good morning");
    said("app.py changed: running it again");
    change("ui/style.css", "#3b5bdb", "#2b8a3e");
    said("style.css changed: loading the page again");

    // A mistake is shown with its place, and the app is still there when it is mended.
    change("app.py", "def greet(", "def greet((");
    said("SyntaxError");
    change("app.py", "def greet((", "def greet(");
    wait_for("the app to run again", || {
        (dev.stderr().matches("running it again").count() == 2).then_some(())
    });

    // What is sealed before Python runs needs a new start.
    change("app.py", "title=\"Words\"", "title=\"Other\"");
    said("app.py changed: starting the app anew");
    desktop.wait_title("Other");

    // The app leads a group of its own, so that Ctrl-C reaches `dev` alone.
    // Its title is there before the web engine's processes are.
    let processes = wait_for("the app's processes", || {
        let all: Vec<u32> = children(dev.id()).into_iter().flat_map(group).collect();
        (all.len() > 1).then_some(all)
    });
    send(dev.id(), SIGINT);
    let outcome = dev.finish();
    outcome.expect_code(130);
    wait_for("every process to end", || {
        (alive(&processes).is_empty() && desktop.titles().is_empty()).then_some(())
    });
}

/// The processes that a process has started.
fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let lists = threads
        .flatten()
        .map(|t| fs::read_to_string(t.path().join("children")));
    let lists: String = lists.map(Result::unwrap_or_default).collect();
    lists
        .split_whitespace()
        .filter_map(|c| c.parse().ok())
        .collect()
}

#[test]
fn closing_the_window_ends_dev_with_the_apps_exit_code() {
    let context = TestContext::new("dev-exit");
    context.write("ui/index.html", "<!doctype html><title>x</title>");
    context.write(
        "app.py",
        "import atexit, os, pyxidium as px\natexit.register(os._exit, 7)\npx.window(title='Seven')\n",
    );
    let desktop = Desktop::start(&context);
    let mut command = context.pyxidium();
    command.args(["dev", "app.py"]);
    desktop.prepare(&mut command);
    let mut dev = Spec::of(command).within(60).start();
    desktop.wait_title("Seven");
    // A window that has just appeared may not listen yet, and is gone before `dev` is.
    wait_for("the app to end", || {
        let _ = desktop.ask_to_close();
        dev.ended().then_some(())
    });
    dev.finish().expect_code(7);
}

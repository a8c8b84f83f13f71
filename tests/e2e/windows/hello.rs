//! The smallest app: one file that opens a window, with nothing but itself.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::process::Spec;
use pyxidium_tests::window::{Desktop, LIMIT, seal, wait_for};

use crate::open;

#[test]
fn page_and_python_talk() {
    let (_context, window) = open("hello", "window-hello");
    window.expect("#answer", "Hello, world!");
    let name = window.find("#name");
    name.clear().unwrap();
    name.keys("Ada").unwrap();
    window.click("#greet");
    window.expect("#answer", "Hello, Ada!");
    window.desktop().wait_title("Hello window");
    let colour = window.js("return getComputedStyle(document.getElementById('answer')).color");
    assert_eq!(colour, "rgb(0, 100, 0)", "the style sheet was served");
    let size = window.js("return [innerWidth, innerHeight]");
    assert_eq!(size, serde_json::json!([640, 360]), "as px.window says");
    window.picture("window-hello");
    let outcome = window.close();
    outcome.expect_success();
    outcome.expect_stdout("greets world\ngreets Ada\n");
    assert_eq!(outcome.stderr(), "", "nothing to complain about\n{outcome}");
}

#[test]
fn missing_files_of_a_page_are_missing() {
    let (_context, window) = open("hello", "window-missing");
    window.expect("#answer", "Hello");
    let status = window.js("return (await fetch('/nothing.js')).status");
    assert_eq!(status, 404, "not the main page in its place");
    let kind = window.js("return (await fetch('style.css')).headers.get('content-type')");
    assert_eq!(kind, "text/css");
    window.close().expect_success();
}

/// No network at all: not even a loopback device, hence no WebDriver. The page says so in the output.
#[test]
fn works_offline_and_writes_nothing_beside_itself() {
    let context = TestContext::new("window-offline");
    let app = seal(&context, "hello");
    let desktop = Desktop::start(&context);
    let mut command = desktop.command(&context, "unshare");
    let flags = if is_root() { "-n" } else { "-rn" };
    command.arg(flags).arg(&app);
    let mut running = Spec::of(command).within(LIMIT.as_secs()).start();
    wait_for(format!("the page's call\n{running}"), || {
        assert!(!running.ended(), "{running}");
        running.stdout().contains("greets world").then_some(())
    });
    desktop.picture("window-offline");
    desktop.close_windows();
    running.finish().expect_success();
    let beside = fs::read_dir(context.work()).unwrap().count();
    assert_eq!(beside, 1, "the app alone");
}

fn is_root() -> bool {
    // SAFETY: geteuid() takes nothing, cannot fail and touches no memory.
    unsafe { libc::geteuid() == 0 }
}

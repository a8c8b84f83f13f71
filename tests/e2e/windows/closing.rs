//! The end of a window is the end of its Python, of its calls and of its processes.

use pyxidium_tests::Outcome;
use pyxidium_tests::window::{group, wait_for};

use crate::open_client;

fn expect_clean_end(outcome: &Outcome) {
    outcome.expect_success();
    let stdout = outcome.stdout();
    assert!(
        stdout.ends_with("atexit ran\n"),
        "the last thing\n{outcome}"
    );
    assert_eq!(stdout.matches("atexit ran").count(), 1, "{outcome}");
    assert!(
        stdout.starts_with("written to standard output\n"),
        "{outcome}"
    );
    assert_eq!(outcome.stderr(), "written to standard error\n", "{outcome}");
}

#[test]
fn closing_an_idle_window_ends_everything() {
    let (_context, window) = open_client("closing", "window-closing");
    let processes = group(window.process().id());
    assert!(processes.len() > 1, "WebKit has processes: {processes:?}");
    expect_clean_end(&window.close());
}

#[test]
fn closing_cancels_running_calls() {
    let (_context, window) = open_client("closing", "window-closing-busy");
    window.js("px.invoke('busy'); px.invoke('busy'); px.invoke('waiting');");
    window.expect_stdout("busy\n");
    window.expect_stdout("waiting\n");
    let outcome = window.close();
    expect_clean_end(&outcome);
    assert_eq!(
        outcome.stdout().matches("busy ended").count(),
        2,
        "{outcome}"
    );
    assert_eq!(
        outcome.stdout().matches("waiting ended").count(),
        1,
        "{outcome}"
    );
}

#[test]
fn closing_leaves_no_process_of_a_command() {
    let (_context, window) = open_client("closing", "window-closing-child");
    let before = group(window.process().id()).len();
    window.js("px.invoke('with_child');");
    window.expect_stdout("child");
    wait_for("the command's process", || {
        (group(window.process().id()).len() > before).then_some(())
    });
    expect_clean_end(&window.close());
}

#[test]
fn python_can_end_the_app() {
    let (_context, window) = open_client("closing", "window-quit");
    // Later: the driver's own answer must get out before the app is gone.
    window.js("setTimeout(() => px.invoke('leave'), 500);");
    expect_clean_end(&window.ended());
}

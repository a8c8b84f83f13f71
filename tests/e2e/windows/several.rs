//! Several windows, and events between them and Python.

use pyxidium_tests::window::{Window, wait_for};
use serde_json::json;

use crate::open_client;

/// Notes what this window hears.
const LISTEN: &str = "globalThis.heard = [];
    px.listen('told', (data) => heard.push(data.text));
    px.listen('heard', (data) => heard.push(data));";

fn expect_heard(window: &Window, expected: &serde_json::Value) {
    wait_for(format!("{expected} to be heard"), || {
        (&window.js("return heard") == expected).then_some(())
    });
}

#[test]
fn events_reach_the_windows_that_they_are_for() {
    let (_context, window) = open_client("windows", "window-several");
    let first = window.session().windows().unwrap().remove(0);
    window.js(LISTEN);
    assert_eq!(window.js("return await px.invoke('open_second')"), "second");
    window.desktop().wait_title("Second window");
    let second = wait_for("a second page", || {
        let all = window.session().windows().ok()?;
        all.into_iter().find(|one| one != &first)
    });
    window.session().switch(&second).unwrap();
    window.wait_ready("px");
    window.js(LISTEN);
    window.picture("window-several");

    window.js("await px.invoke('tell', { text: 'both' })");
    window.js("await px.invoke('tell', { text: 'second', window: 'second' })");
    window.js("await px.invoke('tell', { text: 'first', window: 'main' })");
    window.js("await px.emit('from-page', [1, 2])");
    expect_heard(&window, &json!(["both", "second", [1, 2]]));
    window.session().switch(&first).unwrap();
    expect_heard(&window, &json!(["both", "first", [1, 2]]));

    window.js("await px.invoke('close_second')");
    wait_for("the second window to close", || {
        (window.desktop().titles() == ["First window"]).then_some(())
    });
    // The app goes on with what is left.
    window.js("await px.invoke('tell', { text: 'still here' })");
    expect_heard(&window, &json!(["both", "first", [1, 2], "still here"]));
    window.close().expect_success();
}

#[test]
fn app_ends_with_its_last_window() {
    let (_context, window) = open_client("windows", "window-last");
    window.js("await px.invoke('open_second')");
    window.desktop().wait_title("Second window");
    window.desktop().close_window("First window");
    wait_for("the first window to close", || {
        (window.desktop().titles() == ["Second window"]).then_some(())
    });
    window.desktop().close_window("Second window");
    window.ended().expect_success();
}

//! The harness itself, on a Tauri app without Python: what it says of a window must be true.

use pyxidium_tests::TestContext;
use pyxidium_tests::context::release;
use pyxidium_tests::window::{Window, alive, group};

#[test]
fn bare_window_opens_answers_and_closes() {
    let context = TestContext::new("bare-window");
    let window = Window::open(&context, &release("bare-window"));
    window.expect("h1", "Bare window");
    window.desktop().wait_title("Bare window");
    let answer = window.js("return await __TAURI_INTERNALS__.invoke('ping', { value: [1, 'a'] });");
    assert_eq!(answer, serde_json::json!([1, "a"]));
    let error = window.try_js("await __TAURI_INTERNALS__.invoke('nothing')");
    assert!(error.unwrap_err().contains("nothing"));
    window.picture("bare-window");
    let processes = group(window.process().id());
    assert!(
        processes.len() > 2,
        "WebKit's processes are seen: {processes:?}"
    );
    window.close().expect_success();
    assert!(alive(&processes).is_empty());
}

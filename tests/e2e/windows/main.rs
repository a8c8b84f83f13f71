//! Sealed apps with a window, used as a person uses them. One file, one subject.

mod calls;
mod closing;
mod desktop;
mod dev;
mod eckel;
mod failure;
mod harness;
mod hello;
mod installed;
mod living;
mod own_rust;
mod polymatch;
mod recording;
mod scaffold;
mod security;
mod server;
mod several;
mod speed;
mod stage;
mod studio;
mod tables;

use pyxidium_tests::TestContext;
use pyxidium_tests::window::{Window, seal};

/// Seals `tests/windows/NAME` and opens it; a test's own name is for its folder and its pictures.
fn open(app: &str, test: &str) -> (TestContext, Window) {
    let context = TestContext::new(test);
    let sealed = seal(&context, app);
    let window = Window::open(&context, &sealed);
    (context, window)
}

/// As [`open`], with a page that has loaded the client as `px`.
fn open_client(app: &str, test: &str) -> (TestContext, Window) {
    let (context, window) = open(app, test);
    window.wait_ready("px");
    (context, window)
}

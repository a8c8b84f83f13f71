//! Calls between a page and Python: registry, types, streams, cancellation.
//!
//! It knows neither Tauri nor a page: a message is bytes, an answer is a [`Response`].

use std::time::Duration;

/// What a message is answered with.
pub enum Response {
    /// JSON text.
    Json(String),
    /// Bytes in the bridge's own framing.
    Bytes(Vec<u8>),
    /// JSON text that describes an error.
    Error(String),
}

/// Takes the answer, once, on any thread.
pub type Reply = Box<dyn FnOnce(Response) + Send>;

/// The bridge of this process.
#[derive(Clone, Default)]
pub struct Bridge;

impl Bridge {
    /// The one bridge of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self
    }

    /// Takes one message from the page of window `window`. Returns at once.
    pub fn handle(&self, window: &str, message: Vec<u8>, reply: Reply) {
        let _ = (window, message);
        reply(Response::Error("{}".into()));
    }

    /// The page of `window` went away: its calls are cancelled.
    pub fn forget_window(&self, window: &str) {
        let _ = window;
    }

    /// The app's main module has run: from now on a command that is not known is an error.
    pub fn ready(&self) {}

    /// Forgets all commands, and cancels all calls: the app's code is about to be run again.
    pub fn reset(&self) {}

    /// Cancels all calls and waits for them, at most `grace`. Not to be called with the
    /// interpreter attached.
    pub fn shutdown(&self, grace: Duration) {
        let _ = grace;
    }

    /// The app's main module failed: calls that wait for a command are answered with `why`.
    pub fn failed(&self, why: &str) {
        let _ = why;
    }

    /// Whether tracebacks go to the page.
    pub fn set_development(&self, development: bool) {
        let _ = development;
    }
}

/// The built-in Python module.
#[pyo3::pymodule(name = "_pyxidium_bridge")]
pub fn native_module(_module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
    Ok(())
}

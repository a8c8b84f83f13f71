//! Calls between a page and Python: registry, types, streams, cancellation.
//!
//! A message is bytes ([`Bridge::handle`]), an answer is a [`Response`]; this crate knows neither
//! Tauri nor a page. The layout of both is described in `frame`.
//!
//! ```text
//! handle (any thread, returns at once)
//!   -> frame    finds the message's parts, reads its head
//!   -> window   is the page still there, is the number free, is there room to wait?
//!   -> core     which command; before the app's module has run, a call waits for its command
//!   -> pool     a worker takes the call
//!        -> load      JSON and buffers become arguments, as the annotations direct (schema, json)
//!        -> run       the function is called; `async` ones are handed to the loop
//!        -> dump      the result becomes JSON and buffers
//!   <- call     the answer; for streams one for each time that the page asks (stream)
//! ```
//!
//! The thread that calls `handle` is a window's: nothing on that way waits for the interpreter.
//! For the same reason no lock here is held while Python runs or is waited for.

mod array;
mod call;
mod command;
mod core;
mod dump;
mod errors;
mod frame;
mod invalid;
mod json;
mod load;
mod module;
mod pool;
mod python;
mod run;
mod schema;
mod stream;
mod supervisor;
mod window;

use std::{sync::atomic::Ordering, time::Duration};

pub use frame::Message;
pub use module::native_module;

/// What a message is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Bridge;

impl Bridge {
    /// The one bridge of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self
    }

    /// Takes one message from the page of window `window`. Returns at once.
    pub fn handle(&self, window: &str, message: impl Message, reply: Reply) {
        core::get().handle(window, Box::new(message), reply);
    }

    /// The page of `window` went away: its calls are cancelled.
    pub fn forget_window(&self, window: &str) {
        core::get().forget_window(window);
    }

    /// Sends an event, whose data is JSON text, to the page of one window or of all.
    pub fn emit(&self, window: Option<&str>, event: &str, json: &str) {
        let event = window::Event::Json(format!("[{},{json}]", dump::quoted(event)));
        core::get().emit(window, &event);
    }

    /// Whether pages are shown tracebacks.
    pub fn set_development(&self, development: bool) {
        let flag = &core::get().development;
        flag.store(development, Ordering::Relaxed);
    }

    /// The app's main module has run: from now on a command that is not known is an error.
    pub fn ready(&self) {
        core::get().ready();
    }

    /// The app's main module has raised: calls that wait for it are answered with `message`.
    pub fn failed(&self, message: &str) {
        core::get().failed(message);
    }

    /// Forgets all commands, and cancels all calls: the app's code is about to be run again.
    pub fn reset(&self) {
        core::get().reset();
    }

    /// Cancels all calls and waits for them, at most `grace`; false if some still run. Those are
    /// left alone: when the interpreter ends, they end at their next step in Python.
    ///
    /// Not to be called with the interpreter attached.
    pub fn shutdown(&self, grace: Duration) -> bool {
        core::get().shutdown(grace)
    }
}

//! The few words that the runtime itself says, all of them on standard error.
//!
//! An app's output belongs to the app; this module speaks only when the app cannot.

#![allow(clippy::print_stderr, reason = "this is the one place that prints")]

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;

/// Says why the app cannot start.
pub(crate) fn start_error(error: &Error) {
    eprintln!("error: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        eprintln!("  caused by: {cause}");
        source = cause.source();
    }
    if let Some(hint) = error.hint() {
        eprintln!("hint: {hint}");
    }
}

/// Says once that an entry is damaged: C code that reads it sees only "input/output error".
pub(crate) fn damaged_entry(error: &packed_resources::Error) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        eprintln!("error: this file is damaged: {error}");
        eprintln!("hint: the file was changed after it was made: get it again");
    }
}

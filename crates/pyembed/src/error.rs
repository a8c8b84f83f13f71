//! What can go wrong between the start of the process and the first line of the app.
//!
//! Errors after that are Python's own exceptions and are shown as Python shows them.

use std::ffi::CStr;

use packed_resources::Error as PayloadError;
use pyo3::ffi;

/// Why an interpreter could not be brought up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file holds less than its own headers promise.
    #[error("this file is incomplete: it has {found} bytes and should have {expected}")]
    Truncated {
        /// Bytes that the file should have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// The payload is damaged or made for another version.
    #[error("the application inside this file cannot be read")]
    Payload(#[from] PayloadError),
    /// This executable is a runtime that nothing was sealed into.
    #[error("this is a bare Pyxidium runtime: no application was sealed into it")]
    NoPayload,
    /// The path of the running executable cannot be told.
    #[error("cannot tell the path of the running executable")]
    NoExecutablePath(#[source] std::io::Error),
    /// CPython refused to start.
    #[error("Python could not start: {message} (in {function})")]
    Start {
        /// CPython's own words.
        message: String,
        /// The C function that failed.
        function: String,
    },
    /// A string for CPython holds a NUL byte.
    #[error("{what} holds a NUL character")]
    Nul {
        /// Which string.
        what: &'static str,
    },
    /// A second interpreter was asked for.
    #[error("this process already has a Python interpreter")]
    AlreadyStarted,
    /// Our own start-up module failed.
    #[error("the importer could not be installed: {0}")]
    Importer(String),
}

impl Error {
    /// What the person in front of the machine can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Truncated { .. } => {
                Some("the download or copy was cut short: get the file again")
            }
            Self::Payload(PayloadError::NewerVersion { .. }) => Some(
                "it was sealed by a newer Pyxidium than its runtime: seal it again with one version",
            ),
            Self::Payload(_) => Some("the file was changed after it was made: get it again"),
            Self::NoPayload => Some("seal an application with `pyxidium build app.py`"),
            Self::NoExecutablePath(_) => Some("/proc must be mounted"),
            _ => None,
        }
    }

    /// The error in a status that CPython returned.
    pub(crate) fn from_status(status: &ffi::PyStatus) -> Self {
        let text = |pointer: *const std::ffi::c_char| {
            if pointer.is_null() {
                return "unknown".to_owned();
            }
            // SAFETY: CPython's statuses point at string literals or at NULL, checked above.
            unsafe { CStr::from_ptr(pointer) }
                .to_string_lossy()
                .into_owned()
        };
        Self::Start {
            message: text(status.err_msg),
            function: text(status.func),
        }
    }
}

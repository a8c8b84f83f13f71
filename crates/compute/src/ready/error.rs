//! What can be wrong with what a ready-made kernel was given.

use std::path::PathBuf;

use crate::pool::PoolError;
use crate::work::Cancelled;

/// Why a ready-made kernel gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There are no threads.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// An argument has another shape than it must have.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// The argument.
        what: &'static str,
        /// What it must be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// An argument has a value that makes no sense here.
    #[error("{what} must be {expected}, not {got}")]
    Value {
        /// The argument.
        what: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        got: String,
    },
    /// A search pattern is no regular expression.
    #[error(
        "the pattern is no regular expression: {message}; to look for the text itself, say literal=True"
    )]
    Pattern {
        /// What the compiler of patterns says.
        message: String,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Error {
    /// An argument's value that makes no sense.
    pub(crate) fn value(what: &'static str, expected: &'static str, got: impl ToString) -> Self {
        Self::Value {
            what,
            expected,
            got: got.to_string(),
        }
    }

    /// A file that cannot be read.
    pub(crate) fn read(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Read {
            path: path.into(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_was_expected_and_what_came() {
        let shape = Error::Shape {
            what: "points",
            expected: "(n, 2)".into(),
            got: "(3,)".into(),
        };
        assert_eq!(shape.to_string(), "points: expected (n, 2), got (3,)");
        assert_eq!(
            Error::value("bins", "at least 1", 0).to_string(),
            "bins must be at least 1, not 0"
        );
        let missing = Error::read("/x", std::io::ErrorKind::NotFound.into());
        assert_eq!(missing.to_string(), "cannot read /x: entity not found");
        let pattern = Error::Pattern {
            message: "unclosed group".into(),
        };
        assert!(
            pattern
                .to_string()
                .contains("unclosed group; to look for the text itself, say literal=True")
        );
        assert_eq!(
            Error::from(Cancelled).to_string(),
            "the computation was cancelled"
        );
    }
}

//! What goes wrong, and how Python hears of it: one exception, whose text ends with a `hint:` line
//! as on the command line.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;

pyo3::create_exception!(
    _pyxidium_studio,
    StudioError,
    PyException,
    "Planning, sealing or reading a sealed file failed."
);
pyo3::create_exception!(
    _pyxidium_studio,
    Cancelled,
    PyException,
    "A job ended because somebody asked it to."
);

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Planning, sealing, reading.
    #[error(transparent)]
    Packager(#[from] packager::Error),
    /// An app cannot be looked at.
    #[error(transparent)]
    Profiler(#[from] profiler::Error),
    /// Studio's own payload.
    #[error("Pyxidium Studio's own file is damaged")]
    Own(#[source] pyembed::Error),
    /// Studio was started without a payload.
    #[error("this Pyxidium Studio carries no packager")]
    NotSealed,
    /// Studio cannot find itself, or a folder to work in.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A packager's thread ended without a word.
    #[error("{job} stopped without a reason: an error of Pyxidium's")]
    Panicked {
        /// What was done.
        job: &'static str,
    },
}

impl From<recipe::Error> for Error {
    fn from(error: recipe::Error) -> Self {
        Self::Packager(error.into())
    }
}

impl Error {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Packager(e) => e.hint(),
            Self::Profiler(e) => e.hint().map(str::to_owned),
            Self::Own(_) => Some("install Pyxidium Studio again".into()),
            Self::NotSealed => Some(
                "it is sealed with `exe.packager = True` in its recipe: `cargo xtask run` does it"
                    .into(),
            ),
            Self::Io(_) => None,
            Self::Panicked { .. } => Some("please report it, with the log".into()),
        }
    }

    /// All of it as one text: message, causes, hint.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(source) = cause {
            // Some messages end with their cause's.
            let said = source.to_string();
            if !text.contains(&said) {
                text.push('\n');
                text.push_str(&said);
            }
            cause = source.source();
        }
        if let Some(hint) = self.hint() {
            text.push_str("\nhint: ");
            text.push_str(&hint);
        }
        text
    }
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Packager(packager::Error::Cancelled) => Cancelled::new_err(error.to_string()),
            error => StudioError::new_err(error.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_has_a_line_of_its_own() {
        let missing = recipe::plan(&recipe::Request {
            path: Some("/nowhere/app.py".into()),
            ..Default::default()
        });
        let text = Error::from(missing.unwrap_err()).text();
        assert_eq!(text.lines().next(), Some("/nowhere/app.py does not exist"));
        assert!(
            Error::NotSealed
                .text()
                .ends_with("`cargo xtask run` does it")
        );
        assert!(
            Error::NotSealed
                .text()
                .contains("\nhint: it is sealed with")
        );
    }

    #[test]
    fn a_cause_is_said_once() {
        let io = std::io::Error::other("no such place");
        assert_eq!(Error::Io(io).text(), "no such place");
        let own = Error::Own(pyembed::Error::NoPayload).text();
        assert!(own.starts_with("Pyxidium Studio's own file is damaged\n"));
    }

    #[test]
    fn a_panic_names_the_job() {
        let text = Error::Panicked { job: "build" }.text();
        assert!(text.starts_with("build stopped without a reason"));
        assert!(text.contains("hint: please report it"));
    }
}

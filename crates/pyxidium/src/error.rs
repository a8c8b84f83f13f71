//! A failed command, and the exit code that it means.

use packager::Fault;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// Planning or sealing.
    #[error(transparent)]
    Packager(#[from] packager::Error),
    /// Our own payload.
    #[error("Pyxidium's own file is damaged")]
    Own(#[source] pyembed::Error),
    /// Not yet sealed with a Python.
    #[error("this Pyxidium carries no Python")]
    NotSealed,
    /// Where we are is unknown.
    #[error("cannot find Pyxidium's own file")]
    NoProgram(#[source] std::io::Error),
    /// A signal handler could not be set.
    #[error("cannot listen for Ctrl-C")]
    Signal(#[from] ctrlc::Error),
}

impl From<recipe::Error> for Error {
    fn from(e: recipe::Error) -> Self {
        Self::Packager(e.into())
    }
}

impl Error {
    /// 1 the user, 3 the machine, 70 we ourselves.
    pub(crate) fn exit_code(&self) -> u8 {
        let fault = match self {
            Self::Packager(e) => e.fault(),
            Self::Own(_) | Self::NoProgram(_) | Self::Signal(_) => Fault::Environment,
            Self::NotSealed => Fault::User,
        };
        match fault {
            Fault::User => 1,
            Fault::Environment => 3,
            Fault::Internal => 70,
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Packager(e) => e.hint(),
            Self::NotSealed => Some("`cargo xtask dist` makes dist/pyxidium, which does".into()),
            Self::Own(_) => Some("install Pyxidium again".into()),
            Self::NoProgram(_) | Self::Signal(_) => None,
        }
    }
}

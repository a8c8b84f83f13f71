//! A failed command, and the exit code that it means.

use std::path::PathBuf;

use packager::Fault;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// Planning or sealing.
    #[error(transparent)]
    Packager(#[from] packager::Error),
    /// A target or a variable without a recipe.
    #[error("there is no recipe: no pyoxidizer.bzl in this folder")]
    NoRecipe,
    /// `import` would write over somebody's recipe.
    #[error("{} is there already", .path.display())]
    RecipeExists {
        /// The recipe.
        path: PathBuf,
    },
    /// An option about one file, for a recipe that says itself what is in which.
    #[error("{option} is not for recipes")]
    NotWithRecipe {
        /// The option.
        option: &'static str,
    },
    /// An option about what is sealed, for a file that is.
    #[error("{option} is for what is to be sealed, and {} is sealed already", .path.display())]
    SealedAlready {
        /// The option.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// No path, and nothing in this folder that could be meant.
    #[error("nothing to build: this folder has no pyoxidizer.bzl, pyproject.toml or __main__.py")]
    NothingHere,
    /// Our own payload.
    #[error("Pyxidium's own file is damaged")]
    Own(#[source] pyembed::Error),
    /// Not yet sealed with a Python.
    #[error("this Pyxidium carries no Python")]
    NotSealed,
    /// Where we are is unknown.
    #[error("cannot find Pyxidium's own file")]
    NoProgram(#[source] std::io::Error),
    /// An entry of our own payload.
    #[error("Pyxidium's own file is damaged")]
    Payload(#[source] packed_resources::Error),
    /// A folder that `new` cannot name an app after.
    #[error("{} is no name for an app", .path.display())]
    BadName {
        /// What was typed.
        path: PathBuf,
    },
    /// A folder that `new` would write into.
    #[error("{} is there already", .path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A file that cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file or folder that cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What was sealed for development does not start.
    #[error("cannot run what was sealed")]
    CannotRun(#[source] std::io::Error),
    /// The app fails when it is imported; Python has said why.
    #[error("{} cannot be imported", .path.display())]
    CannotImport {
        /// The app.
        path: PathBuf,
    },
    /// An app cannot be looked at.
    #[error(transparent)]
    Profiler(#[from] profiler::Error),
    /// The system does not tell about changed files.
    #[error("cannot watch for changes")]
    Watch(#[from] notify::Error),
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
            Self::Profiler(e) if e.is_the_users() => Fault::User,
            Self::Profiler(_)
            | Self::Own(_)
            | Self::Payload(_)
            | Self::NoProgram(_)
            | Self::Write { .. }
            | Self::Read { .. }
            | Self::CannotRun(_)
            | Self::Watch(_)
            | Self::Signal(_) => Fault::Environment,
            Self::NotSealed
            | Self::NoRecipe
            | Self::RecipeExists { .. }
            | Self::NotWithRecipe { .. }
            | Self::SealedAlready { .. }
            | Self::NothingHere
            | Self::BadName { .. }
            | Self::Exists { .. }
            | Self::CannotImport { .. } => Fault::User,
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
            Self::Profiler(e) => e.hint().map(str::to_owned),
            Self::NotWithRecipe { option } => Some(match *option {
                "--optimize" => "set `optimization_level` of the interpreter's configuration".into(),
                "--strip" => "set `exe.strip = True`".into(),
                "--smallest" => "set `exe.smallest = True`".into(),
                "--no-compress" => "set `exe.compress = False`".into(),
                "--sizes" => "`pyxidium inspect FILE` shows them".into(),
                _ => "leave parts out with `add_include = False` in a callback, or build a script or folder".into(),
            }),
            Self::SealedAlready { option, .. } => Some(format!(
                "name the script or folder instead, or seal it again: `pyxidium build ... {option}`"
            )),
            Self::RecipeExists { .. } => {
                Some("choose another file with -o, or write over it with --force".into())
            }
            Self::NoRecipe => Some("name it: `pyxidium build path/to/pyoxidizer.bzl`".into()),
            Self::NothingHere => Some("name a script or a folder: `pyxidium build app.py`".into()),
            Self::NotSealed => Some("`cargo xtask dist` makes dist/pyxidium, which does".into()),
            Self::Own(_) | Self::Payload(_) => Some("install Pyxidium again".into()),
            Self::BadName { .. } => {
                Some("a name has letters, digits and dashes, and begins with a letter".into())
            }
            Self::Exists { .. } => Some("choose another name; nothing was written".into()),
            Self::CannotImport { .. } => {
                Some("types are read by importing the app; what went wrong stands above".into())
            }
            Self::Watch(_) => Some(
                "the number of watched folders may be limited: see fs.inotify.max_user_watches"
                    .into(),
            ),
            Self::NoProgram(_)
            | Self::Write { .. }
            | Self::Read { .. }
            | Self::CannotRun(_)
            | Self::Signal(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn check(error: Error, code: u8, expected: &str, hint: Option<&str>) {
        assert_eq!(
            (
                error.to_string().as_str(),
                error.exit_code(),
                error.hint().as_deref()
            ),
            (expected, code, hint)
        );
    }

    #[test]
    fn errors_of_the_machine() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let path = || PathBuf::from("words/app.py");
        let write = Error::Write {
            path: path(),
            source: denied(),
        };
        check(write, 3, "cannot write words/app.py", None);
        let read = Error::Read {
            path: path(),
            source: denied(),
        };
        check(read, 3, "cannot read words/app.py", None);
        check(
            Error::CannotRun(denied()),
            3,
            "cannot run what was sealed",
            None,
        );
        check(
            Error::Watch(notify::Error::io(denied())),
            3,
            "cannot watch for changes",
            Some("the number of watched folders may be limited: see fs.inotify.max_user_watches"),
        );
        let damaged = packed_resources::Payload::parse(b"no payload").unwrap_err();
        check(
            Error::Payload(damaged),
            3,
            "Pyxidium's own file is damaged",
            Some("install Pyxidium again"),
        );
    }

    #[test]
    fn errors_of_the_user() {
        let path = || PathBuf::from("words");
        check(
            Error::Exists { path: path() },
            1,
            "words is there already",
            Some("choose another name; nothing was written"),
        );
        check(
            Error::SealedAlready {
                option: "--strip",
                path: path(),
            },
            1,
            "--strip is for what is to be sealed, and words is sealed already",
            Some(
                "name the script or folder instead, or seal it again: `pyxidium build ... --strip`",
            ),
        );
        check(
            Error::BadName { path: "3d".into() },
            1,
            "3d is no name for an app",
            Some("a name has letters, digits and dashes, and begins with a letter"),
        );
        check(
            Error::CannotImport { path: path() },
            1,
            "words cannot be imported",
            Some("types are read by importing the app; what went wrong stands above"),
        );
    }
}

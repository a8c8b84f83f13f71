//! What can go wrong in a developer command, and whose fault it is.
//!
//! Every variant says what happened; `hints` says what to do about it.

use std::io;
use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// File-system errors carry their path, because they come from `fs_err`.
    #[error(transparent)]
    Io(#[from] io::Error),

    #[error("cannot start `{program}`")]
    Spawn { program: String, source: io::Error },

    #[error("`{command}` failed ({status})")]
    Command {
        command: String,
        status: String,
        tail: Vec<String>,
        log: Option<PathBuf>,
    },

    #[error("system packages are missing: {}", packages.join(" "))]
    MissingPackages {
        packages: Vec<String>,
        command: String,
    },

    #[error("cannot get the source of CPython {version}")]
    NoSource {
        version: &'static str,
        tried: Vec<String>,
    },

    #[error("{path} is not the pinned source: SHA-256 is {found}, expected {expected}", path = path.display())]
    WrongHash {
        path: PathBuf,
        found: String,
        expected: String,
    },

    #[error("the built CPython does not work: {what}")]
    BrokenPython { what: String, log: PathBuf },

    #[error("{what} is not as this tool expects it")]
    Unexpected { what: String },

    #[error("{failed} of {total} {what} failed: {}", names.join(", "))]
    Tests {
        what: &'static str,
        failed: usize,
        total: usize,
        names: Vec<String>,
    },

    #[error("{tool} is needed for this and is not installed")]
    MissingTool {
        tool: &'static str,
        install: &'static str,
    },
}

impl Error {
    /// 1: the project is at fault; 3: the environment; 70: this tool.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Command { .. } | Error::Tests { .. } => 1,
            Error::Io(_)
            | Error::Spawn { .. }
            | Error::MissingPackages { .. }
            | Error::NoSource { .. }
            | Error::WrongHash { .. }
            | Error::MissingTool { .. } => 3,
            Error::BrokenPython { .. } | Error::Unexpected { .. } => 70,
        }
    }

    /// Lines to show between the message and the hints.
    pub fn details(&self) -> &[String] {
        match self {
            Error::Command { tail, .. } => tail,
            Error::NoSource { tried, .. } => tried,
            _ => &[],
        }
    }

    /// What to do next.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Error::Command { log: Some(log), .. } | Error::BrokenPython { log, .. } => {
                vec![format!("the whole log is {}", log.display())]
            }
            Error::MissingPackages { command, .. } => vec![format!("run as root: {command}")],
            Error::NoSource { version, .. } => vec![format!(
                "download Python-{version}.tar.xz elsewhere and pass it: cargo xtask python --source PATH"
            )],
            Error::MissingTool { install, .. } => vec![format!("install it: {install}")],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_names_the_command_to_run() {
        let error = Error::MissingPackages {
            packages: vec!["gcc".into(), "make".into()],
            command: "apt-get install -y gcc make".into(),
        };
        assert_eq!(error.to_string(), "system packages are missing: gcc make");
        assert_eq!(error.hints(), ["run as root: apt-get install -y gcc make"]);
        assert_eq!(error.exit_code(), 3);
    }
}

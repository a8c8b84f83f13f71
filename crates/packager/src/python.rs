//! The Python that sealed apps get, as a program that can be run at build time: the same interpreter
//! compiles the sources, installs the packages and later runs the app, so nothing can disagree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{self, Cache};
use crate::{Error, env_vars};

/// How to start that Python.
#[derive(Debug, Clone)]
pub struct Python {
    /// The program.
    pub program: PathBuf,
    /// Arguments before Python's own, as `python` in `pyxidium python -c ...`.
    pub arguments: Vec<OsString>,
    /// As in `3.13.5`.
    pub version: String,
    /// Names everything that went into the interpreter; part of every cache key.
    pub key: String,
}

impl Python {
    /// As in `3.13`.
    pub fn feature_version(&self) -> &str {
        self.version
            .rsplit_once('.')
            .map_or(self.version.as_str(), |(v, _)| v)
    }

    /// A command that no setting of the user's own Python reaches.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        clean(&mut command);
        command
    }

    /// A file that can be run as `python3.13`, for tools that want a path.
    pub(crate) fn shim(&self, cache: &Cache) -> Result<PathBuf, Error> {
        if self.arguments.is_empty() {
            return Ok(self.program.clone());
        }
        let mut script = String::from("#!/bin/sh\nexec");
        for word in std::iter::once(self.program.as_os_str())
            .chain(self.arguments.iter().map(|a| a.as_os_str()))
        {
            let word = word.to_string_lossy().replace('\'', r"'\''");
            script.push_str(&format!(" '{word}'"));
        }
        script.push_str(" \"$@\"\n");
        let key = blake3::hash(format!("{}\n{script}", self.key).as_bytes()).to_hex();
        let path = cache.shim(&key[..20]);
        if std::fs::read(&path).is_ok_and(|old| old == script.as_bytes()) {
            return Ok(path);
        }
        cache::write_file(&path, script.as_bytes(), 0o755)?;
        Ok(path)
    }
}

/// Takes the user's Python settings out of a command's environment.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PYTHON") {
            command.env_remove(name);
        }
    }
    // A user's settings for environments of their own; indexes and proxies are kept.
    const ELSEWHERE: [&str; 11] = [
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "__PYVENV_LAUNCHER__",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_TARGET",
        "PIP_USER",
        "PIP_PYTHON",
        "UV_PREFIX",
        "UV_SYSTEM_PYTHON",
        "UV_TARGET",
    ];
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    command.env("PIP_REQUIRE_VIRTUALENV", "0");
}

/// A program on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let runs = |p: &Path| {
        p.metadata()
            .is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    env_vars::path()
        .into_iter()
        .map(|d| d.join(name))
        .find(|p| runs(p))
}

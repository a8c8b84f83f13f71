//! The two installers and their command lines. What they print is kept and explained elsewhere; what
//! they lay down is read elsewhere. Nothing of the user's own Python takes part.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::key::Asked;
use super::{Options, explain};
use crate::interrupt::Running;
use crate::python::{clean, on_path};
use crate::{Cache, Error, Progress, Python, ToolOutput, Unit, env_vars, progress};

/// An installer that is there.
#[derive(Debug)]
pub(crate) enum Installer<'p> {
    /// uv, with a file it can take for a `python3.13`.
    Uv {
        program: PathBuf,
        interpreter: PathBuf,
        python: &'p Python,
    },
    /// pip, run by our Python.
    Pip { python: &'p Python },
}

impl<'p> Installer<'p> {
    /// uv where it is on PATH, else our pip.
    pub(crate) fn choose(
        python: &'p Python,
        cache: &Cache,
        options: &Options,
    ) -> Result<Self, Error> {
        let only_pip = options.only_pip || env_vars::installer_is_pip();
        match on_path("uv").filter(|_| !only_pip) {
            Some(program) => Ok(Self::Uv {
                program,
                interpreter: python.shim(cache)?,
                python,
            }),
            None => Ok(Self::Pip { python }),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Uv { .. } => "uv",
            Self::Pip { .. } => "pip",
        }
    }

    fn python(&self) -> &'p Python {
        match self {
            Self::Uv { python, .. } | Self::Pip { python } => python,
        }
    }

    /// A command that installs wheels below `prefix`, still without saying which.
    fn command(&self, prefix: &Path) -> Command {
        let mut command = match self {
            Self::Uv {
                program,
                interpreter,
                ..
            } => {
                let mut command = Command::new(program);
                clean(&mut command);
                command.args([
                    "pip",
                    "install",
                    "--no-progress",
                    "--color",
                    "never",
                    "--link-mode",
                    "copy",
                ]);
                command.arg("--python").arg(interpreter);
                command
            }
            Self::Pip { python } => {
                let mut command = python.command();
                command.args([
                    "-s",
                    "-P",
                    "-B",
                    "-m",
                    "pip",
                    "install",
                    "--no-compile",
                    "--no-warn-script-location",
                ]);
                command.args([
                    "--ignore-installed",
                    "--no-input",
                    "--progress-bar",
                    "off",
                    "--no-color",
                ]);
                command.args([
                    "--disable-pip-version-check",
                    "--root-user-action",
                    "ignore",
                    "--no-user",
                ]);
                command
            }
        };
        command
            .args(["--only-binary", ":all:", "--prefix"])
            .arg(prefix);
        // What a killed installer leaves goes with the work folder.
        command.env("TMPDIR", temporary(prefix));
        command
    }

    /// Installs what the lists name.
    pub(crate) fn install(
        &self,
        prefix: &Path,
        lists: &[&Path],
        options: &Options,
        asked: &Asked,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        // pip's cache may hold what is asked for, but pip cannot be told to use nothing else.
        if options.offline
            && matches!(self, Self::Pip { .. })
            && options.indexes.find_links.is_empty()
        {
            return Err(Error::Offline);
        }
        fs_err::create_dir_all(temporary(prefix))?;
        let mut command = self.command(prefix);
        for list in lists {
            command.arg("-r").arg(list);
        }
        add_indexes(&mut command, options);
        command.args(&options.extra).envs(&options.environment);
        match self {
            Self::Uv { .. } if options.offline => {
                command.arg("--offline");
            }
            Self::Uv { .. } if options.upgrade => {
                command.args(["--upgrade", "--refresh"]);
            }
            Self::Pip { .. } if options.offline => {
                command.arg("--no-index");
            }
            _ => {}
        }
        progress.begin(
            &format!("installing packages with {}", self.name()),
            None,
            Unit::Items,
        );
        let outcome = run(command, progress);
        progress.end();
        progress::check(progress)?;
        let (success, said) = outcome.map_err(|e| self.failed(e.to_string()))?;
        if success {
            return Ok(());
        }
        let exists = |package: &str| self.exists(package, prefix, options, progress);
        Err(explain::explain(
            self.name(),
            self.python(),
            asked,
            options,
            &said,
            &exists,
        ))
    }

    /// Whether an index has files of a package at all, usable or not. Asked only to explain a failure:
    /// pip tells in its longest output which files it passed over.
    fn exists(
        &self,
        package: &str,
        prefix: &Path,
        options: &Options,
        progress: &dyn Progress,
    ) -> Option<bool> {
        if matches!(self, Self::Uv { .. }) || options.offline {
            return None;
        }
        let mut command = self.command(prefix);
        command.args(["-vv", "--dry-run", "--no-deps", package]);
        add_indexes(&mut command, options);
        let (_, said) = run(command, progress).ok()?;
        Some(
            [
                "Skipping link:",
                "Link requires a different Python",
                "Found link ",
            ]
            .iter()
            .any(|t| said.contains(t)),
        )
    }

    fn failed(&self, said: String) -> Error {
        Error::Installer {
            tool: self.name(),
            source: ToolOutput(explain::tail(&said)),
        }
    }
}

fn add_indexes(command: &mut Command, options: &Options) {
    let indexes = &options.indexes;
    if let Some(url) = &indexes.index_url {
        command.arg("--index-url").arg(url);
    }
    for url in &indexes.extra_index_urls {
        command.arg("--extra-index-url").arg(url);
    }
    for place in &indexes.find_links {
        command.arg("--find-links").arg(place);
    }
}

fn temporary(prefix: &Path) -> PathBuf {
    prefix.with_file_name("tmp")
}

/// Unpacks a wheel.
pub(crate) fn unzip(
    python: &Python,
    wheel: &Path,
    into: &Path,
    progress: &dyn Progress,
) -> Result<(), Error> {
    fs_err::create_dir_all(into)?;
    let mut command = python.command();
    command
        .args(["-S", "-s", "-P", "-B", "-m", "zipfile", "-e"])
        .arg(wheel)
        .arg(into);
    match run(command, progress) {
        Ok((true, _)) => Ok(()),
        Ok((false, said)) => Err(Error::Worker {
            what: explain::tail(&said),
        }),
        Err(e) => Err(Error::Worker {
            what: e.to_string(),
        }),
    }
}

/// Runs a command to its end, or until it is to stop; both of its streams as one text, errors last.
pub(crate) fn run(
    mut command: Command,
    progress: &dyn Progress,
) -> std::io::Result<(bool, String)> {
    const LOOK: Duration = Duration::from_millis(50);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = Running::spawn(&mut command)?;
    let (out, err) = (running.0.stdout.take(), running.0.stderr.take());
    let waiting = std::thread::current();
    let (mut said, errors) = std::thread::scope(|scope| {
        let readers = [
            scope.spawn(|| read_then_wake(out, &waiting)),
            scope.spawn(|| read_then_wake(err, &waiting)),
        ];
        while !readers.iter().all(|r| r.is_finished()) {
            if progress.cancelled() {
                // With its pipes closed the readers end.
                running.end();
                break;
            }
            std::thread::park_timeout(LOOK);
        }
        let [said, errors] = readers.map(|r| r.join().unwrap_or_default());
        (said, errors)
    });
    let status = running.0.wait()?;
    said.extend_from_slice(&errors);
    Ok((
        status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

/// All that a stream holds. What was read before an error is what there is to show.
fn read_then_wake(stream: Option<impl Read>, waiting: &std::thread::Thread) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.map(|mut s| s.read_to_end(&mut bytes));
    waiting.unpark();
    bytes
}

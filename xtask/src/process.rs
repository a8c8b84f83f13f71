//! Starting other programs: inherited, captured, or into a log file with a line callback.
//!
//! Every failure names the command as one would type it, and what it said last.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::error::{Error, Result};

/// How many of the last lines of a log a failure shows.
const TAIL: usize = 20;

/// Runs with our own stdout and stderr.
pub fn inherit(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|source| spawn_error(command, source))?;
    finish(command, status, Vec::new(), None)
}

/// Runs with our own stderr; stdout is shown only in the error.
pub fn hushed(command: &mut Command) -> Result<()> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| spawn_error(command, source))?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines = lines.lines().map(ToString::to_string).collect();
    finish(command, output.status, lines, None)
}

/// Runs and returns stdout; stderr is shown only in the error.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| spawn_error(command, source))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    finish(command, output.status, last_lines(&stderr), None)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs and returns stdout whatever the exit status: for questions such as `dpkg-query -W a b`,
/// which fail when one of the names is unknown.
pub fn ask(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .output()
        .map_err(|source| spawn_error(command, source))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the program is on `PATH`.
pub fn on_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A file that collects what a chain of commands says.
pub struct Log {
    path: PathBuf,
    file: fs_err::File,
}

impl Log {
    pub fn create(path: &Path) -> Result<Self> {
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        Ok(Log {
            path: path.to_path_buf(),
            file: fs_err::File::create(path)?,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn write(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.file, "{line}")?)
    }

    /// Runs with stdout and stderr in this log; `on_line` sees every line as it comes.
    pub fn run(&mut self, command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<()> {
        self.write(&format!("$ {}", shown(command)))?;
        let (reader, writer) = io::pipe()?;
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut child = command
            .spawn()
            .map_err(|source| spawn_error(command, source))?;
        // Our copies of the writing end must go, or the reader would never see its end.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut tail = Vec::new();
        for line in BufReader::new(reader).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line).into_owned();
            self.write(&line)?;
            on_line(&line);
            if tail.len() == TAIL {
                tail.remove(0);
            }
            tail.push(line);
        }
        let status = child.wait()?;
        finish(command, status, tail, Some(self.path.clone()))
    }
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_=+,./:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn finish(
    command: &Command,
    status: ExitStatus,
    tail: Vec<String>,
    log: Option<PathBuf>,
) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Error::Command {
        command: shown(command),
        status: status.to_string(),
        tail,
        log,
    })
}

fn spawn_error(command: &Command, source: io::Error) -> Error {
    Error::Spawn {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

fn last_lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..]
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("gcc");
        command.args(["-o", "a file", "it's"]);
        assert_eq!(shown(&command), r"gcc -o 'a file' 'it'\''s'");
    }

    #[test]
    fn a_failure_keeps_the_last_lines_and_names_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::create(&folder.path().join("x.log")).unwrap();
        let mut seen = 0;
        let script = "for i in $(seq 30); do echo line $i; done; echo bad >&2; exit 3";
        let error = log
            .run(Command::new("sh").args(["-c", script]), |_| seen += 1)
            .unwrap_err();
        assert_eq!(seen, 31);
        let Error::Command {
            tail,
            log: Some(path),
            status,
            ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(tail.len(), TAIL);
        assert_eq!(tail.last().map(String::as_str), Some("bad"));
        assert!(status.contains('3'));
        assert!(fs_err::read_to_string(path).unwrap().contains("line 1\n"));
    }
}

//! One worker process and the frames between it and us. Knows nothing of payloads or caches.

use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout, Stdio};

use super::{Job, Outcome, Rejection};
use crate::interrupt::Running;
use crate::{Error, Python};

pub(super) const PROGRAM: &str = include_str!("worker.py");

/// A Python that compiles what it is sent. Ended when dropped.
pub(super) struct Worker {
    // Dropped first, so that the worker sees the end of its input.
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    running: Running,
}

impl Worker {
    pub(super) fn start(python: &Python) -> Result<Self, Error> {
        let mut command = python.command();
        // No `site`, no user folder, no current folder; warnings of sources are not ours to show.
        command.args(["-S", "-s", "-P", "-B", "-W", "ignore", "-c", PROGRAM]);
        command.env("PYTHONHASHSEED", "0").env_remove("LD_PRELOAD");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = Running::spawn(&mut command).map_err(|e| Error::Worker {
            what: format!("cannot start {}: {e}", python.program.display()),
        })?;
        let (Some(input), Some(output)) = (running.0.stdin.take(), running.0.stdout.take()) else {
            return Err(Error::Worker {
                what: "no pipe to it".into(),
            });
        };
        Ok(Self {
            input: BufWriter::new(input),
            output: BufReader::new(output),
            running,
        })
    }

    pub(super) fn compile(&mut self, job: &Job<'_>) -> Result<Outcome, Error> {
        self.exchange(job).map_err(|e| self.died(job, &e))
    }

    fn exchange(&mut self, job: &Job<'_>) -> std::io::Result<Outcome> {
        let length = |n: usize| {
            u32::try_from(n).map_err(|_| std::io::Error::other("a source of more than 4 GiB"))
        };
        self.input.write_all(&[job.task as u8])?;
        self.input
            .write_all(&length(job.name.len())?.to_le_bytes())?;
        self.input
            .write_all(&length(job.source.len())?.to_le_bytes())?;
        self.input.write_all(job.name.as_bytes())?;
        self.input.write_all(job.source)?;
        self.input.flush()?;
        let mut head = [0; 5];
        self.output.read_exact(&mut head)?;
        let len = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut data = vec![0; len];
        self.output.read_exact(&mut data)?;
        Ok(if head[0] == 0 {
            Outcome::Code(data)
        } else {
            Outcome::Rejected(rejection(&data))
        })
    }

    /// What the worker's end has to say for itself.
    fn died(&mut self, job: &Job<'_>, error: &std::io::Error) -> Error {
        let mut said = String::new();
        if let Some(mut stderr) = self.running.0.stderr.take() {
            let _ = stderr.read_to_string(&mut said);
        }
        let status = self
            .running
            .0
            .wait()
            .map_or_else(|e| e.to_string(), |s| s.to_string());
        let last = said.lines().next_back().unwrap_or_default();
        Error::Worker {
            what: format!("at {}: {error}; {status}; {last}", job.name),
        }
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        drop(self.input);
        drop(self.output);
        Ok(())
    }
}

fn rejection(data: &[u8]) -> Rejection {
    let text = String::from_utf8_lossy(data);
    let mut fields = text.splitn(4, '\0').map(str::to_owned);
    let mut next = || fields.next().unwrap_or_default();
    Rejection {
        line: next().parse().unwrap_or(0),
        column: next().parse().unwrap_or(0),
        text: next(),
        message: next(),
    }
}

//! Sources to bytecode, on all cores, by workers of the very Python that will run it. The same workers
//! read out of a source, by its syntax tree, how it uses `pyxidium`: nothing of it is run.
//! Does not decide what a rejected source means: for an app it is an error, for a package a note.

mod marshal;
mod worker;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cache::{self, Cache};
use crate::{Error, Progress, Python, progress};
use worker::Worker;

/// What to make of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Task {
    /// Marshalled code.
    Code = 0,
    /// JSON: what it uses of the package `pyxidium`, with the arguments of `px.window`.
    Uses = 1,
    /// Marshalled code without `assert`, as of `python -O`.
    CodeO1 = 2,
    /// And without docstrings, as of `python -OO`.
    CodeO2 = 3,
}

impl Task {
    /// Compiling at a level of optimisation.
    pub(crate) fn code(level: u8) -> Self {
        match level {
            0 => Self::Code,
            1 => Self::CodeO1,
            _ => Self::CodeO2,
        }
    }
}

/// One source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) task: Task,
    /// Becomes the code's file name: the payload path, which the runtime makes absolute.
    pub(crate) name: &'a str,
    /// The file's bytes, in whatever encoding they declare.
    pub(crate) source: &'a [u8],
}

impl<'a> Job<'a> {
    /// A source to compile.
    pub(crate) fn code(name: &'a str, source: &'a [u8]) -> Self {
        Self::code_at(0, name, source)
    }

    /// A source to compile at a level of optimisation.
    pub(crate) fn code_at(level: u8, name: &'a str, source: &'a [u8]) -> Self {
        Self {
            task: Task::code(level),
            name,
            source,
        }
    }

    /// A source to look into.
    pub(crate) fn uses(name: &'a str, source: &'a [u8]) -> Self {
        Self {
            task: Task::Uses,
            ..Self::code(name, source)
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What the task asks for.
    Code(Vec<u8>),
    /// Python does not accept the source.
    Rejected(Rejection),
}

/// Why Python does not accept a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) text: String,
    pub(crate) message: String,
}

/// Compiles all jobs; the outcomes are in the jobs' order.
pub(crate) fn compile(
    python: &Python,
    jobs: &[Job<'_>],
    progress: &dyn Progress,
) -> Result<Vec<Outcome>, Error> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(jobs.len());
    let next = AtomicUsize::new(0);
    let outcomes: Vec<OnceLock<Outcome>> = jobs.iter().map(|_| OnceLock::new()).collect();
    let run = || -> Result<(), Error> {
        let mut worker = Worker::start(python)?;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { break };
            progress::check(progress)?;
            let outcome = match worker.compile(job)? {
                Outcome::Code(code) if job.task != Task::Uses => Outcome::Code(canonical(&code)?),
                other => other,
            };
            let _ = outcomes[at].set(outcome);
            progress.advance(1);
        }
        worker.finish()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| {
                Err(Error::Worker {
                    what: "a thread panicked".into(),
                })
            })
        })
    })?;
    let missing = || Error::Worker {
        what: "a source got no answer".into(),
    };
    outcomes
        .into_iter()
        .map(|o| o.into_inner().ok_or_else(missing))
        .collect()
}

/// Like [`compile`], with answers kept in the cache by name and content.
pub(crate) fn compile_cached(
    python: &Python,
    cache: &Cache,
    jobs: &[Job<'_>],
    progress: &dyn Progress,
) -> Result<Vec<Outcome>, Error> {
    let paths: Vec<_> = jobs
        .iter()
        .map(|job| {
            let mut hash = blake3::Hasher::new();
            let task = match job.task {
                Task::Code => &b""[..],
                Task::CodeO1 => b"O1",
                Task::CodeO2 => b"O2",
                Task::Uses => worker::PROGRAM.as_bytes(),
            };
            for part in [python.key.as_bytes(), job.name.as_bytes(), job.source, task] {
                hash.update(&(part.len() as u64).to_le_bytes()).update(part);
            }
            cache.code(&hash.finalize().to_hex())
        })
        .collect();
    let mut outcomes: Vec<Option<Outcome>> = paths
        .iter()
        .map(|p| std::fs::read(p).ok().and_then(checked).map(Outcome::Code))
        .collect();
    let missing: Vec<usize> = (0..jobs.len()).filter(|&i| outcomes[i].is_none()).collect();
    let todo: Vec<Job<'_>> = missing.iter().map(|&i| jobs[i]).collect();
    for (i, outcome) in missing.into_iter().zip(compile(python, &todo, progress)?) {
        if let Outcome::Code(code) = &outcome {
            let stored = [blake3::hash(code).as_bytes(), code.as_slice()].concat();
            // Without a cache the next build compiles again; this one has what it needs.
            let _ = cache::write_file(&paths[i], &stored, 0o644);
        }
        outcomes[i] = Some(outcome);
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// A cached answer whose hash still fits.
fn checked(stored: Vec<u8>) -> Option<Vec<u8>> {
    let (hash, code) = stored.split_at_checked(32)?;
    (blake3::hash(code).as_bytes() == hash).then(|| code.to_vec())
}

fn canonical(code: &[u8]) -> Result<Vec<u8>, Error> {
    marshal::canonical(code).ok_or_else(|| Error::Worker {
        what: "marshalled code of an unknown form".into(),
    })
}

#[cfg(test)]
mod tests;

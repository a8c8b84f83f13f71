//! How the packager tells what it is doing, and learns that it should stop. It never prints: the
//! command line implements this.

use std::io;

use crate::Error;

/// What a running number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Items,
    /// Bytes.
    Bytes,
}

/// Receives steps, notes and warnings. One step is under way at a time.
pub trait Progress: Send + Sync {
    /// A step begins; without a total its length is unknown.
    fn begin(&self, _what: &str, _total: Option<u64>, _unit: Unit) {}
    /// The step went on.
    fn advance(&self, _by: u64) {}
    /// The step ended.
    fn end(&self) {}
    /// Something for `--verbose`.
    fn note(&self, _text: &str) {}
    /// Something that the user should look at.
    fn warn(&self, _text: &str) {}
    /// What the project itself has to say: `print` of a recipe.
    fn say(&self, _text: &str) {}
    /// Whether to stop: asked often, from many threads. What is under way then ends with
    /// [`Error::Cancelled`], its children ended and its unfinished files removed.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Stops here if that is asked for.
pub(crate) fn check(progress: &dyn Progress) -> Result<(), Error> {
    if progress.cancelled() {
        return Err(Error::Cancelled);
    }
    Ok(())
}

/// A writer that fails once it is to stop.
pub(crate) struct Stoppable<'a, W> {
    to: W,
    progress: &'a dyn Progress,
}

impl<'a, W> Stoppable<'a, W> {
    pub(crate) fn new(to: W, progress: &'a dyn Progress) -> Self {
        Self { to, progress }
    }
}

impl<W: io::Write> io::Write for Stoppable<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.progress.cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {}

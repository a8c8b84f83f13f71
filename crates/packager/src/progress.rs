//! How the packager tells what it is doing. It never prints: the command line implements this.

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
}

/// Says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {}

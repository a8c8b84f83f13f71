//! What a running app uses of its payload, line by line in a file: only in apps that `pyxidium record`
//! sealed for itself, which name that file in their manifest. In all others this is one look at an
//! empty cell.
//!
//! `f PATH` is a file that was read, looked at or loaded, `d PATH` a folder that was looked at. A line is
//! one write to a file opened for appending, so that worker processes may write to the same one, and
//! nothing is lost if the app is killed.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::Write,
    sync::{Mutex, OnceLock},
};

static RECORDER: OnceLock<Recorder> = OnceLock::new();

struct Recorder {
    file: File,
    seen: Mutex<HashSet<String>>,
}

/// Begins to write to `path`. An app that cannot, runs unrecorded: `pyxidium record` will see nothing.
pub(crate) fn start(path: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    if let Ok(file) = file {
        let seen = Mutex::default();
        // A second start would be of the same process with the same file.
        let _ = RECORDER.set(Recorder { file, seen });
    }
}

/// A file of the payload is used.
pub(crate) fn file(path: &str) {
    if let Some(recorder) = RECORDER.get() {
        recorder.line('f', path);
    }
}

/// A folder of the payload is looked at.
pub(crate) fn folder(path: &str) {
    if let Some(recorder) = RECORDER.get() {
        recorder.line('d', path);
    }
}

impl Recorder {
    fn line(&self, kind: char, path: &str) {
        // A name with a line break is none that an installer makes.
        if path.is_empty() || path.contains('\n') {
            return;
        }
        let line = format!("{kind} {path}\n");
        // A process that was forked while another thread was here has the lock held for ever; to say
        // something twice does no harm.
        let new = match self.seen.try_lock() {
            Ok(mut seen) => seen.insert(line.clone()),
            Err(_) => true,
        };
        if new {
            let _ = (&self.file).write_all(line.as_bytes());
        }
    }
}

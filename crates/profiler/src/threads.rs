//! The threads of a process: which of them Python knows, and whether one is running or waiting.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// How the kernel tells what a thread does.
#[derive(Debug)]
pub(crate) struct Activity {
    file: File,
}

impl Activity {
    pub(crate) fn of(pid: u32, thread: u64) -> Option<Self> {
        let file = File::open(format!("/proc/{pid}/task/{thread}/stat")).ok()?;
        Some(Self { file })
    }

    /// Whether it runs, or would if it had a processor. None: it has ended.
    pub(crate) fn running(&self) -> Option<bool> {
        // `number (name) state ...`; a name has at most 15 characters.
        let mut bytes = [0; 64];
        let len = self.file.read_at(&mut bytes, 0).ok()?;
        let bytes = bytes.get(..len)?;
        let end = bytes.iter().rposition(|b| *b == b')')?;
        match bytes.get(end + 2)? {
            b'R' => Some(true),
            b'Z' | b'X' => None,
            _ => Some(false),
        }
    }
}

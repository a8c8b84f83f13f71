//! The threads of a process: whether one is running or waiting, and how much of a processor it used.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use crate::stacks::Stacks;

/// Looks for which a thread can be said to run without using a processor. More is a very busy machine.
const MOST_PENDING: usize = 1000;

/// How the kernel tells what a thread does.
#[derive(Debug)]
pub(crate) struct Activity {
    state: File,
    used: Option<File>,
    /// When it was last looked at.
    before: Account,
    /// Stacks since the kernel last told of more: it does so at its clock's ticks and when a thread
    /// begins to wait, which is less often than we look.
    pending: Vec<usize>,
}

impl Activity {
    pub(crate) fn of(pid: u32, thread: u64) -> Option<Self> {
        let open = |name: &str| File::open(format!("/proc/{pid}/task/{thread}/{name}"));
        let used = open("schedstat").ok();
        Some(Self {
            state: open("stat").ok()?,
            before: used.as_ref().and_then(account).unwrap_or_default(),
            used,
            pending: Vec::new(),
        })
    }

    /// Whether it runs, or would if it had a processor. None: it has ended.
    pub(crate) fn running(&self) -> Option<bool> {
        // `number (name) state ...`; a name has at most 15 characters.
        let mut bytes = [0; 64];
        let len = self.state.read_at(&mut bytes, 0).ok()?;
        let bytes = bytes.get(..len)?;
        let end = bytes.iter().rposition(|b| *b == b')')?;
        match bytes.get(end + 2)? {
            b'R' => Some(true),
            b'Z' | b'X' => None,
            _ => Some(false),
        }
    }

    /// Counts a look: the processor time that was used goes to the stacks that were seen meanwhile.
    pub(crate) fn count(&mut self, stack: usize, running: bool, passed: u64, stacks: &mut Stacks) {
        let Some(now) = self.used.as_ref().and_then(account) else {
            // A kernel without such an account: what runs has a processor, as far as we know.
            stacks.add(stack, passed, running);
            return;
        };
        let used = now.nanoseconds.saturating_sub(self.before.nanoseconds);
        if now.turns != self.before.turns {
            // It has got a processor since: until then it stood where somebody took it away.
            self.pending.clear();
        }
        self.before = now;
        if running || (used > 0 && self.pending.is_empty()) {
            self.pending.push(stack);
        } else {
            stacks.add(stack, passed, false);
        }
        if used > 0 {
            let each = used / u64::try_from(self.pending.len()).unwrap_or(1).max(1);
            for stack in self.pending.drain(..) {
                stacks.add(stack, each, true);
            }
        } else if !running || self.pending.len() > MOST_PENDING {
            self.pending.clear();
        }
    }
}

/// What a thread has had of processors.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Account {
    pub(crate) nanoseconds: u64,
    /// How often it was given one.
    turns: u64,
}

/// Reads a `schedstat` file: time on a processor, time waiting for one, turns.
pub(crate) fn account(schedstat: &File) -> Option<Account> {
    let mut bytes = [0; 80];
    let len = schedstat.read_at(&mut bytes, 0).ok()?;
    let text = std::str::from_utf8(bytes.get(..len)?).ok()?;
    let mut fields = text.split_ascii_whitespace().map(str::parse);
    Some(Account {
        nanoseconds: fields.next()?.ok()?,
        turns: fields.nth(1)?.ok()?,
    })
}

//! One process under test: its Python, its threads, its children.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::Error;
use crate::code::{CodeCache, Codes, Reader, Trust};
use crate::memory::{Memory, word_at};
use crate::runtime::Runtime;
use crate::stacks::{Frame, Stacks, walk};
use crate::threads::Activity;

/// How often a stack that was torn is read anew.
const TRIES: usize = 4;
/// More threads than any sane program has; a torn list must not keep us.
const MOST_THREADS: usize = 512;

/// What the last sample of a thread was, to be used again while it only waits.
#[derive(Debug)]
struct Thread {
    activity: Activity,
    /// Its newest frame, and the instruction in it.
    place: (u64, u64),
    stack: Option<usize>,
}

/// A running process with a Python in it.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    memory: Memory,
    runtime: Runtime,
    threads: HashMap<u64, Thread>,
    cache: CodeCache,
}

/// What one look at a process came to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Look {
    /// Threads that were in Python.
    pub(crate) seen: u64,
    /// Stacks that made no sense.
    pub(crate) torn: u64,
    /// Python has started.
    pub(crate) alive: bool,
}

impl Process {
    pub(crate) fn open(pid: u32) -> Result<Self, Error> {
        let memory = Memory::open(pid)?;
        let runtime = Runtime::find(pid, &memory)?;
        Ok(Self {
            pid,
            memory,
            runtime,
            threads: HashMap::new(),
            cache: CodeCache::default(),
        })
    }

    /// Adds what every thread is doing now. None: the process is gone.
    pub(crate) fn sample(
        &mut self,
        now: u64,
        nanoseconds: u64,
        codes: &mut Codes,
        stacks: &mut Stacks,
    ) -> Option<Look> {
        let mut look = Look::default();
        let o = self.runtime.offsets.clone();
        let reader = Reader {
            memory: &self.memory,
            runtime: &self.runtime,
        };
        let mut interpreter = reader
            .memory
            .word(self.runtime.address + o.interpreters_head)?;
        let mut stack: Vec<Frame> = Vec::new();
        while interpreter != 0 {
            let mut address = reader.memory.word(interpreter + o.threads_head)?;
            for _ in 0..MOST_THREADS {
                if address == 0 {
                    break;
                }
                look.alive = true;
                let place = address;
                let Some(mut state) = reader.memory.bytes(address, o.thread_size) else {
                    look.torn += 1;
                    break;
                };
                address = word_at(&state, o.thread_next)?;
                let (Some(id), Some(frame)) = (
                    word_at(&state, o.native_thread_id),
                    word_at(&state, o.current_frame),
                ) else {
                    continue;
                };
                if id == 0 || frame == 0 {
                    continue;
                }
                let known = match self.threads.entry(id) {
                    std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::hash_map::Entry::Vacant(new) => {
                        let Some(activity) = Activity::of(self.pid, id) else {
                            continue;
                        };
                        new.insert(Thread {
                            activity,
                            place: (0, 0),
                            stack: None,
                        })
                    }
                };
                let Some(running) = known.activity.running() else {
                    self.threads.remove(&id);
                    continue;
                };
                let instruction = reader.memory.word(frame + o.instr_ptr).unwrap_or(0);
                // A thread that waits where it waited has the stack that it had.
                let same = !running && known.place == (frame, instruction);
                known.place = if running {
                    (0, 0)
                } else {
                    (frame, instruction)
                };
                if !same || known.stack.is_none() {
                    known.stack = None;
                    let now = (now, if running { Trust::SOME } else { Trust::NONE });
                    for _ in 0..TRIES {
                        let cache = &mut self.cache;
                        if walk(&state, now, &reader, cache, codes, &mut stack).is_some() {
                            known.stack = Some(stacks.number(&stack));
                            break;
                        }
                        match reader.memory.bytes(place, o.thread_size) {
                            Some(new) => state = new,
                            None => break,
                        }
                    }
                }
                match known.stack {
                    Some(number) => {
                        look.seen += 1;
                        known.activity.count(number, running, nanoseconds, stacks);
                    }
                    None => look.torn += 1,
                }
            }
            interpreter = reader.memory.word(interpreter + o.interpreter_next)?;
        }
        Some(look)
    }
}

/// The descendants of a process that run the same file.
pub(crate) fn descendants(pid: u32, executable: &PathBuf, found: &mut Vec<u32>) {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return;
    };
    for task in tasks.flatten() {
        let list = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in list.split_ascii_whitespace().filter_map(|c| c.parse().ok()) {
            if found.contains(&child) {
                continue;
            }
            if std::fs::read_link(format!("/proc/{child}/exe")).is_ok_and(|e| e == *executable) {
                found.push(child);
            }
            descendants(child, executable, found);
        }
    }
}

/// Processor time that a process has used, in seconds.
pub(crate) fn processor_seconds(pid: u32) -> Option<f64> {
    // User and system time are the 14th and 15th field; a hundred ticks are a second to programs.
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let rest = text.rsplit_once(") ")?.1;
    let mut fields = rest.split(' ').skip(11).map(|f| f.parse::<u32>().ok());
    let ticks = f64::from(fields.next()??) + f64::from(fields.next()??);
    Some(ticks / 100.0)
}

//! One thread's stack as it is at this moment, and how often each stack was seen.
//!
//! The program goes on while we read, so a stack can be torn. Frames of one thread lie behind each
//! other in one chunk of memory: the newest part is copied in one go, which takes less time than a
//! call of a Python function. What still makes no sense is thrown away and counted.

use std::collections::HashMap;

use crate::code::{CodeCache, Codes, Reader, Trust};
use crate::memory::word_at;

/// A function's number and a line in it.
pub(crate) type Frame = (u32, u32);

/// Deeper stacks lose their middle: a runaway recursion must not take our memory.
const DEEPEST: usize = 600;
/// A stack that goes on longer is a circle, read while it was changed.
const ENDLESS: usize = 50_000;
/// As much of the newest frames as is copied at once.
const WINDOW: u64 = 4096;
/// A frame that CPython's C code put there: it has no Python code.
const OWNED_BY_C: u8 = 3;

/// Time in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Time {
    /// While the thread was running.
    pub(crate) busy: u64,
    /// While it waited.
    pub(crate) waiting: u64,
    pub(crate) samples: u64,
}

/// Every stack that was seen, the outermost frame first.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    numbers: HashMap<Box<[Frame]>, usize>,
    times: Vec<Time>,
}

impl Stacks {
    /// The number of a stack.
    pub(crate) fn number(&mut self, stack: &[Frame]) -> usize {
        if let Some(&number) = self.numbers.get(stack) {
            return number;
        }
        let number = self.times.len();
        self.numbers.insert(stack.into(), number);
        self.times.push(Time::default());
        number
    }

    pub(crate) fn add(&mut self, number: usize, nanoseconds: u64, busy: bool) {
        if let Some(time) = self.times.get_mut(number) {
            time.samples += 1;
            let part = if busy {
                &mut time.busy
            } else {
                &mut time.waiting
            };
            *part += nanoseconds;
        }
    }

    /// All stacks with their times, in an order that does not depend on chance.
    pub(crate) fn all(&self) -> Vec<(&[Frame], Time)> {
        let time = |n: usize| self.times.get(n).copied().unwrap_or_default();
        let mut all: Vec<_> = self.numbers.iter().map(|(s, n)| (&**s, time(*n))).collect();
        all.sort_by(|a, b| a.0.cmp(b.0));
        all
    }
}

/// The newest frames of a thread, copied in one go.
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn around(leaf: u64, chunk: u64, reader: &Reader<'_>) -> Self {
        let end = leaf + reader.runtime.offsets.frame_size;
        // A generator's frame lies elsewhere.
        let near = chunk < leaf && leaf - chunk < 1 << 24;
        let start = if near {
            chunk.max(end.saturating_sub(WINDOW))
        } else {
            leaf
        };
        let bytes = reader.memory.bytes(start, end - start).unwrap_or_default();
        Self { start, bytes }
    }

    /// An older frame, with those that lie before it if they do.
    fn up_to(address: u64, reader: &Reader<'_>) -> Option<Self> {
        let end = address.checked_add(reader.runtime.offsets.frame_size)?;
        let read = |start: u64| {
            let bytes = reader.memory.bytes(start, end - start)?;
            Some(Self { start, bytes })
        };
        read(end.checked_sub(WINDOW)?).or_else(|| read(address))
    }

    fn frame(&self, address: u64, size: u64) -> Option<&[u8]> {
        let at = usize::try_from(address.checked_sub(self.start)?).ok()?;
        self.bytes.get(at..at + usize::try_from(size).ok()?)
    }
}

/// What a thread is doing: its frames go into `stack`, the outermost first.
pub(crate) fn walk(
    thread: &[u8],
    now: (u64, Trust),
    reader: &Reader<'_>,
    cache: &mut CodeCache,
    codes: &mut Codes,
    stack: &mut Vec<Frame>,
) -> Option<()> {
    let o = &reader.runtime.offsets;
    stack.clear();
    let mut address = word_at(thread, o.current_frame)?;
    let mut window = Window::around(address, word_at(thread, o.datastack_chunk)?, reader);
    let size = o.frame_size;
    let mut ends_in_c = false;
    for _ in 0..ENDLESS {
        if address == 0 {
            stack.reverse();
            // C code has called the first of all functions. If not, a generator has just yielded and
            // forgotten who called it.
            return ends_in_c.then_some(());
        }
        if window.frame(address, size).is_none() {
            window = Window::up_to(address, reader)?;
        }
        let frame = window.frame(address, size)?;
        let owner = *frame.get(usize::try_from(o.owner).ok()?)?;
        ends_in_c = owner == OWNED_BY_C;
        if !ends_in_c {
            let executable = word_at(frame, o.executable)?;
            let instruction = word_at(frame, o.instr_ptr)?;
            let place = cache.place(executable, instruction, now, reader, codes)?;
            if stack.len() == DEEPEST {
                stack.truncate(DEEPEST / 2);
            }
            stack.push(place);
        }
        address = word_at(frame, o.previous)?;
    }
    None
}

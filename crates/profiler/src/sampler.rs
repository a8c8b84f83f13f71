//! The sampling itself: a thread that looks at a process and its children at a steady rate, and less
//! often where looking takes long.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Error;
use crate::code::Codes;
use crate::process::{Process, descendants, processor_seconds};
use crate::stacks::Stacks;
use crate::threads::account;

/// Of one processor's time, how much looking may take: one part in so many.
const SHARE: u32 = 40;
/// What one look counts for at most.
const LONGEST: Duration = Duration::from_millis(250);
/// After so many looks it is known what one takes.
const LOOKS: u64 = 50;
/// How often is looked for new child processes.
const CHILDREN_EVERY: Duration = Duration::from_millis(100);
/// How long a process may take until there is a Python in it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) codes: Codes,
    pub(crate) stacks: Stacks,
    pub(crate) rounds: u64,
    pub(crate) samples: u64,
    pub(crate) torn: u64,
    pub(crate) processes: u64,
    /// From the first sample to the last, in seconds.
    pub(crate) seconds: f64,
    /// Of the first process, in seconds.
    pub(crate) processor: f64,
    /// Time that looking took, in seconds.
    pub(crate) spent: f64,
}

/// Looks at a process.
#[derive(Debug)]
pub(crate) struct Sampler {
    executable: PathBuf,
    root: u32,
    processes: Vec<Process>,
    interval: Duration,
    started: Option<Instant>,
    begun: Instant,
    last: Instant,
    looked: Instant,
    /// What a look takes of a processor.
    cost: Duration,
    own: OwnTime,
}

impl Sampler {
    pub(crate) fn new(pid: u32, rate: u32) -> Result<Self, Error> {
        let executable = std::fs::read_link(format!("/proc/{pid}/exe")).map_err(|_| Error::Gone)?;
        let now = Instant::now();
        Ok(Self {
            executable,
            root: pid,
            processes: vec![Process::open(pid)?],
            interval: Duration::from_secs(1) / rate.clamp(1, 10_000),
            started: None,
            begun: now,
            last: now,
            looked: now,
            cost: Duration::ZERO,
            own: OwnTime::start(),
        })
    }

    /// One look at everything. False: the process is gone.
    pub(crate) fn round(&mut self, seen: &mut Seen) -> Result<bool, Error> {
        let start = Instant::now();
        let passed = start - self.last;
        self.last = start;
        // Where we got no processor for long: who knows what was waited for meanwhile.
        let passed = passed.min(LONGEST.max(4 * self.interval()));
        let nanoseconds = u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX);
        if start - self.looked > CHILDREN_EVERY {
            self.looked = start;
            self.look_for_children(seen);
        }
        let root = self.root;
        let mut alive = false;
        let mut root_there = false;
        self.processes.retain_mut(|process| {
            let look = process.sample(seen.rounds, nanoseconds, &mut seen.codes, &mut seen.stacks);
            let Some(look) = look else {
                return false;
            };
            seen.samples += look.seen;
            seen.torn += look.torn;
            alive |= look.alive;
            root_there |= process.pid == root;
            true
        });
        if alive {
            seen.rounds += 1;
            let started = *self.started.get_or_insert(start);
            seen.seconds = (start - started).as_secs_f64();
            seen.processes = seen.processes.max(1);
        } else if self.started.is_none() && start - self.begun > PATIENCE {
            let why = "it does not start a Python";
            return Err(Error::NotPython { why });
        }
        if seen.rounds.is_multiple_of(LOOKS) {
            let (all, since) = self.own.passed();
            seen.spent = all.as_secs_f64();
            self.cost = since / u32::try_from(LOOKS).unwrap_or(1);
        }
        Ok(root_there)
    }

    /// Between two looks.
    fn interval(&self) -> Duration {
        self.interval.max(self.cost * SHARE)
    }

    /// Sleeps until the next look is due.
    pub(crate) fn wait(&self) {
        // Never in step with the program: what it does every millisecond has to be seen as well.
        let jitter = self.last.elapsed().subsec_nanos() % 64;
        let interval = self.interval() + Duration::from_micros(jitter.into());
        std::thread::sleep((self.last + interval).saturating_duration_since(Instant::now()));
    }

    fn look_for_children(&mut self, seen: &mut Seen) {
        if let Some(seconds) = processor_seconds(self.root) {
            seen.processor = seconds;
        }
        let mut found = Vec::new();
        descendants(self.root, &self.executable, &mut found);
        for pid in found {
            if self.processes.iter().all(|p| p.pid != pid)
                && let Ok(process) = Process::open(pid)
            {
                self.processes.push(process);
                seen.processes = seen.processes.max(1) + 1;
            }
        }
    }
}

/// Processor time of this thread: on a busy machine a look takes long and costs no more.
#[derive(Debug)]
struct OwnTime {
    file: Option<File>,
    start: Duration,
    last: Duration,
}

impl OwnTime {
    fn start() -> Self {
        let file = File::open("/proc/thread-self/schedstat").ok();
        let now = Self::read(file.as_ref());
        Self {
            file,
            start: now,
            last: now,
        }
    }

    /// Since the start, and since the last call.
    fn passed(&mut self) -> (Duration, Duration) {
        let now = Self::read(self.file.as_ref());
        let since = now.saturating_sub(self.last);
        self.last = now;
        (now.saturating_sub(self.start), since)
    }

    /// Nothing where the kernel keeps no such account.
    fn read(file: Option<&File>) -> Duration {
        Duration::from_nanos(file.and_then(account).unwrap_or_default().nanoseconds)
    }
}

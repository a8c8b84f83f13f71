//! A thread for what cannot wait for a worker: held-back progress, more workers, and short calls
//! into Python on behalf of threads that must not wait for the interpreter.

use std::{
    sync::{Condvar, Mutex, OnceLock, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use pyo3::Python;

use crate::{
    call::{Call, lock},
    core,
};

/// How long a job may wait while no worker takes any, before there is one worker more.
const PATIENCE: Duration = Duration::from_millis(2);

type Task = Box<dyn FnOnce(Python<'_>) + Send>;

#[derive(Default)]
pub(crate) struct Supervisor {
    state: Mutex<State>,
    wake: Condvar,
    started: OnceLock<()>,
}

#[derive(Default)]
struct State {
    tasks: Vec<Task>,
    progress: Vec<(Instant, Weak<Call>)>,
    /// When to look at the pool, and how many jobs had been taken when that was decided.
    pool: Option<(Instant, u64)>,
    /// Python is about to end: the interpreter must not be attached to any more.
    closed: bool,
}

impl Supervisor {
    /// Runs `task` with the interpreter attached, soon, on a thread of its own.
    pub(crate) fn attached(&'static self, task: impl FnOnce(Python<'_>) + Send + 'static) {
        self.tell(|state| state.tasks.push(Box::new(task)));
    }

    /// Sends the progress that `call` holds back, at `due`.
    pub(crate) fn at(&'static self, due: Instant, call: Weak<Call>) {
        self.tell(|state| state.progress.push((due, call)));
    }

    /// Looks after the pool in a moment: `taken` jobs have been taken so far.
    pub(crate) fn watch_pool(&'static self, taken: u64) {
        self.tell(|state| {
            if state.pool.is_none() {
                state.pool = Some((Instant::now() + PATIENCE, taken));
            }
        });
    }

    /// From now on nothing here touches the interpreter.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        self.wake.notify_one();
    }

    fn tell(&'static self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.wake.notify_one();
        self.started.get_or_init(|| {
            let named = thread::Builder::new().name("pyxidium-supervisor".into());
            // Without it calls still run, on the workers that there are.
            let _ = named.spawn(|| self.run());
        });
    }

    fn run(&self) {
        loop {
            let (tasks, due, grow) = self.next();
            for call in due.iter().filter_map(Weak::upgrade) {
                call.release_progress();
            }
            if lock(&self.state).closed {
                return;
            }
            if grow {
                core::get().pool.grow();
            }
            for task in tasks {
                Python::attach(task);
            }
        }
    }

    /// Waits until there is something to do.
    fn next(&self) -> (Vec<Task>, Vec<Weak<Call>>, bool) {
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let tasks = std::mem::take(&mut state.tasks);
            let (due, later) = std::mem::take(&mut state.progress)
                .into_iter()
                .partition::<Vec<_>, _>(|(when, _)| *when <= now);
            state.progress = later;
            let due: Vec<_> = due.into_iter().map(|(_, call)| call).collect();

            let mut grow = false;
            if let Some((when, taken)) = state.pool
                && when <= now
            {
                let (waits, now_taken) = core::get().pool.pressure();
                grow = waits && now_taken == taken;
                state.pool = waits.then_some((now + PATIENCE, now_taken));
            }
            if state.closed || grow || !tasks.is_empty() || !due.is_empty() {
                return (tasks, due, grow);
            }
            let times = state.progress.iter().map(|(when, _)| *when);
            let next = times.chain(state.pool.map(|(when, _)| when)).min();
            state = match next {
                Some(when) => {
                    let waited = self.wake.wait_timeout(state, when - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.wake.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

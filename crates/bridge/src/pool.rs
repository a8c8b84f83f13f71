//! The threads that run commands. Python sees them as daemon `threading.Thread`s.
//!
//! Two are there from the first command on. There is one more whenever jobs wait and no worker
//! comes to take them; those beyond two end when they have had nothing to do for a while.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use pyo3::{Python, prelude::*};

use crate::{call::Call, call::lock, command::Command, core, frame::Frame, module, python};

const MIN_THREADS: usize = 2;
/// More wait for each other's turn with the interpreter than do anything.
const MAX_THREADS: usize = 32;
const IDLE: Duration = Duration::from_secs(30);

/// Something for a worker to do.
pub(crate) enum Job {
    Call {
        call: Arc<Call>,
        command: Arc<Command>,
        frame: Frame,
    },
    /// Events of pages, in their order.
    Events,
}

#[derive(Default)]
pub(crate) struct Pool {
    state: Mutex<State>,
    jobs: Condvar,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    /// Threads that a stream holds; they do not count against the limit.
    streams: usize,
    taken: u64,
    named: usize,
    closed: bool,
}

impl Pool {
    pub(crate) fn submit(&self, job: Job) {
        let short = {
            let mut state = lock(&self.state);
            if state.closed {
                return;
            }
            state.jobs.push_back(job);
            (state.jobs.len() > state.idle).then_some(state.taken)
        };
        self.jobs.notify_one();
        if let Some(taken) = short {
            core::get().supervisor.watch_pool(taken);
        }
    }

    /// Waits for a job, without the interpreter; none means that the thread is to end.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                state.taken += 1;
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            let (waited, timeout) = self
                .jobs
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = waited;
            state.idle -= 1;
            if timeout.timed_out() && state.jobs.is_empty() && state.threads > MIN_THREADS {
                return None;
            }
        }
    }

    /// A worker's thread has nothing more to do with Python.
    pub(crate) fn thread_ended(&self) {
        lock(&self.state).threads -= 1;
        self.ended.notify_all();
    }

    /// Whether jobs wait, and how many have been taken so far.
    pub(crate) fn pressure(&self) -> (bool, u64) {
        let state = lock(&self.state);
        (!state.jobs.is_empty() && !state.closed, state.taken)
    }

    /// Starts the first threads.
    pub(crate) fn start(&self, py: Python<'_>) -> PyResult<()> {
        while lock(&self.state).threads < MIN_THREADS {
            self.add_thread(py)?;
        }
        Ok(())
    }

    /// One thread more, if there may be one.
    pub(crate) fn grow(&self) {
        // A thread that cannot be started is one that we do without.
        let _ = Python::attach(|py| self.add_thread(py));
    }

    fn add_thread(&self, py: Python<'_>) -> PyResult<()> {
        let number = {
            let mut state = lock(&self.state);
            if state.closed || state.threads >= MAX_THREADS + state.streams {
                return Ok(());
            }
            state.threads += 1;
            state.named += 1;
            state.named
        };
        let target = py
            .import(module::NAME)
            .and_then(|module| module.getattr("work"));
        let name = format!("pyxidium-worker-{number}");
        let started = target.and_then(|target| python::start_thread(py, &name, &target));
        if started.is_err() {
            self.thread_ended();
        }
        started
    }

    /// A stream holds this thread until the guard goes.
    pub(crate) fn hold_for_stream(&'static self) -> StreamThread {
        lock(&self.state).streams += 1;
        StreamThread(self)
    }

    /// No more jobs. Those that wait are given back.
    pub(crate) fn close(&self) -> VecDeque<Job> {
        let mut state = lock(&self.state);
        state.closed = true;
        self.jobs.notify_all();
        std::mem::take(&mut state.jobs)
    }

    /// Waits until all threads have ended; false if some had not by `deadline`.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        let mut state = lock(&self.state);
        while state.threads > 0 {
            let now = Instant::now();
            if now >= deadline {
                return false;
            }
            state = self
                .ended
                .wait_timeout(state, deadline - now)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

/// See [`Pool::hold_for_stream`].
pub(crate) struct StreamThread(&'static Pool);

impl Drop for StreamThread {
    fn drop(&mut self) {
        lock(&self.0.state).streams -= 1;
    }
}

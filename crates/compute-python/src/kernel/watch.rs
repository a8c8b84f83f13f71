//! What runs beside a kernel: Ctrl-C, a page that cancels, progress.
//!
//! Compiled code looks at one flag. A thread raises it every few milliseconds for whatever runs; the kernel then
//! asks here what it is about. So a kernel that nobody stops pays for nothing.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use compute::kernel::runtime::{Stop, Watch};
use pyo3::prelude::*;

use super::around;

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(10);
/// Between two times that progress is said.
const OFTEN: Duration = Duration::from_millis(50);
/// After the last kernel the thread stays awake for a while, so that the next one need not wake it.
const LINGER: u32 = 100;

/// What one call is watched by.
pub struct Observer {
    flag: AtomicU32,
    stopped: AtomicBool,
    /// The call of a page that this runs for, if any: has `is_cancelled()`.
    token: Option<Py<PyAny>>,
    progress: Option<Py<PyAny>>,
    /// Since when nothing was said; nothing while there is nothing to say.
    said: Mutex<Option<Instant>>,
    /// In parts of a million.
    done: AtomicU64,
}

impl Observer {
    /// For a call on this thread.
    pub fn new(py: Python<'_>, progress: Option<Py<PyAny>>) -> Arc<Self> {
        Arc::new(Self {
            flag: AtomicU32::new(0),
            stopped: AtomicBool::new(false),
            token: around::token(py),
            progress,
            said: Mutex::default(),
            done: AtomicU64::new(0),
        })
    }

    /// Asks all of the call to stop.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.flag.store(1, Ordering::Relaxed);
    }

    /// Makes the monitor look after it as long as the guard lives.
    pub fn watched(self: &Arc<Self>) -> Watched {
        let monitor = Monitor::get();
        let mut state = monitor.lock();
        state.observers.push(self.clone());
        if state.asleep {
            monitor.wake.notify_one();
        }
        Watched(self.clone())
    }
}

impl Watch for Observer {
    fn flag(&self) -> &AtomicU32 {
        &self.flag
    }

    fn look(&self) -> Result<(), Stop> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        self.flag.store(0, Ordering::Relaxed);
        let outcome = Python::attach(|py| -> Result<(), Stop> {
            // Does something on Python's main thread only, which is where Ctrl-C arrives.
            py.check_signals()
                .map_err(|error| Stop::Raised(Box::new(error)))?;
            if let Some(token) = &self.token {
                let cancelled = token
                    .call_method0(py, "is_cancelled")
                    .and_then(|c| c.is_truthy(py));
                if cancelled.unwrap_or(false) {
                    return Err(Stop::Cancelled);
                }
            }
            Ok(())
        });
        if outcome.is_err() {
            self.stop();
        }
        outcome
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn progress(&self, done: u64, of: u64) {
        const PARTS: u64 = 1_000_000;
        let Some(progress) = &self.progress else {
            return;
        };
        let parts = (u128::from(done) * u128::from(PARTS) / u128::from(of.max(1))) as u64;
        let before = self.done.fetch_max(parts, Ordering::Relaxed);
        if parts <= before {
            return;
        }
        {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let since = said.get_or_insert_with(Instant::now);
            if parts < PARTS && since.elapsed() < OFTEN {
                return;
            }
            *since = Instant::now();
        }
        let fraction = parts as f64 / PARTS as f64;
        Python::attach(|py| {
            // Another thread may have been faster to here.
            if parts < self.done.load(Ordering::Relaxed) {
                return;
            }
            if let Err(error) = progress.call1(py, (fraction,)) {
                if is_cancelled(py, &error) {
                    self.stop();
                } else {
                    // What shows the progress must not break what it shows.
                    error.write_unraisable(py, None);
                }
            }
        });
    }
}

/// Whether it is `pyxidium.Cancelled`, which `px.Progress` raises.
fn is_cancelled(py: Python<'_>, error: &PyErr) -> bool {
    py.import("pyxidium._errors")
        .and_then(|m| m.getattr("Cancelled"))
        .is_ok_and(|class| error.is_instance(py, &class))
}

/// While this lives, the monitor looks after an observer.
pub struct Watched(Arc<Observer>);

impl Drop for Watched {
    fn drop(&mut self) {
        // Asking for the process again would cost as much as all the rest.
        let monitor = Monitor::get();
        let mut state = monitor.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.observers.retain(|o| !Arc::ptr_eq(o, &self.0));
    }
}

struct Monitor {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    observers: Vec<Arc<Observer>>,
    asleep: bool,
    /// The process that the thread runs in: a forked child has none.
    process: u32,
}

impl Monitor {
    fn get() -> &'static Self {
        static ONE: OnceLock<Monitor> = OnceLock::new();
        ONE.get_or_init(|| Self {
            state: Mutex::default(),
            wake: Condvar::new(),
        })
    }

    fn lock(&'static self) -> std::sync::MutexGuard<'static, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.process != std::process::id() {
            state.process = std::process::id();
            state.asleep = false;
            state.observers.clear();
            // Without it a kernel runs as well, it only cannot be stopped.
            let _ = std::thread::Builder::new()
                .name("pyxidium-watch".into())
                .spawn(|| self.run());
        }
        state
    }

    fn run(&self) {
        let mut idle = 0;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.observers.is_empty() {
                idle += 1;
            } else {
                idle = 0;
            }
            for observer in &state.observers {
                observer.flag.store(1, Ordering::Relaxed);
            }
            state = if idle > LINGER {
                state.asleep = true;
                let mut awake = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                awake.asleep = false;
                idle = 0;
                awake
            } else {
                drop(state);
                std::thread::sleep(PERIOD);
                self.state.lock().unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

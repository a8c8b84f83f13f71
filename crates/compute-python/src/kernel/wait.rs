//! Waiting without the GIL for work on the pool, with an eye on Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use compute::pool::{self, PoolError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::watch::Observer;

/// Between two looks for Ctrl-C.
const PERIOD: Duration = Duration::from_millis(20);

/// Does work that uses the pool, or one of so many threads.
pub fn on_pool<R: Send>(
    py: Python<'_>,
    observer: &Arc<Observer>,
    threads: Option<usize>,
    work: impl FnOnce() -> R + Send,
) -> PyResult<R> {
    let sized = || match threads {
        Some(threads) => pool::with_threads(threads, work),
        None => Ok(work()),
    };
    let outcome = if is_main_thread(py)? {
        beside(py, observer, sized)?
    } else {
        py.detach(sized)
    };
    outcome.map_err(|error: PoolError| PyRuntimeError::new_err(error.to_string()))
}

/// Works on another thread, since Ctrl-C arrives at this one.
fn beside<R: Send>(
    py: Python<'_>,
    observer: &Arc<Observer>,
    work: impl FnOnce() -> R + Send,
) -> PyResult<R> {
    let waiter = std::thread::current();
    let mut interrupted = None;
    let outcome = py.detach(|| {
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let outcome = work();
                waiter.unpark();
                outcome
            });
            while !worker.is_finished() {
                std::thread::park_timeout(PERIOD);
                if worker.is_finished() || interrupted.is_some() {
                    continue;
                }
                if let Err(error) = Python::attach(|py| py.check_signals()) {
                    interrupted = Some(error);
                    observer.stop();
                }
            }
            worker.join()
        })
    });
    match (interrupted, outcome) {
        (Some(error), _) => Err(error),
        (None, Ok(outcome)) => Ok(outcome),
        (None, Err(panic)) => std::panic::resume_unwind(panic),
    }
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threads = py.import("_thread")?;
    let own: u64 = threads.call_method0("get_ident")?.extract()?;
    let main: u64 = threads.call_method0("_get_main_thread_ident")?.extract()?;
    Ok(own == main)
}

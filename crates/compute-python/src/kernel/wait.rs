//! Waiting without the GIL for work on the pool, with an eye on Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use compute::pool::{self, PoolError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::around;
use super::watch::Observer;

/// Between two looks for Ctrl-C.
const PERIOD: Duration = Duration::from_millis(20);

/// Does work that uses the pool, or one of so many threads. Where Ctrl-C arrives, this thread listens meanwhile.
pub fn on_pool<R: Send>(
    py: Python<'_>,
    observer: &Arc<Observer>,
    threads: Option<usize>,
    work: impl FnOnce() -> R + Send,
) -> PyResult<R> {
    let outcome = if around::is_main_thread(py)? {
        let mut interrupted = None;
        let outcome = py.detach(|| {
            pool::beside(threads, PERIOD, work, || {
                if interrupted.is_none()
                    && let Err(error) = Python::attach(|py| py.check_signals())
                {
                    interrupted = Some(error);
                    observer.stop();
                }
            })
        });
        if let Some(error) = interrupted {
            return Err(error);
        }
        outcome
    } else {
        py.detach(|| match threads {
            Some(threads) => pool::with_threads(threads, work),
            None => Ok(work()),
        })
    };
    outcome.map_err(|error: PoolError| PyRuntimeError::new_err(error.to_string()))
}

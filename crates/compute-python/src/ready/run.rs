//! Work on the pool while Python's other threads run, and the caller's thread listens: for Ctrl-C, for a page
//! that has cancelled the call, and for how far the work is.

use std::cell::RefCell;
use std::time::Duration;

use compute::kernel::runtime::{Stop, Watch as _};
use compute::pool;
use compute::ready::{Error, blocks};
use compute::work::{Cancelled, Watch};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::kernel::{self, Observer};

/// How long a cancellation may go unnoticed here.
const LISTEN: Duration = Duration::from_millis(10);

/// How finely progress is told.
const PARTS: u64 = 1_000_000;

thread_local! {
    /// What the work is watched by that called Python on this thread.
    static AROUND: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Why work gave no answer: we say so, or Python did (a function that was called back, Ctrl-C).
#[derive(Debug)]
pub enum Failure {
    Ours(Error),
    Pythons(PyErr),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Cancelled> for Failure {
    fn from(cancelled: Cancelled) -> Self {
        Self::Ours(cancelled.into())
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Pythons(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        let error = match failure {
            Failure::Pythons(error) => return error,
            Failure::Ours(error) => error,
        };
        match &error {
            Error::Read { path, source } => match source.raw_os_error() {
                Some(number) => {
                    let text = source.to_string();
                    let text = text
                        .split(" (os error")
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    PyOSError::new_err((number, text, path.clone()))
                }
                None => PyOSError::new_err(error.to_string()),
            },
            Error::Shape { .. } | Error::Value { .. } | Error::Pattern { .. } => {
                PyValueError::new_err(error.to_string())
            }
            // Somebody else knows why; in between there may be Python code that called us.
            Error::Cancelled(_) => Python::attach(|py| kernel::stopped(py, Stop::Cancelled)),
            Error::Pool(_) => PyRuntimeError::new_err(error.to_string()),
        }
    }
}

/// Runs `work` on the pool, the interpreter released.
pub fn run<R: Send, E: Into<Failure> + Send>(
    py: Python<'_>,
    work: impl FnOnce(&Watch) -> Result<R, E> + Send,
) -> PyResult<R> {
    run_if_large(py, true, work)
}

/// As [`run`]; what is not `large` runs here and now, on one thread. It may use loops over
/// [`blocks`] only.
pub fn run_if_large<R: Send, E: Into<Failure> + Send>(
    py: Python<'_>,
    large: bool,
    work: impl FnOnce(&Watch) -> Result<R, E> + Send,
) -> PyResult<R> {
    let watch = AROUND.with_borrow(|around| around.as_ref().map_or_else(Watch::new, Watch::inside));
    let (mut work, mut result) = (Some(work), None);
    // What differs from kernel to kernel is only this; the rest is compiled once.
    let mut once = || {
        if let Some(work) = work.take() {
            result = Some(work(&watch).map_err(Into::into));
        }
    };
    let stop = if large {
        listen(py, &watch, &mut once)?
    } else {
        py.detach(|| blocks::alone(&mut once));
        None
    };
    match (stop, result) {
        (Some(stop), _) => Err(kernel::stopped(py, stop)),
        (None, Some(result)) => Ok(result.map_err(|failure: Failure| PyErr::from(failure))?),
        (None, None) => Err(PyRuntimeError::new_err("the computation gave no result")),
    }
}

/// Does the work; says why it was stopped, if it was.
fn listen(
    py: Python<'_>,
    watch: &Watch,
    work: &mut (dyn FnMut() + Send),
) -> PyResult<Option<Stop>> {
    // Work that calls Python that calls us: the pool is around us already, and who waits for that listens.
    if rayon::current_thread_index().is_some() {
        py.detach(work);
        return Ok(None);
    }
    let observer = Observer::new(py, kernel::around::progress(py)?);
    let threads = kernel::around::threads(py)?;
    let mut stop = None;
    py.detach(|| {
        pool::beside(threads, LISTEN, work, || {
            if stop.is_some() {
                return;
            }
            if let Some(fraction) = watch.fraction() {
                // All of it is not done before the work has ended.
                let parts = (fraction * PARTS as f64) as u64;
                observer.progress(parts.min(PARTS - 1), PARTS);
            }
            if let Err(heard) = observer.look() {
                watch.cancel();
                stop = Some(heard);
            }
        })
    })
    .map_err(|error| Failure::Ours(error.into()))?;
    if stop.is_none() {
        observer.progress(PARTS, PARTS);
    }
    Ok(stop)
}

/// Calls Python from within work: what that calls of ours stops when the work is stopped.
pub fn calling_back<R>(watch: &Watch, call: impl FnOnce(Python<'_>) -> R) -> R {
    struct Before(Option<Watch>);
    impl Drop for Before {
        fn drop(&mut self) {
            AROUND.set(self.0.take());
        }
    }
    let _before = Before(AROUND.replace(Some(Watch::inside(watch))));
    Python::attach(call)
}

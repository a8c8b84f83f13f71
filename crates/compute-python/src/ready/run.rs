//! Work on the one pool while Python's other threads run, and the caller's thread listens: for Ctrl-C, and for
//! a page that has cancelled the call.

use std::time::Duration;

use compute::pool;
use compute::ready::{Error, blocks};
use compute::work::Watch;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How long a cancellation may go unnoticed here.
const LISTEN: Duration = Duration::from_millis(20);

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
            Error::Cancelled(_) | Error::Pool(_) => PyRuntimeError::new_err(error.to_string()),
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
    let watch = Watch::new();
    let (mut work, mut result) = (Some(work), None);
    // What differs from kernel to kernel is only this; the rest is compiled once.
    let mut once = || {
        if let Some(work) = work.take() {
            result = Some(work(&watch).map_err(Into::into));
        }
    };
    let heard = if large {
        listen(py, &watch, &mut once)?
    } else {
        py.detach(|| blocks::alone(&mut once));
        None
    };
    match (heard, result) {
        (Some(error), _) => Err(error),
        (None, Some(result)) => Ok(result.map_err(|failure: Failure| PyErr::from(failure))?),
        (None, None) => Err(PyRuntimeError::new_err("the computation gave no result")),
    }
}

/// Does the work; says what was heard meanwhile.
fn listen(
    py: Python<'_>,
    watch: &Watch,
    work: &mut (dyn FnMut() + Send),
) -> PyResult<Option<PyErr>> {
    // A kernel that calls Python that calls us: the pool is around us already, and who waits listens.
    if rayon::current_thread_index().is_some() {
        py.detach(work);
        return Ok(None);
    }
    let mut heard = None;
    py.detach(|| {
        pool::beside(None, LISTEN, work, || {
            if heard.is_none() {
                heard = Python::attach(asked_to_stop).err();
                if heard.is_some() {
                    watch.cancel();
                }
            }
        })
    })
    .map_err(|error| Failure::Ours(error.into()))?;
    Ok(heard)
}

/// Raises what Ctrl-C raises, or what a page's cancellation does.
fn asked_to_stop(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    // Not imported for this: if nobody has, there is no page.
    let modules = py
        .import("sys")?
        .getattr("modules")?
        .cast_into::<PyDict>()?;
    if let Some(commands) = modules.get_item("pyxidium._commands")? {
        commands.call_method0("check_cancelled")?;
    }
    Ok(())
}

//! What Python raises where a kernel stopped, or was refused.

use compute::kernel::runtime::Stop;
use pyo3::exceptions::{PyRecursionError, PyRuntimeError};
use pyo3::prelude::*;

use super::reader::Failure;

pub(crate) fn stopped(py: Python<'_>, stop: Stop) -> PyErr {
    match stop {
        Stop::Raised(error) => match error.downcast::<PyErr>() {
            Ok(error) => *error,
            Err(_) => PyRuntimeError::new_err("the kernel stopped"),
        },
        Stop::Cancelled => cancelled(py),
        Stop::Recursion => PyRecursionError::new_err("maximum recursion depth exceeded"),
        Stop::Pool(error) => PyRuntimeError::new_err(error.to_string()),
    }
}

/// `pyxidium.Cancelled`, as for everything that a page can cancel.
fn cancelled(py: Python<'_>) -> PyErr {
    let class = py
        .import("pyxidium._errors")
        .and_then(|m| m.getattr("Cancelled"));
    match class.and_then(|class| class.call1(("the computation was cancelled",))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

pub(super) fn is_unsupported(py: Python<'_>, error: &PyErr) -> bool {
    py.import("pyxidium.compute._errors")
        .and_then(|m| m.getattr("Unsupported"))
        .is_ok_and(|class| error.is_instance(py, &class))
}

pub(super) fn warn(py: Python<'_>, error: &PyErr) -> PyResult<()> {
    py.import("pyxidium.compute._errors")?
        .call_method1("warn_of_fallback", (error.value(py),))?;
    Ok(())
}

/// The exception that says why a function was not compiled.
pub fn failed(py: Python<'_>, filename: &str, failure: Failure) -> PyErr {
    let problems = match failure {
        Failure::Python(error) => return error,
        Failure::Unsupported(problems) => problems,
    };
    let told = problems.into_iter().map(|problem| {
        let at = problem.span;
        let span = (at.line, at.column, at.end_line, at.end_column);
        (span, problem.message, problem.hint)
    });
    let told: Vec<_> = told.collect();
    let made = py
        .import("pyxidium.compute._errors")
        .and_then(|m| m.call_method1("unsupported", (filename, told)));
    match made {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

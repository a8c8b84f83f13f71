//! A kernel called with each of many items, on the pool: what `parallel_map` does with kernels.
//!
//! Items become values before anything runs, and values become objects when all of it has ended: between the two
//! the GIL is released once.

use std::sync::Arc;

use compute::kernel::many;
use compute::kernel::runtime::Watch;
use compute::kernel::value::Value;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::around;
use super::class::Kernel;
use super::convert::{self, Owners};
use super::reader::Failure;
use super::stops;
use super::wait;
use super::watch::Observer;

/// Calls a kernel with each item; gives the results in the items' order, or an empty list unless they are kept.
/// Gives `None` for a kernel that cannot be compiled for the items, but may run as Python.
#[pyfunction]
#[pyo3(signature = (kernel, items, keep, progress, threads))]
pub fn map_kernel<'py>(
    kernel: &Bound<'py, Kernel>,
    items: &Bound<'py, PyList>,
    keep: bool,
    progress: Option<Py<PyAny>>,
    threads: Option<usize>,
) -> PyResult<Option<Bound<'py, PyList>>> {
    let (py, this) = (kernel.py(), kernel.get());
    let mut owners = Owners::default();
    let mut calls = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let values = values(kernel, item, &mut owners);
        calls.push(values.map_err(|error| noted(py, error, index))?);
    }
    if calls.is_empty() {
        return Ok(Some(PyList::empty(py)));
    }
    let ready = this
        .prepared(kernel)
        .and_then(|ready| {
            let prepared = many::prepare(&ready.runtime, &calls);
            prepared.map_err(|(_, problem)| Failure::from(problem))?;
            Ok(ready)
        })
        .map_err(|failure| stops::failed(py, &this.filename, failure));
    let ready = match ready {
        Err(error) if this.fallback && stops::is_unsupported(py, &error) => {
            stops::warn(py, &error)?;
            return Ok(None);
        }
        other => other?,
    };
    let limit = around::recursion_limit(py)?;
    let observer = Observer::new(py, progress);
    let outcome = wait::on_pool(py, &observer, threads, || {
        let _watched = observer.watched();
        let watch: Arc<dyn Watch> = observer.clone();
        many::run(&ready.runtime, calls, &watch, limit)
    })?;
    let results = match outcome {
        Ok(results) => results,
        Err(stopped) => {
            let error = stops::stopped(py, stopped.stop);
            return Err(noted(py, error, stopped.index));
        }
    };
    let list = PyList::empty(py);
    if keep {
        for result in &results {
            list.append(convert::object(py, result)?)?;
        }
    }
    Ok(Some(list))
}

/// A kernel of one parameter gets the item; one of several gets the items of a tuple.
fn values(
    kernel: &Bound<'_, Kernel>,
    item: Bound<'_, PyAny>,
    owners: &mut Owners,
) -> PyResult<Vec<Value>> {
    let (py, this) = (kernel.py(), kernel.get());
    let arguments = match item.cast_into::<PyTuple>() {
        Ok(tuple) if this.params.len() > 1 => tuple,
        Ok(tuple) => PyTuple::new(py, [tuple])?,
        Err(other) => PyTuple::new(py, [other.into_inner()])?,
    };
    let bound = this.bind(py, &arguments, None)?;
    this.values(&bound, owners)
}

/// Says which item it was.
fn noted(py: Python<'_>, error: PyErr, index: usize) -> PyErr {
    // An error without the note is better than another error.
    let _ = error.add_note(py, format!("item {index} of parallel_map or parallel_for"));
    error
}

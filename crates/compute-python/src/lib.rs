//! The Python module `pyxidium.compute._compute`: `compute`, for Python.
//!
//! It is a shared library of its own, so that apps without heavy work do not carry it. Here
//! Python's objects become slices and numbers, and errors become exceptions; no algorithm lives here.

mod kernel;
mod ready;

use pyo3::prelude::*;

/// What `pyxidium.compute` is made of.
///
/// # Errors
/// When Python has no memory left.
#[pymodule(name = "_compute")]
pub fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    ready::add_to(module)?;
    kernel::register(module)
}

//! Kernels: Python functions that are compiled.
//!
//! Here is all that knows Python: its syntax tree is read ([`reader`]) into the plain form that `compute::kernel`
//! compiles, and written back ([`writer`]) for what CPython has to go on with ([`host`]).

pub(crate) mod around;
mod class;
mod convert;
mod host;
mod map;
mod outline;
mod params;
mod reader;
mod samples;
mod scope;
mod stops;
mod stream;
mod wait;
mod watch;
mod writer;

use pyo3::prelude::*;
pub(crate) use samples::Samples;
pub(crate) use stops::stopped;
pub(crate) use watch::Observer;

/// Adds the classes and functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<class::Kernel>()?;
    module.add_class::<stream::Stream>()?;
    module.add_function(wrap_pyfunction!(threads, module)?)?;
    module.add_function(wrap_pyfunction!(map::map_kernel, module)?)?;
    module.add_function(wrap_pyfunction!(stream::stream, module)?)
}

/// How many threads computations that start here may use.
#[pyfunction]
fn threads(py: Python<'_>) -> PyResult<usize> {
    Ok(around::threads(py)?.unwrap_or_else(compute::pool::threads))
}

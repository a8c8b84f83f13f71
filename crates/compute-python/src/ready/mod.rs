//! The ready-made kernels as Python sees them: arguments become slices, results arrays, errors exceptions.

mod array;
mod geometry;
mod hashing;
mod input;
mod montecarlo;
mod run;
mod search;
mod signal;
mod sorting;
mod statistics;
mod strings;

use pyo3::prelude::*;

/// Everything that `pyxidium.compute.sorting` and its neighbours call.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<array::Array>()?;
    geometry::add_to(module)?;
    hashing::add_to(module)?;
    montecarlo::add_to(module)?;
    search::add_to(module)?;
    signal::add_to(module)?;
    sorting::add_to(module)?;
    statistics::add_to(module)?;
    strings::add_to(module)
}

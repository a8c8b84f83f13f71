//! `pyxidium.compute.sorting`.

use compute::ready::grouping::{Reduction, group_by};
use compute::ready::{Error, sorting};
use compute::work::Watch;
use pyo3::prelude::*;

use super::array::{Array, Item};
use super::input::{Input, Kind, with_type};
use super::run::run_if_large;

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(sort, module)?)?;
    module.add_function(wrap_pyfunction!(argsort, module)?)?;
    module.add_function(wrap_pyfunction!(unique, module)?)?;
    module.add_function(wrap_pyfunction!(unique_all, module)?)?;
    module.add_function(wrap_pyfunction!(group, module)?)
}

/// Below this, one thread is done before another is awake.
pub const LARGE: usize = 1 << 13;

fn one_dimension(values: &Bound<'_, PyAny>, what: &'static str) -> PyResult<Input> {
    let input = Input::new(values, what)?;
    input.dimensions(1, "one dimension, (n,)")?;
    Ok(input)
}

/// An array of the kind that came in.
fn same<T: Item>(values: Vec<T>, kind: Kind) -> Array {
    let shape = [values.len()];
    let format = if kind == Kind::Bool { c"?" } else { T::FORMAT };
    Array::with_format(values, &shape, format)
}

#[pyfunction]
fn sort(py: Python<'_>, values: &Bound<'_, PyAny>, descending: bool) -> PyResult<Array> {
    let input = one_dimension(values, "values")?;
    let work = |watch: &Watch| {
        with_type!(input, T => {
            let sorted = sorting::sorted(&input.values::<T>(watch)?, descending, watch)?;
            Ok::<_, Error>(same(sorted, input.kind()))
        })
    };
    run_if_large(py, input.count() >= LARGE, work)
}

#[pyfunction]
fn argsort(py: Python<'_>, values: &Bound<'_, PyAny>, descending: bool) -> PyResult<Array> {
    let input = one_dimension(values, "values")?;
    let work = |watch: &Watch| with_type!(input, T => sorting::order(&input.values::<T>(watch)?, descending, watch));
    Ok(signed(run_if_large(py, input.count() >= LARGE, work)?))
}

/// Indices are signed in Python's world, as numpy has them.
fn signed(indices: Vec<u64>) -> Array {
    let shape = [indices.len()];
    Array::with_format(indices, &shape, <i64 as Item>::FORMAT)
}

#[pyfunction]
fn unique(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<Array> {
    let input = one_dimension(values, "values")?;
    let work = |watch: &Watch| {
        with_type!(input, T => {
            let distinct = sorting::distinct(&input.values::<T>(watch)?, watch)?;
            Ok::<_, Error>(same(distinct, input.kind()))
        })
    };
    run_if_large(py, input.count() >= LARGE, work)
}

#[pyfunction]
fn unique_all(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<(Array, Array, Array, Array)> {
    let input = one_dimension(values, "values")?;
    let work = |watch: &Watch| {
        with_type!(input, T => {
            let unique = sorting::unique(&input.values::<T>(watch)?, watch)?;
            let values = same(unique.values, input.kind());
            Ok::<_, Error>((values, signed(unique.first), signed(unique.inverse), signed(unique.counts)))
        })
    };
    run_if_large(py, input.count() >= LARGE, work)
}

#[pyfunction]
fn group(
    py: Python<'_>,
    keys: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
    reduce: &str,
) -> PyResult<(Array, Array)> {
    let keys = one_dimension(keys, "keys")?;
    let values = one_dimension(values, "values")?;
    let reduction = Reduction::named(reduce).map_err(super::run::Failure::from)?;
    let work = |watch: &Watch| {
        let values = values.floats(watch)?;
        with_type!(keys, T => {
            let (distinct, reduced) = group_by(&keys.values::<T>(watch)?, &values, reduction, watch)?;
            Ok::<_, Error>((same(distinct, keys.kind()), Array::of(reduced)))
        })
    };
    run_if_large(py, keys.count() >= LARGE, work)
}

//! `pyxidium.compute.sorting`.

use compute::ready::grouping::{Reduction, group_by};
use compute::ready::sorting;
use pyo3::prelude::*;

use super::array::{Array, Item};
use super::input::{Input, Kind, with_values};
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
    with_values!(input, values => {
        let sorted = run_if_large(py, values.len() >= LARGE, |watch| sorting::sorted(&values, descending, watch))?;
        Ok(same(sorted, input.kind()))
    })
}

#[pyfunction]
fn argsort(py: Python<'_>, values: &Bound<'_, PyAny>, descending: bool) -> PyResult<Array> {
    let input = one_dimension(values, "values")?;
    let order = with_values!(input, values => run_if_large(py, values.len() >= LARGE, |watch| sorting::order(&values, descending, watch))?);
    Ok(signed(order))
}

/// Indices are signed in Python's world, as numpy has them.
fn signed(indices: Vec<u64>) -> Array {
    let shape = [indices.len()];
    Array::with_format(indices, &shape, <i64 as Item>::FORMAT)
}

#[pyfunction]
fn unique(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<Array> {
    let input = one_dimension(values, "values")?;
    with_values!(input, values => {
        let distinct = run_if_large(py, values.len() >= LARGE, |watch| sorting::distinct(&values, watch))?;
        Ok(same(distinct, input.kind()))
    })
}

#[pyfunction]
fn unique_all(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<(Array, Array, Array, Array)> {
    let input = one_dimension(values, "values")?;
    with_values!(input, values => {
        let unique = run_if_large(py, values.len() >= LARGE, |watch| sorting::unique(&values, watch))?;
        let values = same(unique.values, input.kind());
        Ok((values, signed(unique.first), signed(unique.inverse), signed(unique.counts)))
    })
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
    let values = values.floats();
    with_values!(keys, each => {
        let (distinct, reduced) = run_if_large(py, each.len() >= LARGE, |watch| group_by(&each, &values, reduction, watch))?;
        Ok((same(distinct, keys.kind()), Array::of(reduced)))
    })
}

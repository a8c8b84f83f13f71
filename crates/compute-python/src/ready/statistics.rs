//! `pyxidium.compute.statistics`.

use compute::ready::{Error, histogram, quantile, statistics};
use compute::work::Watch;
use pyo3::prelude::*;

use super::array::{Array, Item};
use super::input::{Input, with_type};
use super::run::run_if_large;
use super::sorting::LARGE;

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(summary, module)?)?;
    module.add_function(wrap_pyfunction!(histogram_of, module)?)?;
    module.add_function(wrap_pyfunction!(quantiles, module)?)
}

type Summary = (u64, f64, f64, f64, f64, f64, f64, f64);

/// Count, sum, mean, variance, skewness, kurtosis, least, most.
#[pyfunction]
fn summary(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    ddof: f64,
    omit_nan: bool,
) -> PyResult<Summary> {
    let input = Input::new(values, "values")?;
    let work = |watch: &Watch| with_type!(input, T => statistics::moments(&input.values::<T>(watch)?, omit_nan, watch));
    let moments = run_if_large(py, input.count() >= LARGE, work)?;
    Ok((
        moments.count,
        moments.sum,
        moments.mean,
        moments.variance(ddof),
        moments.skewness(),
        moments.kurtosis(),
        moments.minimum,
        moments.maximum,
    ))
}

/// Counts and edges; `edges`, if there are any, instead of `bins` and `range`.
#[pyfunction]
fn histogram_of(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    bins: usize,
    range: Option<(f64, f64)>,
    edges: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Array, Array)> {
    let input = Input::new(values, "values")?;
    let edges = edges.map(|edges| Input::new(edges, "bins")).transpose()?;
    if let Some(edges) = &edges {
        edges.dimensions(1, "one dimension, (n + 1,)")?;
    }
    let work = |watch: &Watch| {
        with_type!(input, T => {
            let values = input.values::<T>(watch)?;
            if let Some(edges) = edges {
                let edges = edges.floats(watch)?.into_owned();
                return Ok((histogram::between(&values, &edges, watch)?, edges));
            }
            let (low, high) = match range {
                Some(range) => range,
                None => histogram::range(&values, watch)?,
            };
            let edges = histogram::edges(bins, low, high, watch)?;
            Ok::<_, Error>((histogram::uniform(&values, &edges, watch)?, edges))
        })
    };
    let (counts, edges) = run_if_large(py, input.count() >= LARGE, work)?;
    let shape = [counts.len()];
    Ok((
        Array::with_format(counts, &shape, <i64 as Item>::FORMAT),
        Array::of(edges),
    ))
}

#[pyfunction]
fn quantiles(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    at: Vec<f64>,
    omit_nan: bool,
) -> PyResult<Vec<f64>> {
    let input = Input::new(values, "values")?;
    let work = |watch: &Watch| with_type!(input, T => quantile::quantiles(&input.values::<T>(watch)?, &at, omit_nan, watch));
    run_if_large(py, input.count() >= LARGE, work)
}

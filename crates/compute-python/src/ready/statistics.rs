//! `pyxidium.compute.statistics`.

use compute::ready::{Error, histogram, quantile, statistics};
use pyo3::prelude::*;

use super::array::{Array, Item};
use super::input::{Input, with_values};
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
    let moments = with_values!(input, values => run_if_large(py, values.len() >= LARGE, |watch| statistics::moments(&values, omit_nan, watch))?);
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
    let edges = match edges {
        Some(edges) => {
            let edges = Input::new(edges, "bins")?;
            edges.dimensions(1, "one dimension, (n + 1,)")?;
            Some(edges.floats().into_owned())
        }
        None => None,
    };
    let (counts, edges) = with_values!(input, values => {
        run_if_large(py, values.len() >= LARGE, |watch| match edges {
            Some(edges) => Ok::<_, Error>((histogram::between(&values, &edges, watch)?, edges)),
            None => {
                let (low, high) = match range {
                    Some(range) => range,
                    None => histogram::range(&values, watch)?,
                };
                let edges = histogram::edges(bins, low, high)?;
                Ok((histogram::uniform(&values, &edges, watch)?, edges))
            }
        })?
    });
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
    with_values!(input, values => run_if_large(py, values.len() >= LARGE, |watch| quantile::quantiles(&values, &at, omit_nan, watch)))
}

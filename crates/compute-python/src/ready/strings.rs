//! `pyxidium.compute.strings`.

use compute::ready::matching;
use compute::ready::strings::{self, Measure, Metric, Text, Texts};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::string::PyStringData;
use pyo3::types::{PyList, PyString};

use super::array::Array;
use super::run::{Failure, run};

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(string_distance, module)?)?;
    module.add_function(wrap_pyfunction!(string_similarity, module)?)?;
    module.add_function(wrap_pyfunction!(string_matrix, module)?)?;
    module.add_function(wrap_pyfunction!(string_matches, module)?)?;
    module.add_function(wrap_pyfunction!(string_groups, module)?)
}

fn text<'a>(string: &'a Bound<'_, PyString>) -> PyResult<Text<'a>> {
    // SAFETY: strings never change once others can see them, and this one lives as long as it is borrowed.
    Ok(match unsafe { string.data() }? {
        PyStringData::Ucs1(text) => Text::Bytes(text),
        PyStringData::Ucs2(text) => Text::Halves(text),
        PyStringData::Ucs4(text) => Text::Points(text),
    })
}

fn texts(lists: &[(&str, &Bound<'_, PyList>)]) -> PyResult<Texts> {
    let mut strings: Vec<Bound<'_, PyString>> = Vec::new();
    for (what, list) in lists {
        for (place, item) in list.iter().enumerate() {
            strings.push(item.cast_into::<PyString>().map_err(|error| {
                let got = error.into_inner().get_type();
                PyTypeError::new_err(format!("{what}[{place}]: expected str, got {got}"))
            })?);
        }
    }
    Ok(Texts::new(
        &strings.iter().map(text).collect::<PyResult<Vec<_>>>()?,
    ))
}

fn metric(name: &str) -> PyResult<Metric> {
    Ok(Metric::named(name).map_err(Failure::from)?)
}

#[pyfunction]
fn string_distance(a: &Bound<'_, PyString>, b: &Bound<'_, PyString>, name: &str) -> PyResult<f64> {
    Ok(strings::distance(text(a)?, text(b)?, metric(name)?))
}

#[pyfunction]
fn string_similarity(
    a: &Bound<'_, PyString>,
    b: &Bound<'_, PyString>,
    name: &str,
) -> PyResult<f64> {
    Ok(strings::similarity(text(a)?, text(b)?, metric(name)?))
}

/// Distances if there is no cut-off, otherwise similarities.
#[pyfunction]
fn string_matrix(
    py: Python<'_>,
    queries: &Bound<'_, PyList>,
    choices: Option<&Bound<'_, PyList>>,
    name: &str,
    cutoff: Option<f64>,
) -> PyResult<Array> {
    let metric = metric(name)?;
    let measure = cutoff.map_or(Measure::Distance, Measure::Similarity);
    let rows = queries.len();
    // `queries` of `choices` none is not `queries` with themselves.
    let columns = choices.map_or(rows, |choices| choices.len());
    if rows == 0 || columns == 0 {
        return Ok(Array::shaped(Vec::<f32>::new(), &[rows, columns]));
    }
    let mut lists = vec![("queries", queries)];
    lists.extend(choices.map(|choices| ("choices", choices)));
    let texts = texts(&lists)?;
    let matrix = run(py, |watch| {
        strings::matrix(&texts, rows, metric, measure, watch)
    })?;
    Ok(Array::shaped(matrix, &[rows, columns]))
}

#[pyfunction]
fn string_matches(
    py: Python<'_>,
    queries: &Bound<'_, PyList>,
    choices: &Bound<'_, PyList>,
    name: &str,
    cutoff: f64,
    limit: usize,
) -> PyResult<Vec<(u32, u32, f64)>> {
    let metric = metric(name)?;
    let texts = texts(&[("queries", queries), ("choices", choices)])?;
    let count = queries.len();
    run(py, |watch| {
        matching::best_matches(&texts, count, metric, cutoff, limit, watch)
    })
}

#[pyfunction]
fn string_groups(
    py: Python<'_>,
    strings: &Bound<'_, PyList>,
    name: &str,
    cutoff: f64,
) -> PyResult<Vec<Vec<u32>>> {
    let metric = metric(name)?;
    let texts = texts(&[("strings", strings)])?;
    run(py, |watch| matching::groups(&texts, metric, cutoff, watch))
}

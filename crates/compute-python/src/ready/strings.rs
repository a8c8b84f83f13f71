//! `pyxidium.compute.strings`.

use compute::ready::matching;
use compute::ready::strings::{self as measures, Measure, Metric, Text, Texts};
use compute::work::{Cancelled, Watch};
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

/// The strings of some lists, behind each other.
fn strings<'py>(lists: &[(&str, &Bound<'py, PyList>)]) -> PyResult<Vec<Bound<'py, PyString>>> {
    let mut strings = Vec::new();
    for (what, list) in lists {
        for (place, item) in list.iter().enumerate() {
            strings.push(item.cast_into::<PyString>().map_err(|error| {
                let got = error.into_inner().get_type();
                PyTypeError::new_err(format!("{what}[{place}]: expected str, got {got}"))
            })?);
        }
    }
    Ok(strings)
}

fn texts<'a>(strings: &'a [Bound<'_, PyString>]) -> PyResult<Vec<Text<'a>>> {
    strings.iter().map(text).collect()
}

fn metric(name: &str) -> PyResult<Metric> {
    Ok(Metric::named(name).map_err(Failure::from)?)
}

/// Whether comparing two strings takes more than a moment.
fn long(a: &Text<'_>, b: &Text<'_>) -> bool {
    a.len().saturating_mul(b.len()) > 1 << 20
}

/// Of two strings, beside Python's other threads if that takes more than a moment.
fn pair(
    a: &Bound<'_, PyString>,
    b: &Bound<'_, PyString>,
    name: &str,
    measure: fn(Text<'_>, Text<'_>, Metric, &Watch) -> Result<f64, Cancelled>,
) -> PyResult<f64> {
    let (py, metric, a, b) = (a.py(), metric(name)?, text(a)?, text(b)?);
    if long(&a, &b) {
        return run(py, |watch| measure(a, b, metric, watch));
    }
    Ok(measure(a, b, metric, &Watch::new()).map_err(Failure::from)?)
}

#[pyfunction]
fn string_distance(a: &Bound<'_, PyString>, b: &Bound<'_, PyString>, name: &str) -> PyResult<f64> {
    pair(a, b, name, measures::distance)
}

#[pyfunction]
fn string_similarity(
    a: &Bound<'_, PyString>,
    b: &Bound<'_, PyString>,
    name: &str,
) -> PyResult<f64> {
    pair(a, b, name, measures::similarity)
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
    let strings = strings(&lists)?;
    let texts = texts(&strings)?;
    let matrix = run(py, |watch| {
        measures::matrix(&Texts::new(&texts, watch)?, rows, metric, measure, watch)
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
    let strings = strings(&[("queries", queries), ("choices", choices)])?;
    let (texts, count) = (texts(&strings)?, queries.len());
    run(py, |watch| {
        let texts = Texts::new(&texts, watch)?;
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
    let strings = self::strings(&[("strings", strings)])?;
    let texts = texts(&strings)?;
    run(py, |watch| {
        matching::groups(&Texts::new(&texts, watch)?, metric, cutoff, watch)
    })
}

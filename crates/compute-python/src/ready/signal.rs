//! `pyxidium.compute.signal`.

use compute::ready::signal::{self, Grid, Method, Mode};
use pyo3::prelude::*;

use super::array::Array;
use super::input::Input;
use super::run::{Failure, run};

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(convolve2d, module)?)
}

#[pyfunction]
fn convolve2d(
    py: Python<'_>,
    a: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
    mode: &str,
    method: &str,
) -> PyResult<Array> {
    let (a, b) = (Input::new(a, "a")?, Input::new(b, "b")?);
    let shapes = (
        a.dimensions(2, "two dimensions, (rows, columns)")?,
        b.dimensions(2, "two dimensions, (rows, columns)")?,
    );
    let mode = Mode::named(mode).map_err(Failure::from)?;
    let method = Method::named(method).map_err(Failure::from)?;
    let (values, rows, columns) = run(py, |watch| {
        let (first, second) = (a.floats(watch)?, b.floats(watch)?);
        let (a, b) = (grid(&first, shapes.0), grid(&second, shapes.1));
        signal::convolve2d(a, b, mode, method, watch)
    })?;
    Ok(Array::shaped(values, &[rows, columns]))
}

fn grid<'a>(values: &'a [f64], shape: &[usize]) -> Grid<'a> {
    Grid {
        values,
        rows: shape[0],
        columns: shape[1],
    }
}

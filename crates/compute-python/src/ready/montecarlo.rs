//! `pyxidium.compute.montecarlo`.

use std::sync::Arc;

use compute::kernel::runtime::{self, Stop};
use compute::ready::montecarlo::{self, Builtin};
use compute::work::{Cancelled, Watch};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::array::Array;
use super::input::{Input, shown};
use super::run::{Failure, calling_back, run};
use crate::kernel::{self, Samples};

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(integrate, module)?)
}

/// What is integrated.
enum Integrand {
    Builtin(Builtin),
    /// Compiled: needs no interpreter.
    Kernel(Box<Samples>),
    /// Called with one point's coordinates.
    Point(Py<PyAny>),
    /// Called with many points, (n, d); gives as many values.
    Batch(Py<PyAny>),
}

impl Integrand {
    fn fill(
        &self,
        points: &[f64],
        dimensions: usize,
        values: &mut [f64],
        watch: &Watch,
    ) -> Result<(), Failure> {
        match self {
            Self::Builtin(builtin) => builtin.fill(points, dimensions, values),
            Self::Kernel(samples) => {
                let inner: Arc<dyn runtime::Watch> = Arc::new(Watch::inside(watch));
                let filled = samples.fill(points, dimensions, values, &inner);
                filled.map_err(|stop| match stop {
                    Stop::Cancelled => Failure::from(Cancelled),
                    stop => Python::attach(|py| kernel::stopped(py, stop).into()),
                })?;
            }
            Self::Point(function) => calling_back(watch, |py| {
                for (point, value) in points.chunks_exact(dimensions).zip(values) {
                    watch.check()?;
                    *value = function.call1(py, PyTuple::new(py, point)?)?.extract(py)?;
                }
                Ok::<_, Failure>(())
            })?,
            Self::Batch(function) => calling_back(watch, |py| {
                let count = values.len();
                let points = Array::shaped(points.to_vec(), &[count, dimensions]);
                let got = function.call1(py, (points,))?;
                let got = Input::new(got.bind(py), "the integrand's values")?;
                if got.shape() != [count] {
                    let shape = shown(got.shape());
                    let message = format!(
                        "the integrand's values: expected ({count},), one for each point, got {shape}"
                    );
                    return Err(PyValueError::new_err(message).into());
                }
                values.copy_from_slice(&got.floats(&Watch::inside(watch))?);
                Ok::<_, Failure>(())
            })?,
        }
        Ok(())
    }
}

/// Value, standard error, samples.
#[pyfunction]
fn integrate(
    py: Python<'_>,
    integrand: &Bound<'_, PyAny>,
    bounds: Vec<(f64, f64)>,
    samples: u64,
    seed: u64,
    batch: bool,
) -> PyResult<(f64, f64, u64)> {
    let (low, high): (Vec<f64>, Vec<f64>) = bounds.into_iter().unzip();
    let integrand = match integrand.cast::<PyString>() {
        Ok(name) => Integrand::Builtin(Builtin::named(name.to_str()?).map_err(Failure::from)?),
        Err(_) if batch => Integrand::Batch(integrand.clone().unbind()),
        Err(_) if low.is_empty() => Integrand::Point(integrand.clone().unbind()),
        Err(_) => match Samples::new(integrand, &low)? {
            Some(samples) => Integrand::Kernel(Box::new(samples)),
            None => Integrand::Point(integrand.clone().unbind()),
        },
    };
    let estimate = run(py, |watch| {
        let fill =
            |points: &[f64], values: &mut [f64]| integrand.fill(points, low.len(), values, watch);
        montecarlo::integrate(fill, (&low, &high), samples, seed, watch)
    })?;
    Ok((estimate.value, estimate.error, estimate.samples))
}

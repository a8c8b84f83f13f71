//! Streams of random numbers, as Python has them outside kernels.

use compute::kernel::random::Stream as Words;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyInt;

/// A stream of random numbers: the same in kernels and in Python.
#[pyclass(name = "Stream", module = "pyxidium.compute.random")]
pub struct Stream(pub Words);

/// Stream number `index` of a seed.
#[pyfunction]
#[pyo3(name = "stream")]
pub fn stream(seed: &Bound<'_, PyAny>, index: &Bound<'_, PyAny>) -> PyResult<Stream> {
    Ok(Stream(Words::new(word(seed)?, word(index)?)))
}

/// An int, or what is left of a longer one.
fn word(object: &Bound<'_, PyAny>) -> PyResult<i128> {
    let int = object.cast::<PyInt>()?;
    match int.extract() {
        Ok(value) => Ok(value),
        Err(_) => {
            let lowest: u128 = int.call_method1("__and__", (u128::MAX,))?.extract()?;
            Ok(lowest.cast_signed())
        }
    }
}

#[pymethods]
impl Stream {
    /// A float in [0, 1).
    fn random(&mut self) -> f64 {
        self.0.random()
    }

    /// A float between `a` and `b`.
    fn uniform(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.0.random()
    }

    /// An int in [0, `stop`), each as likely.
    fn randrange(&mut self, stop: &Bound<'_, PyInt>) -> PyResult<u64> {
        match stop.extract::<i64>().map(i64::cast_unsigned) {
            Ok(stop @ 1..=0x7fff_ffff_ffff_ffff) => Ok(self.0.below(stop)),
            _ => Err(PyValueError::new_err(
                "randrange() takes an int from 1 to 2**63 - 1",
            )),
        }
    }

    /// A normally distributed float.
    fn gauss(&mut self, mu: f64, sigma: f64) -> f64 {
        mu + self.0.gauss() * sigma
    }

    fn __repr__(&self) -> String {
        format!("<random stream {:016x}>", self.0.0[0])
    }
}

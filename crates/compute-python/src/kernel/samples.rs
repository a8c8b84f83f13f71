//! A kernel that numbers are wanted of at many points, on threads that have no interpreter.

use std::sync::Arc;

use compute::kernel::runtime::{self, Stop, Watch};
use compute::kernel::samples;
use compute::kernel::value::Value;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::around;
use super::class::{Kernel, Ready};
use super::convert::{self, Owners};
use super::reader::Failure;
use super::stops;

/// A kernel, ready to be called with points.
pub struct Samples {
    ready: Ready,
    arguments: Vec<Value>,
    limit: u32,
    /// Keeps what the arguments point to.
    _owners: Owners,
}

impl Samples {
    /// Of a kernel that is called with the coordinates of a point, such as this one. `None` for what is no kernel, or
    /// for one that cannot be compiled for floats, but may run as Python.
    pub fn new(object: &Bound<'_, PyAny>, point: &[f64]) -> PyResult<Option<Self>> {
        let Ok(kernel) = object.cast::<Kernel>() else {
            return Ok(None);
        };
        let (py, this) = (kernel.py(), kernel.get());
        let mut owners = Owners::default();
        let bound = this.bind(py, &PyTuple::new(py, point)?, None)?;
        let arguments = this.values(&bound, &mut owners)?;
        let ready = this
            .prepared(kernel)
            .and_then(|ready| {
                samples::Samples::new(&ready.runtime, &arguments).map_err(Failure::from)?;
                Ok(ready)
            })
            .map_err(|failure| stops::failed(py, &this.filename, failure));
        match ready {
            Err(error) if this.fallback && stops::is_unsupported(py, &error) => {
                stops::warn(py, &error)?;
                Ok(None)
            }
            Err(error) => Err(error),
            Ok(ready) => Ok(Some(Self {
                ready,
                arguments,
                limit: around::recursion_limit(py)?,
                _owners: owners,
            })),
        }
    }

    /// The value at each point.
    pub fn fill(
        &self,
        points: &[f64],
        dimensions: usize,
        values: &mut [f64],
        watch: &Arc<dyn Watch>,
    ) -> Result<(), Stop> {
        let kernel: &runtime::Kernel = &self.ready.runtime;
        // It was compiled before; if this fails, it would have then.
        let samples =
            samples::Samples::new(kernel, &self.arguments).map_err(|_| Stop::Cancelled)?;
        samples.fill(
            points,
            dimensions,
            values,
            watch,
            self.limit,
            &as_python_would,
        )
    }
}

/// Of what is neither float nor int nor bool: an int that is too long for us, or an error.
fn as_python_would(value: &Value) -> Result<f64, Stop> {
    Python::attach(|py| {
        let object = convert::object(py, value)?;
        object.extract::<f64>()
    })
    .map_err(|error: PyErr| Stop::Raised(Box::new(error)))
}

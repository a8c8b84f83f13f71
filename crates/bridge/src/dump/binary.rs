//! Anything that shows its memory, as a buffer beside the JSON.

use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyMemoryView},
};

use super::Dumper;
use crate::{
    array::{Array, Dtype},
    frame::{self, Patch},
    invalid::Failure,
    python,
};

impl<'py> Dumper<'_, 'py> {
    /// Anything that shows its memory. It is copied when the answer is laid out, once.
    pub(super) fn binary(
        &mut self,
        value: &Bound<'py, PyAny>,
        wanted: Option<Dtype>,
        label: &str,
    ) -> Result<(), Failure> {
        let refuse = |what: &str| {
            let came = python::type_name(value);
            Failure::invalid(format!("{what} of this {came} has no array in JavaScript"))
        };
        let view = PyMemoryView::from(value).map_err(|_| refuse("the element type"))?;
        let format: String = view.getattr("format")?.extract()?;
        let size: usize = view.getattr("itemsize")?.extract()?;
        let Some(dtype) = Dtype::of_format(&format, size).filter(|dtype| dtype.size() == size)
        else {
            return Err(refuse(&format!("the element type {format:?}")));
        };
        if wanted.is_some_and(|wanted| wanted != dtype) {
            return Err(Failure::invalid(format!(
                "expected {label}, got an array of {dtype}"
            )));
        }
        let shape: Vec<usize> = view.getattr("shape")?.extract()?;
        let length: usize = view.getattr("nbytes")?.extract()?;
        let shape = Some(shape).filter(|_| !is_bytes(value) || dtype != Dtype::UInt8);
        let start = frame::aligned(self.out.size);
        self.patch(Patch::Array(Array {
            dtype,
            shape,
            start,
            length,
        }));
        self.out.json.push_str("null");
        if length > 0 {
            let flat = if view.getattr("c_contiguous")?.is_truthy()? {
                view.call_method1("cast", ("B",))?.cast_into()
            } else {
                // In the order that the page expects: such an array is copied twice.
                let bytes = view.call_method0("tobytes")?;
                Ok(PyMemoryView::from(&bytes)?)
            };
            let flat = flat.map_err(PyErr::from)?;
            self.out.buffers.push((flat, start));
        }
        self.out.size = start + length;
        Ok(())
    }
}

pub(super) fn is_bytes(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>()
}

/// Arrays and scalars of numpy, without importing it.
pub(super) fn is_numpy(value: &Bound<'_, PyAny>) -> bool {
    let module = value.get_type().module();
    module.is_ok_and(|module| module.to_str().is_ok_and(|name| name == "numpy"))
}

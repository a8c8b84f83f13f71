//! Texts, numbers and binary data.

use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyFloat, PyInt, PyMemoryView, PyString, PyTuple},
};

use super::{Loaded, Loader};
use crate::{
    array::{Array, Dtype},
    invalid::Failure,
    json::{Reader, Text},
    schema::Bytes,
};

impl<'a, 'py> Loader<'a, 'py> {
    pub(super) fn string(&self, text: Text<'_>) -> Loaded<'py> {
        Ok(match text {
            Text::Utf8(text) => PyString::new(self.py, &text).into_any(),
            Text::Surrogates(bytes) => PyString::from_encoded_object(
                &PyBytes::new(self.py, &bytes),
                Some(c"utf-8"),
                Some(c"surrogatepass"),
            )?
            .into_any(),
        })
    }

    pub(super) fn big_int(&self, reader: &mut Reader<'a>) -> Loaded<'py> {
        let Text::Utf8(text) = reader.string()? else {
            return Err(Failure::invalid("not a number"));
        };
        let made = self.py.get_type::<PyInt>().call1((text,));
        made.map_err(|error| Failure::raised(self.py, error))
    }

    pub(super) fn special(&self, reader: &mut Reader<'a>) -> Loaded<'py> {
        let value = match reader.string()? {
            Text::Utf8(text) if text == "NaN" => f64::NAN,
            Text::Utf8(text) if text == "Infinity" => f64::INFINITY,
            Text::Utf8(text) if text == "-Infinity" => f64::NEG_INFINITY,
            _ => return Err(Failure::invalid("not a number")),
        };
        Ok(PyFloat::new(self.py, value).into_any())
    }

    /// Binary data in memory of Python's own: one copy.
    pub(super) fn bytes(&self, kind: Bytes, array: &Array) -> Loaded<'py> {
        let bytes = self.frame.buffer(array);
        let py = self.py;
        Ok(match kind {
            Bytes::Immutable => PyBytes::new(py, bytes).into_any(),
            Bytes::ByteArray => PyByteArray::new(py, bytes).into_any(),
            Bytes::MemoryView => {
                let view = PyMemoryView::from(&PyByteArray::new(py, bytes))?;
                if array.dtype == Dtype::UInt8 {
                    view.into_any()
                } else {
                    view.call_method1("cast", (array.dtype.format(),))?
                }
            }
        })
    }

    /// A numpy array, which may be written to.
    pub(super) fn numpy(&self, array: &Array) -> Loaded<'py> {
        let py = self.py;
        let bytes = PyByteArray::new(py, self.frame.buffer(array));
        let flat = py
            .import("numpy")?
            .call_method1("frombuffer", (bytes, array.dtype.name()))?;
        Ok(match &array.shape {
            Some(shape) => flat.call_method1("reshape", (PyTuple::new(py, shape)?,))?,
            None => flat,
        })
    }
}

/// A number as an integer, if it is one. JavaScript writes large ones as `1e+21`.
pub(super) fn integer<'py>(
    py: Python<'py>,
    text: &str,
) -> Result<Option<Bound<'py, PyAny>>, Failure> {
    if let Ok(small) = text.parse::<i64>() {
        return Ok(Some(
            small.into_pyobject(py).map_err(PyErr::from)?.into_any(),
        ));
    }
    let class = py.get_type::<PyInt>();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let made = if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        class.call1((text,))
    } else {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value.fract() == 0.0 => class.call1((value,)),
            _ => return Ok(None),
        }
    };
    made.map(Some).map_err(|error| Failure::raised(py, error))
}

pub(super) fn float<'py>(py: Python<'py>, text: &str) -> Loaded<'py> {
    match text.parse::<f64>() {
        Ok(value) => Ok(PyFloat::new(py, value).into_any()),
        Err(_) => Err(Failure::invalid(format!("{text} is not a number"))),
    }
}

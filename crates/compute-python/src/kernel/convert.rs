//! Python's objects as values, and back.

use std::sync::Arc;

use compute::kernel::random::Stream as Words;
use compute::kernel::types::{ArrayType, DType};
use compute::kernel::value::{Array, Value};
use pyo3::buffer::{ElementType, PyUntypedBuffer};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyTuple};

use super::stream::Stream;

/// Objects that arrays of a call belong to; kept until it ends.
#[derive(Default)]
pub struct Owners {
    buffers: Vec<PyUntypedBuffer>,
    /// Each array with its object.
    pub objects: Vec<Arc<Owner>>,
}

/// The object that an array's memory belongs to.
pub struct Owner {
    /// The object that was passed.
    pub object: Py<PyAny>,
}

/// The value of an argument.
pub fn value(object: &Bound<'_, PyAny>, owners: &mut Owners) -> PyResult<Value> {
    if object.is_instance_of::<PyBool>() {
        return Ok(Value::Bool(object.extract()?));
    }
    if object.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(object.extract()?));
    }
    if object.is_instance_of::<PyInt>() {
        if let Ok(value) = object.extract::<i64>() {
            return Ok(Value::Int(value.into()));
        }
        // Longer ones are Python's.
        return Ok(match object.extract::<i128>() {
            Ok(value) => Value::Int(value),
            Err(_) => Value::Object(Arc::new(object.clone().unbind())),
        });
    }
    if let Ok(complex) = object.cast::<PyComplex>() {
        return Ok(Value::Complex(complex.real(), complex.imag()));
    }
    if object.is_none() {
        return Ok(Value::None);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        let items: PyResult<Vec<Value>> = tuple.iter().map(|item| value(&item, owners)).collect();
        return Ok(Value::Tuple(items?));
    }
    if let Ok(stream) = object.cast::<Stream>() {
        return Ok(Value::Stream(stream.borrow().0.0));
    }
    if let Some(scalar) = numpy_scalar(object)? {
        return value(&scalar, owners);
    }
    array(object, owners)
}

/// numpy's own numbers, as Python's.
fn numpy_scalar<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let kind = object.get_type();
    if kind.module()?.to_str()? != "numpy" || kind.name()?.to_str()? == "ndarray" {
        return Ok(None);
    }
    match object.getattr("item") {
        Ok(item) => Ok(Some(item.call0()?)),
        Err(_) => Ok(None),
    }
}

fn array(object: &Bound<'_, PyAny>, owners: &mut Owners) -> PyResult<Value> {
    let buffer = PyUntypedBuffer::get(object).map_err(|_| {
        let kind = object.get_type();
        let name = kind.name().map_or_else(|_| "object".into(), |n| n.to_string());
        PyTypeError::new_err(format!(
            "kernels take int, float, bool, complex, None, tuples of them, and arrays (numpy, array.array, \
             memoryview), not {name}; make a list an array first: array.array('d', values)"
        ))
    })?;
    let unknown = || {
        let format = buffer.format().to_string_lossy().into_owned();
        PyTypeError::new_err(format!(
            "kernels know arrays of bool, int8 to int64, uint8 to uint64, float32, float64, complex64 and complex128, \
             not of format '{format}'; convert it first, as with a.astype(float)"
        ))
    };
    let format = buffer.format().to_bytes();
    let dtype = match (format, buffer.item_size()) {
        (b"Zd", 16) => DType::C128,
        (b"Zf", 8) => DType::C64,
        (format, size) => {
            // Big-endian numbers are not the machine's.
            if matches!(format.first(), Some(b'>' | b'!')) && size > 1 {
                return Err(unknown());
            }
            match (ElementType::from_format(buffer.format()), size) {
                (ElementType::Bool, _) => DType::Bool,
                (ElementType::SignedInteger { .. }, 1) => DType::I8,
                (ElementType::SignedInteger { .. }, 2) => DType::I16,
                (ElementType::SignedInteger { .. }, 4) => DType::I32,
                (ElementType::SignedInteger { .. }, 8) => DType::I64,
                (ElementType::UnsignedInteger { .. }, 1) => DType::U8,
                (ElementType::UnsignedInteger { .. }, 2) => DType::U16,
                (ElementType::UnsignedInteger { .. }, 4) => DType::U32,
                (ElementType::UnsignedInteger { .. }, 8) => DType::U64,
                (ElementType::Float { .. }, 4) => DType::F32,
                (ElementType::Float { .. }, 8) => DType::F64,
                _ => return Err(unknown()),
            }
        }
    };
    let ndim = buffer.dimensions();
    if !(1..=3).contains(&ndim) {
        return Err(PyValueError::new_err(format!(
            "kernels take arrays of 1 to 3 dimensions, not {ndim}; reshape it first"
        )));
    }
    if buffer
        .suboffsets()
        .is_some_and(|offsets| offsets.iter().any(|o| *o >= 0))
    {
        return Err(PyTypeError::new_err(
            "kernels do not follow pointers inside arrays; copy it first",
        ));
    }
    let (mut shape, mut strides) = ([1; 3], [0; 3]);
    for axis in 0..ndim {
        shape[axis] = buffer.shape()[axis] as i64;
        strides[axis] = buffer.strides()[axis] as i64;
    }
    let ty = ArrayType {
        dtype,
        ndim: ndim as u8,
        writable: !buffer.readonly(),
        contiguous: buffer.is_c_contiguous(),
        short: shape.iter().all(|length| *length <= 1 << 31),
    };
    let owner = Arc::new(Owner {
        object: object.clone().unbind(),
    });
    let array = Array {
        data: buffer.buf_ptr().cast(),
        shape,
        strides,
        ty,
        owner: Arc::as_ptr(&owner) as usize,
    };
    owners.buffers.push(buffer);
    owners.objects.push(owner);
    Ok(Value::Array(Arc::new(array)))
}

/// The object of a result.
pub fn object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, *value).into_any(),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Complex(re, im) => PyComplex::from_doubles(py, *re, *im).into_any(),
        Value::None => py.None().into_bound(py),
        Value::Tuple(items) => {
            let items: PyResult<Vec<_>> = items.iter().map(|item| object(py, item)).collect();
            PyTuple::new(py, items?)?.into_any()
        }
        Value::Stream(words) => Bound::new(py, Stream(Words(*words)))?.into_any(),
        Value::Array(array) => {
            // SAFETY: the owner is kept by the call that the array was passed to, which still runs.
            let owner = unsafe { &*(array.owner as *const Owner) };
            owner.object.bind(py).clone()
        }
        Value::Object(object) => match object.downcast_ref::<Py<PyAny>>() {
            Some(object) => object.bind(py).clone(),
            None => py.None().into_bound(py),
        },
    })
}

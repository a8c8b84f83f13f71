//! Results: memory of ours with Python's buffer protocol, never copied.

use std::any::Any;
use std::ffi::{CStr, c_int, c_void};

use compute::ready::key::Half;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

/// A type that arrays are made of, and what the buffer protocol calls it.
pub trait Item: Copy + Send + Sync + 'static {
    /// As in Python's module `struct`.
    const FORMAT: &'static CStr;
}

// Where C's `long` has 64 bits, it is what numpy calls int64.
#[cfg(not(windows))]
const LONG: &CStr = c"l";
#[cfg(not(windows))]
const UNSIGNED_LONG: &CStr = c"L";
#[cfg(windows)]
const LONG: &CStr = c"q";
#[cfg(windows)]
const UNSIGNED_LONG: &CStr = c"Q";

macro_rules! items {
    ($($type:ty: $format:expr),* $(,)?) => {$(
        impl Item for $type {
            const FORMAT: &'static CStr = $format;
        }
    )*};
}
items!(
    i8: c"b", u8: c"B", i16: c"h", u16: c"H", i32: c"i", u32: c"I", i64: LONG, u64: UNSIGNED_LONG,
    Half: c"e", f32: c"f", f64: c"d",
);

/// A C-contiguous, writable array, for `numpy.asarray` or `memoryview`.
#[pyclass(frozen, module = "pyxidium.compute._compute")]
pub struct Array {
    start: *mut c_void,
    bytes: isize,
    item: isize,
    format: &'static CStr,
    shape: Vec<isize>,
    strides: Vec<isize>,
    /// What `start` points into.
    _memory: Box<dyn Any + Send + Sync>,
}

// SAFETY: `start` points into `_memory`, which is Send and Sync and is touched through Python's
// buffers only; who writes there from several threads answers for it, as with every buffer.
unsafe impl Send for Array {}
// SAFETY: as above; nothing here changes after it is made.
unsafe impl Sync for Array {}

impl Array {
    /// Of one dimension.
    pub fn of<T: Item>(values: Vec<T>) -> Self {
        let shape = vec![values.len()];
        Self::shaped(values, &shape)
    }

    /// Of any shape; its sizes multiply to the number of values.
    pub fn shaped<T: Item>(values: Vec<T>, shape: &[usize]) -> Self {
        Self::with_format(values, shape, T::FORMAT)
    }

    /// Of values that are to be read as another type of the same size.
    pub fn with_format<T: Item>(
        mut values: Vec<T>,
        shape: &[usize],
        format: &'static CStr,
    ) -> Self {
        debug_assert_eq!(values.len(), shape.iter().product::<usize>());
        let item = size_of::<T>().cast_signed();
        let shape: Vec<isize> = shape.iter().map(|size| size.cast_signed()).collect();
        let mut strides = vec![item; shape.len()];
        for place in (1..shape.len()).rev() {
            strides[place - 1] = strides[place] * shape[place].max(1);
        }
        let bytes = values.len().cast_signed() * item;
        Self {
            start: values.as_mut_ptr().cast(),
            bytes,
            item,
            format,
            shape,
            strides,
            _memory: Box::new(values),
        }
    }
}

#[pymethods]
impl Array {
    // PyO3 hands over a pointer that Python's buffer protocol vouches for.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill"));
        }
        let array = slf.get();
        let has = |flag: c_int| flags & flag == flag;
        if has(ffi::PyBUF_F_CONTIGUOUS) && !has(ffi::PyBUF_ANY_CONTIGUOUS) && array.shape.len() > 1
        {
            return Err(PyBufferError::new_err("the array is stored row by row"));
        }
        let or_null = |wanted, list: &Vec<isize>| {
            if wanted {
                list.as_ptr().cast_mut()
            } else {
                std::ptr::null_mut()
            }
        };
        let filled = ffi::Py_buffer {
            buf: array.start,
            len: array.bytes,
            itemsize: array.item,
            readonly: 0,
            ndim: c_int::try_from(array.shape.len()).unwrap_or(0),
            // Nobody writes there: the protocol's types only lack `const`.
            format: if has(ffi::PyBUF_FORMAT) {
                array.format.as_ptr().cast_mut()
            } else {
                std::ptr::null_mut()
            },
            shape: or_null(has(ffi::PyBUF_ND), &array.shape),
            strides: or_null(has(ffi::PyBUF_STRIDES), &array.strides),
            suboffsets: std::ptr::null_mut(),
            internal: std::ptr::null_mut(),
            obj: slf.clone().into_any().into_ptr(),
        };
        // SAFETY: `view` is not null and Python gives us a place for a `Py_buffer` there. All that it
        // points to lives as long as the array, of which the view now owns a reference.
        unsafe { view.write(filled) };
        Ok(())
    }

    fn __len__(&self) -> usize {
        self.shape.first().map_or(0, |size| size.unsigned_abs())
    }
}

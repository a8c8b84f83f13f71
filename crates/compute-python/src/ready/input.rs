//! Arguments: any buffer as a slice; copied only if it is strided or not aligned.

use std::borrow::Cow;

use compute::ready::blocks;
pub use compute::ready::key::Half;
use compute::work::{Cancelled, Watch};
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::array::Item;

/// Runs `$body` with `$name` being the type of the input's elements.
macro_rules! with_type {
    ($input:expr, $name:ident => $body:expr) => {{
        use $crate::ready::input::{Half, Kind};
        macro_rules! of {
            ($type:ty) => {{
                type $name = $type;
                $body
            }};
        }
        match $input.kind() {
            Kind::Bool | Kind::U8 => of!(u8),
            Kind::I8 => of!(i8),
            Kind::I16 => of!(i16),
            Kind::U16 => of!(u16),
            Kind::I32 => of!(i32),
            Kind::U32 => of!(u32),
            Kind::I64 => of!(i64),
            Kind::U64 => of!(u64),
            Kind::F16 => of!(Half),
            Kind::F32 => of!(f32),
            Kind::F64 => of!(f64),
        }
    }};
}
pub(crate) use with_type;

/// Elements that one task copies.
const BLOCK: usize = 1 << 15;

/// What the elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

/// An argument that is a buffer of numbers.
pub struct Input {
    buffer: PyUntypedBuffer,
    kind: Kind,
    what: &'static str,
}

impl Input {
    /// The argument `what`.
    pub fn new(object: &Bound<'_, PyAny>, what: &'static str) -> PyResult<Self> {
        let buffer = PyUntypedBuffer::get(object).map_err(|error| {
            let type_name = object
                .get_type()
                .name()
                .map_or_else(|_| "?".into(), |name| name.to_string());
            let reason = error.value(object.py()).to_string();
            PyTypeError::new_err(format!(
                "{what}: expected an array of numbers, got {type_name} ({reason})"
            ))
        })?;
        let kind = kind(&buffer, what)?;
        Ok(Self { buffer, kind, what })
    }

    /// What the elements are.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The sizes of its dimensions.
    pub fn shape(&self) -> &[usize] {
        self.buffer.shape()
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        self.shape().iter().product()
    }

    /// Checks the number of dimensions; `expected` says the shape.
    pub fn dimensions(&self, count: usize, expected: &str) -> PyResult<&[usize]> {
        if self.shape().len() == count {
            return Ok(self.shape());
        }
        let got = shown(self.shape());
        Err(PyValueError::new_err(format!(
            "{}: expected {expected}, got {got}",
            self.what
        )))
    }

    /// The elements in C order. `T` must be what `kind` says (`u8` for `Bool`). Fails when cancelled.
    ///
    /// They are read while Python's other threads run; a program that changes an array while it is computed
    /// with gets an answer of old and new elements, as from every library that lets Python go on.
    pub fn values<T: Item>(&self, watch: &Watch) -> Result<Cow<'_, [T]>, Cancelled> {
        assert_eq!(
            size_of::<T>(),
            self.buffer.item_size(),
            "the caller matched on the kind"
        );
        let count = self.count();
        let start = self.buffer.buf_ptr().cast::<T>();
        if count == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        if self.buffer.is_c_contiguous() && start.is_aligned() {
            // SAFETY: the buffer holds `count` elements from `start` on, of this size and aligned, for as
            // long as `self` has it. Every bit pattern is a `T`: all `Item`s are plain numbers.
            return Ok(Cow::Borrowed(unsafe {
                std::slice::from_raw_parts(start, count)
            }));
        }
        let places = Places {
            start: start.expose_provenance(),
            shape: self.shape(),
            strides: self.buffer.strides(),
        };
        watch.part(0.05);
        let element = |place: usize| {
            let element = std::ptr::with_exposed_provenance::<T>(places.address(place));
            // SAFETY: shape and strides are the buffer's own, so each place that they lead to is an element;
            // it may be unaligned.
            unsafe { element.read_unaligned() }
        };
        blocks::build(count, BLOCK, watch, element).map(Cow::Owned)
    }

    /// The elements as floats of 64 bits. Fails when cancelled.
    pub fn floats(&self, watch: &Watch) -> Result<Cow<'_, [f64]>, Cancelled> {
        fn converted<T: compute::ready::key::Key>(
            values: &[T],
            watch: &Watch,
        ) -> Result<Cow<'static, [f64]>, Cancelled> {
            watch.part(0.05);
            blocks::build(values.len(), BLOCK, watch, |place| values[place].float()).map(Cow::Owned)
        }
        match self.kind {
            Kind::F64 => self.values(watch),
            _ => with_type!(self, T => converted(&self.values::<T>(watch)?, watch)),
        }
    }
}

/// Where the elements of a strided buffer are.
struct Places<'a> {
    start: usize,
    shape: &'a [usize],
    strides: &'a [isize],
}

impl Places<'_> {
    /// The address of an element, counted in C order.
    fn address(&self, mut place: usize) -> usize {
        let mut address = self.start;
        for (size, stride) in self.shape.iter().zip(self.strides).rev() {
            let here = if self.shape.len() == 1 {
                place
            } else {
                place % size
            };
            address = address.wrapping_add_signed(here.cast_signed() * stride);
            place /= size;
        }
        address
    }
}

/// A shape as Python writes it.
pub fn shown(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

fn kind(buffer: &PyUntypedBuffer, what: &str) -> PyResult<Kind> {
    let format = buffer.format().to_string_lossy();
    let wrong = |reason: &str| {
        Err(PyTypeError::new_err(format!(
            "{what}: {reason} (buffer format {format:?})"
        )))
    };
    if buffer.suboffsets().is_some() {
        return wrong("arrays of pointers are not supported");
    }
    let (order, code) = match format.as_bytes() {
        [order @ (b'@' | b'=' | b'<' | b'>' | b'!'), code] => (*order, *code),
        [code] => (b'@', *code),
        _ => return wrong("expected plain numbers, not records"),
    };
    let size = buffer.item_size();
    let turned = if cfg!(target_endian = "little") {
        matches!(order, b'>' | b'!')
    } else {
        order == b'<'
    };
    if turned && size > 1 {
        return wrong(
            "expected numbers in the machine's byte order; with numpy: a.astype(a.dtype.newbyteorder('='))",
        );
    }
    Ok(match (code, size) {
        (b'?', 1) => Kind::Bool,
        (b'b', 1) => Kind::I8,
        (b'B', 1) => Kind::U8,
        (b'h', 2) => Kind::I16,
        (b'H', 2) => Kind::U16,
        (b'i' | b'l' | b'q' | b'n', 4) => Kind::I32,
        (b'I' | b'L' | b'Q' | b'N', 4) => Kind::U32,
        (b'i' | b'l' | b'q' | b'n', 8) => Kind::I64,
        (b'I' | b'L' | b'Q' | b'N', 8) => Kind::U64,
        (b'e', 2) => Kind::F16,
        (b'f', 4) => Kind::F32,
        (b'd', 8) => Kind::F64,
        _ => return wrong("expected real numbers of at most 64 bits"),
    })
}

//! Values as they pass between compiled code, the runtime and Python.

use std::any::Any;
use std::sync::Arc;

use super::interval::{I64, SMALL};
use super::types::{ArrayType, DType, IntClass, Repr, Type};

/// An array as compiled code sees it.
#[repr(C)]
#[derive(Debug, Clone)]
pub struct Array {
    /// The element at index 0 of every axis.
    pub data: *mut u8,
    /// Elements along each axis; 1 for axes that it does not have.
    pub shape: [i64; 3],
    /// Bytes from one element to the next along each axis.
    pub strides: [i64; 3],
    /// What it is.
    pub ty: ArrayType,
    /// Which of the frontend's objects it is.
    pub owner: usize,
}

// SAFETY: an array is a description of memory that the frontend keeps in place while a kernel runs. Kernels
// on several threads may write to it at once, as Python's threads may: elements are written whole, and each is
// valid whatever its bytes are, but for bools, which are read as "not zero".
unsafe impl Send for Array {}
// SAFETY: as above.
unsafe impl Sync for Array {}

/// One register's worth of a value in memory.
#[repr(C, align(16))]
#[derive(Debug, Clone, Copy, Default)]
pub struct Slot(pub [u64; 2]);

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// An int of at most 128 bits.
    Int(i128),
    /// A float.
    Float(f64),
    /// A bool.
    Bool(bool),
    /// A complex number.
    Complex(f64, f64),
    /// `None`
    None,
    /// An array.
    Array(Arc<Array>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A stream of random numbers.
    Stream([u64; 4]),
    /// Something that only Python can hold: a longer int.
    Object(Arc<dyn Any + Send + Sync>),
}

impl Value {
    /// The type that a kernel is compiled for when it gets this; nothing for what only Python can hold.
    #[must_use]
    pub fn ty(&self) -> Option<Type> {
        Some(match self {
            Self::Int(value) => Type::Int(if SMALL.contains(*value) {
                IntClass::Small
            } else if I64.contains(*value) {
                IntClass::I64
            } else {
                IntClass::I128
            }),
            Self::Float(_) => Type::Float,
            Self::Bool(_) => Type::Bool,
            Self::Complex(..) => Type::Complex,
            Self::None => Type::None,
            Self::Array(array) => Type::Array(array.ty),
            Self::Tuple(items) => Type::Tuple(items.iter().map(Self::ty).collect::<Option<_>>()?),
            Self::Stream(_) => Type::Stream,
            Self::Object(_) => return None,
        })
    }

    /// Whether it is of a type.
    #[must_use]
    pub fn is(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Float(_), Type::Float)
            | (Self::Bool(_), Type::Bool)
            | (Self::Complex(..), Type::Complex)
            | (Self::None, Type::None)
            | (Self::Stream(_), Type::Stream) => true,
            (Self::Array(array), Type::Array(ty)) => array.ty == *ty,
            (Self::Tuple(items), Type::Tuple(types)) => {
                items.len() == types.len() && items.iter().zip(types).all(|(item, ty)| item.is(ty))
            }
            (Self::Int(_), Type::Int(_)) => self.ty().as_ref() == Some(ty),
            _ => false,
        }
    }

    /// Writes it into slots, in a representation; `false` if it does not fit in that.
    pub fn write(&self, repr: &Repr, out: &mut Vec<Slot>) -> bool {
        let word = |bits: u64| Slot([bits, 0]);
        match (self, repr) {
            (Self::Int(value), Repr::I64) => match i64::try_from(*value) {
                Ok(value) => out.push(word(value as u64)),
                Err(_) => return false,
            },
            (Self::Int(value), Repr::I128) => {
                out.push(Slot([*value as u64, (*value >> 64) as u64]))
            }
            (Self::Float(value), Repr::F64) => out.push(word(value.to_bits())),
            (Self::Bool(value), Repr::Bool) => out.push(word(u64::from(*value))),
            (Self::Complex(re, im), Repr::Complex) => {
                out.extend([word(re.to_bits()), word(im.to_bits())]);
            }
            (Self::Float(value), Repr::Number) => out.extend([word(value.to_bits()), word(0)]),
            (Self::Int(value), Repr::Number) if value.unsigned_abs() <= 1 << 53 => {
                out.extend([word((*value as f64).to_bits()), word(1)]);
            }
            (Self::None, Repr::None) => {}
            (Self::Array(array), Repr::Array(_)) => out.push(word(Arc::as_ptr(array) as u64)),
            (Self::Tuple(items), Repr::Tuple(reprs)) if items.len() == reprs.len() => {
                return items
                    .iter()
                    .zip(reprs)
                    .all(|(item, repr)| item.write(repr, out));
            }
            (Self::Stream(state), Repr::Stream) => out.extend(state.map(word)),
            _ => return false,
        }
        true
    }

    /// Reads what compiled code left in slots.
    pub fn read(repr: &Repr, slots: &mut std::slice::Iter<'_, Slot>) -> Option<Self> {
        let mut word = || slots.next().map(|slot| slot.0[0]);
        Some(match repr {
            Repr::I64 => Self::Int(i128::from(word()? as i64)),
            Repr::I128 => {
                let [low, high] = slots.next()?.0;
                Self::Int(((i128::from(high as i64)) << 64) | i128::from(low))
            }
            Repr::F64 => Self::Float(f64::from_bits(word()?)),
            Repr::Bool => Self::Bool(word()? & 0xff != 0),
            Repr::Complex => Self::Complex(f64::from_bits(word()?), f64::from_bits(word()?)),
            Repr::Number => {
                let (value, is_int) = (f64::from_bits(word()?), word()? & 0xff != 0);
                if is_int {
                    Self::Int(value as i128)
                } else {
                    Self::Float(value)
                }
            }
            Repr::None => Self::None,
            // Arrays are never made by kernels; whoever passed one has it.
            Repr::Array(_) => return None,
            Repr::Tuple(reprs) => {
                let items: Option<Vec<_>> = reprs.iter().map(|r| Self::read(r, slots)).collect();
                Self::Tuple(items?)
            }
            Repr::Stream => Self::Stream([word()?, word()?, word()?, word()?]),
        })
    }
}

impl Array {
    /// Reads an element as an int; for arrays of ints and bools.
    ///
    /// # Safety
    /// `at` must point at an element of the type.
    #[must_use]
    pub unsafe fn int(dtype: DType, at: *const u8) -> i128 {
        // SAFETY: the caller's promise; nothing is said about alignment.
        unsafe {
            match dtype {
                DType::Bool => i128::from(*at != 0),
                DType::I8 => i128::from(at.cast::<i8>().read_unaligned()),
                DType::I16 => i128::from(at.cast::<i16>().read_unaligned()),
                DType::I32 => i128::from(at.cast::<i32>().read_unaligned()),
                DType::I64 => i128::from(at.cast::<i64>().read_unaligned()),
                DType::U8 => i128::from(at.read_unaligned()),
                DType::U16 => i128::from(at.cast::<u16>().read_unaligned()),
                DType::U32 => i128::from(at.cast::<u32>().read_unaligned()),
                DType::U64 => i128::from(at.cast::<u64>().read_unaligned()),
                _ => 0,
            }
        }
    }

    /// Reads an element as a float; for arrays of floats.
    ///
    /// # Safety
    /// `at` must point at an element of the type.
    #[must_use]
    pub unsafe fn float(dtype: DType, at: *const u8) -> f64 {
        // SAFETY: the caller's promise; nothing is said about alignment.
        unsafe {
            match dtype {
                DType::F32 => f64::from(at.cast::<f32>().read_unaligned()),
                _ => at.cast::<f64>().read_unaligned(),
            }
        }
    }
}

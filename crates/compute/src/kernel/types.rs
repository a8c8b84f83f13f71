//! Types, and what is known of a value before the kernel runs.

use super::interval::{I64, I128, Interval};
use super::syntax::Var;

/// Element types of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DType {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    C64,
    C128,
}

impl DType {
    /// Bytes of one element.
    #[must_use]
    pub const fn size(self) -> u32 {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::C64 => 8,
            Self::C128 => 16,
        }
    }

    /// As numpy names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::C64 => "complex64",
            Self::C128 => "complex128",
        }
    }

    /// The ints that an element holds; nothing for other types.
    #[must_use]
    pub const fn ints(self) -> Option<Interval> {
        Some(match self {
            Self::I8 => Interval::new(i8::MIN as i128, i8::MAX as i128),
            Self::I16 => Interval::new(i16::MIN as i128, i16::MAX as i128),
            Self::I32 => Interval::new(i32::MIN as i128, i32::MAX as i128),
            Self::I64 => I64,
            Self::U8 => Interval::new(0, u8::MAX as i128),
            Self::U16 => Interval::new(0, u16::MAX as i128),
            Self::U32 => Interval::new(0, u32::MAX as i128),
            Self::U64 => Interval::new(0, u64::MAX as i128),
            _ => return None,
        })
    }
}

/// The type of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArrayType {
    /// Of its elements.
    pub dtype: DType,
    /// Number of axes: 1 to 3.
    pub ndim: u8,
    /// Whether elements can be stored.
    pub writable: bool,
    /// Whether elements lie one after the other, the last axis fastest.
    pub contiguous: bool,
    /// Whether all lengths are at most 2**31: then sums over it are known to fit.
    pub short: bool,
}

impl ArrayType {
    /// Where its lengths lie.
    #[must_use]
    pub const fn lengths(self) -> Interval {
        if self.short {
            super::interval::SHORT
        } else {
            super::interval::LENGTH
        }
    }
}

/// How large an int argument may be: a kernel is compiled for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntClass {
    /// Within ±2**31.
    Small,
    /// Within 64 bits.
    I64,
    /// Within 128 bits.
    I128,
}

/// The type of an argument: what a kernel is compiled for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Type {
    Int(IntClass),
    Float,
    Bool,
    Complex,
    /// An int that a float holds exactly, or a float: what `x = 0` and `x = 0.5` become where they meet.
    Number,
    None,
    Array(ArrayType),
    Tuple(Vec<Type>),
    /// A stream of random numbers.
    Stream,
}

/// What is known of an int.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntFact {
    /// Where it lies.
    pub interval: Interval,
    /// `(array, axis, k)`: it is at most the array's length along the axis, plus `k`.
    pub below: Vec<(Var, u32, i64)>,
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Fact {
    Int(IntFact),
    /// Whether it is known to be 0 or more, and no NaN.
    Float {
        nonnegative: bool,
    },
    Bool(Option<bool>),
    Complex,
    Number,
    None,
    /// The array that is the variable's: arrays are never bound anew.
    Array(ArrayType, Var),
    Tuple(Vec<Fact>),
    Stream,
}

/// How a value lies in registers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Repr {
    I64,
    I128,
    F64,
    Bool,
    Complex,
    /// The float, and whether it is an int.
    Number,
    None,
    Array(Var),
    Tuple(Vec<Repr>),
    /// Four words.
    Stream,
}

impl IntFact {
    /// An int in an interval.
    #[must_use]
    pub const fn new(interval: Interval) -> Self {
        Self {
            interval,
            below: Vec::new(),
        }
    }

    /// Whether the interval is a machine's limit and not a conclusion: what a checked operation lets through.
    #[must_use]
    pub fn at_limit(&self) -> bool {
        let Interval { lo, hi } = self.interval;
        let limit = |end: Option<i128>, a: i64, b: i128| {
            end.is_none_or(|end| end == i128::from(a) || end == b)
        };
        limit(lo, i64::MIN, i128::MIN) || limit(hi, i64::MAX, i128::MAX)
    }

    /// Whether it fits in 64 bits; in registers it is 64 bits wide just then.
    #[must_use]
    pub fn narrow(&self) -> bool {
        self.interval.within(I64)
    }
}

impl Fact {
    /// Any float.
    pub const FLOAT: Self = Self::Float { nonnegative: false };

    /// An int in an interval.
    #[must_use]
    pub const fn int(interval: Interval) -> Self {
        Self::Int(IntFact::new(interval))
    }

    /// What is known of an argument from its type.
    #[must_use]
    pub fn of(ty: &Type, var: Var) -> Self {
        match ty {
            Type::Int(class) => Self::int(match class {
                IntClass::Small => super::interval::SMALL,
                IntClass::I64 => I64,
                IntClass::I128 => I128,
            }),
            Type::Float => Self::FLOAT,
            Type::Bool => Self::Bool(None),
            Type::Complex => Self::Complex,
            Type::Number => Self::Number,
            Type::None => Self::None,
            Type::Array(array) => Self::Array(*array, var),
            Type::Tuple(items) => Self::Tuple(items.iter().map(|t| Self::of(t, var)).collect()),
            Type::Stream => Self::Stream,
        }
    }

    /// The type that a kernel is compiled for when it gets such a value.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Int(fact) => Type::Int(if fact.interval.within(super::interval::SMALL) {
                IntClass::Small
            } else if fact.narrow() {
                IntClass::I64
            } else {
                IntClass::I128
            }),
            Self::Float { .. } => Type::Float,
            Self::Bool(_) => Type::Bool,
            Self::Complex => Type::Complex,
            Self::Number => Type::Number,
            Self::None => Type::None,
            Self::Array(array, _) => Type::Array(*array),
            Self::Tuple(items) => Type::Tuple(items.iter().map(Self::ty).collect()),
            Self::Stream => Type::Stream,
        }
    }

    /// How it lies in registers.
    #[must_use]
    pub fn repr(&self) -> Repr {
        match self {
            Self::Int(fact) if fact.narrow() => Repr::I64,
            Self::Int(_) => Repr::I128,
            Self::Float { .. } => Repr::F64,
            Self::Bool(_) => Repr::Bool,
            Self::Complex => Repr::Complex,
            Self::Number => Repr::Number,
            Self::None => Repr::None,
            Self::Array(_, var) => Repr::Array(*var),
            Self::Tuple(items) => Repr::Tuple(items.iter().map(Self::repr).collect()),
            Self::Stream => Repr::Stream,
        }
    }

    /// What is known of a value that is either; nothing where no one representation holds both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(IntFact {
                interval: a.interval.join(b.interval),
                below: meet_below(&a.below, &b.below),
            }),
            (Self::Float { nonnegative: a }, Self::Float { nonnegative: b }) => Self::Float {
                nonnegative: *a && *b,
            },
            (Self::Bool(a), Self::Bool(b)) => Self::Bool(if a == b { *a } else { None }),
            (Self::Complex, Self::Complex) => Self::Complex,
            (Self::None, Self::None) => Self::None,
            (Self::Stream, Self::Stream) => Self::Stream,
            (Self::Number, Self::Number | Self::Float { .. })
            | (Self::Float { .. }, Self::Number) => Self::Number,
            (Self::Int(int), Self::Float { .. } | Self::Number)
            | (Self::Float { .. } | Self::Number, Self::Int(int))
                if exact_in_float(int.interval) =>
            {
                Self::Number
            }
            (Self::Array(a, x), Self::Array(b, y)) if a == b && x == y => self.clone(),
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                let items: Option<Vec<_>> = a.iter().zip(b).map(|(a, b)| a.join(b)).collect();
                Self::Tuple(items?)
            }
            _ => return None,
        })
    }

    /// The name of its type, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Int(_) => "int".into(),
            Self::Float { .. } => "float".into(),
            Self::Bool(_) => "bool".into(),
            Self::Complex => "complex".into(),
            Self::Number => "int or float".into(),
            Self::None => "None".into(),
            Self::Array(a, _) => format!("{}-D {} array", a.ndim, a.dtype.name()),
            Self::Tuple(items) => {
                let names: Vec<_> = items.iter().map(Self::name).collect();
                format!("tuple of {}", names.join(", "))
            }
            Self::Stream => "random stream".into(),
        }
    }
}

/// Whether a float holds every int of it.
#[must_use]
pub fn exact_in_float(interval: Interval) -> bool {
    interval.within(Interval::new(-(1 << 53), 1 << 53))
}

fn meet_below(a: &[(Var, u32, i64)], b: &[(Var, u32, i64)]) -> Vec<(Var, u32, i64)> {
    let find = |(array, axis, k): &(Var, u32, i64)| {
        let there = b.iter().find(|(x, y, _)| x == array && y == axis)?;
        Some((*array, *axis, *k.max(&there.2)))
    };
    a.iter().filter_map(find).collect()
}

impl Repr {
    /// How many registers it takes.
    #[must_use]
    pub fn parts(&self) -> usize {
        match self {
            Self::I64 | Self::I128 | Self::F64 | Self::Bool => 1,
            Self::Complex | Self::Number => 2,
            Self::Stream => 4,
            Self::None | Self::Array(_) => 0,
            Self::Tuple(items) => items.iter().map(Self::parts).sum(),
        }
    }

    /// How many slots of an argument frame it takes: an array is passed by address.
    #[must_use]
    pub fn slots(&self) -> usize {
        match self {
            Self::Array(_) => 1,
            Self::Tuple(items) => items.iter().map(Self::slots).sum(),
            other => other.parts(),
        }
    }
}

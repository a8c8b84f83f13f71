//! Values of attributes and arguments as plain data, and the way to and from Starlark.

use std::collections::BTreeMap;
use std::fmt;

use starlark::values::dict::{AllocDict, DictRef};
use starlark::values::list::{AllocList, ListRef};
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, UnpackValue, Value};

use crate::Literal;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list or tuple.
    List(Vec<Datum>),
    /// A dict with keys of text.
    Map(BTreeMap<String, Datum>),
}

impl Datum {
    /// Out of a Starlark value; `None` where it is of another kind.
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        if value.is_none() {
            return Some(Self::None);
        }
        if let Some(b) = value.unpack_bool() {
            return Some(Self::Bool(b));
        }
        if let Some(text) = value.unpack_str() {
            return Some(Self::Text(text.to_owned()));
        }
        if let Ok(Some(number)) = i64::unpack_value(value) {
            return Some(Self::Int(number));
        }
        if let Ok(Some(number)) = starlark::values::float::UnpackFloat::unpack_value(value) {
            return Some(Self::Float(number.0));
        }
        if let Some(list) = ListRef::from_value(value) {
            return list
                .iter()
                .map(Self::read)
                .collect::<Option<_>>()
                .map(Self::List);
        }
        if let Some(tuple) = TupleRef::from_value(value) {
            return tuple
                .iter()
                .map(Self::read)
                .collect::<Option<_>>()
                .map(Self::List);
        }
        let dict = DictRef::from_value(value)?;
        dict.iter()
            .map(|(k, v)| Some((k.unpack_str()?.to_owned(), Self::read(v)?)))
            .collect::<Option<_>>()
            .map(Self::Map)
    }

    /// As a Starlark value: always a new one, so that changing it changes no attribute.
    pub(super) fn alloc<'v>(&self, heap: Heap<'v>) -> Value<'v> {
        match self {
            Self::None => Value::new_none(),
            Self::Bool(b) => Value::new_bool(*b),
            Self::Int(number) => heap.alloc(*number),
            Self::Float(number) => heap.alloc(*number),
            Self::Text(text) => heap.alloc(text.as_str()),
            Self::List(list) => {
                let values: Vec<_> = list.iter().map(|d| d.alloc(heap)).collect();
                heap.alloc(AllocList(values))
            }
            Self::Map(map) => {
                let pairs: Vec<_> = map
                    .iter()
                    .map(|(k, d)| (k.as_str(), d.alloc(heap)))
                    .collect();
                heap.alloc(AllocDict(pairs))
            }
        }
    }

    /// Text, if it is that.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list of texts, if it is that.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::List(list) => list.iter().map(|d| d.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }

    /// As a setting of the window has it.
    pub(super) fn literal(&self) -> Literal {
        match self {
            Self::Bool(b) => Literal::Bool(*b),
            Self::Int(number) => Literal::Number(*number as f64),
            Self::Float(number) => Literal::Number(*number),
            Self::Text(text) => Literal::Text(text.clone()),
            Self::List(list) => Literal::List(list.iter().map(Self::literal).collect()),
            Self::None | Self::Map(_) => Literal::Other,
        }
    }
}

/// As Starlark writes it.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(list) => {
                f.write_str("[")?;
                for (i, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(map) => {
                f.write_str("{")?;
                for (i, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{key:?}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

//! Python's annotations as a table that values are checked against.
//!
//! `pyxidium._schema` walks the annotations, once, when a function is registered; its rows become
//! [`Row`]s here. Rows name each other by number, so a type may contain itself.

use std::collections::HashMap;

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyDict, PyString, PyTuple},
};

use crate::array::Dtype;

/// The number of a row.
pub(crate) type TypeId = usize;

/// One type, and what messages call it.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) kind: Type,
}

pub(crate) enum Type {
    Any,
    None,
    Bool,
    Int,
    Float,
    Str,
    Bytes(Bytes),
    /// A numpy array; of one dtype or of any.
    Array(Option<Dtype>),
    Sequence(Container, TypeId),
    Tuple(Vec<TypeId>),
    Dict(TypeId, TypeId),
    Record(Record),
    /// An `Enum` or a `Literal`: from what the page says to the value it means. `True` and `False`
    /// are under `("bool", value)`, since they equal 1 and 0.
    Choice {
        table: Py<PyDict>,
        class: Option<Py<PyAny>>,
    },
    Union(Vec<TypeId>),
    /// What has a form of its own in JSON: read as `inner`, then given to `load`; `dump` undoes it.
    Convert {
        inner: TypeId,
        load: Py<PyAny>,
        class: Py<PyAny>,
        dump: Py<PyAny>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bytes {
    Immutable,
    ByteArray,
    MemoryView,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    List,
    Set,
    FrozenSet,
    Tuple,
}

/// A class with named fields; without a class, a `TypedDict`.
pub(crate) struct Record {
    pub(crate) class: Option<Py<PyAny>>,
    pub(crate) fields: Vec<Field>,
    by_name: HashMap<String, usize>,
}

pub(crate) struct Field {
    pub(crate) name: Py<PyString>,
    pub(crate) text: String,
    pub(crate) kind: TypeId,
    pub(crate) required: bool,
}

impl Record {
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }
}

/// A table of types.
#[derive(Default)]
pub(crate) struct Types(Vec<Row>);

impl Types {
    /// Reads the rows of `pyxidium._schema.Schema`.
    pub(crate) fn new(rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rows = rows.try_iter()?;
        let types = Self(rows.map(|row| Row::new(&row?)).collect::<PyResult<_>>()?);
        // Python is trusted to write a good table; a wrong number must still not be a panic later.
        let count = types.0.len();
        let known = |id: &TypeId| *id < count;
        let sound = types.0.iter().all(|row| match &row.kind {
            Type::Sequence(_, item) => known(item),
            Type::Tuple(items) | Type::Union(items) => items.iter().all(known),
            Type::Dict(key, value) => known(key) && known(value),
            Type::Record(record) => record.fields.iter().all(|field| known(&field.kind)),
            Type::Convert { inner, .. } => known(inner),
            _ => true,
        });
        if sound {
            Ok(types)
        } else {
            Err(PyValueError::new_err("a type refers to none"))
        }
    }

    pub(crate) fn get(&self, id: TypeId) -> &Row {
        &self.0[id]
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Row {
    fn new(row: &Bound<'_, PyAny>) -> PyResult<Self> {
        let row = row.cast::<PyTuple>()?;
        let column = |index: usize| row.get_item(index);
        let id = |index: usize| column(index)?.extract::<TypeId>();
        let ids = |index: usize| column(index)?.extract::<Vec<TypeId>>();
        let text = |index: usize| column(index)?.extract::<String>();
        let object = |index: usize| column(index).map(Bound::unbind);
        let class = |index: usize| -> PyResult<_> {
            Ok(Some(column(index)?)
                .filter(|class| !class.is_none())
                .map(Bound::unbind))
        };
        let kind = match text(0)?.as_str() {
            "any" => Type::Any,
            "none" => Type::None,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "float" => Type::Float,
            "str" => Type::Str,
            "bytes" => Type::Bytes(match text(2)?.as_str() {
                "bytearray" => Bytes::ByteArray,
                "memoryview" => Bytes::MemoryView,
                _ => Bytes::Immutable,
            }),
            "array" => Type::Array(
                column(2)?
                    .extract::<Option<String>>()?
                    .and_then(|name| Dtype::named(&name)),
            ),
            "list" => Type::Sequence(Container::List, id(2)?),
            "set" => Type::Sequence(Container::Set, id(2)?),
            "frozenset" => Type::Sequence(Container::FrozenSet, id(2)?),
            "vartuple" => Type::Sequence(Container::Tuple, id(2)?),
            "tuple" => Type::Tuple(ids(2)?),
            "dict" => Type::Dict(id(2)?, id(3)?),
            "record" => Type::Record(record(class(2)?, &column(3)?)?),
            "choice" => Type::Choice {
                table: column(2)?.cast_into::<PyDict>()?.unbind(),
                class: class(3)?,
            },
            "union" => Type::Union(ids(2)?),
            "convert" => Type::Convert {
                inner: id(2)?,
                load: object(3)?,
                class: object(4)?,
                dump: object(5)?,
            },
            other => {
                return Err(PyValueError::new_err(format!("no kind of type: {other}")));
            }
        };
        Ok(Self {
            label: text(1)?,
            kind,
        })
    }
}

fn record(class: Option<Py<PyAny>>, fields: &Bound<'_, PyAny>) -> PyResult<Record> {
    let fields = fields
        .try_iter()?
        .map(|field| {
            let (name, kind, required) = field?.extract::<(Bound<'_, PyString>, TypeId, bool)>()?;
            Ok(Field {
                text: name.to_str()?.to_owned(),
                name: name.unbind(),
                kind,
                required,
            })
        })
        .collect::<PyResult<Vec<_>>>()?;
    let by_name = fields
        .iter()
        .enumerate()
        .map(|(index, field)| (field.text.clone(), index))
        .collect();
    Ok(Record {
        class,
        fields,
        by_name,
    })
}

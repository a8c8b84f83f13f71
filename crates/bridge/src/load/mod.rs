//! From a page's message to Python objects, as annotations direct.

mod objects;
mod scalars;

use pyo3::{
    Python,
    prelude::*,
    types::{PyBool, PyDict, PyFloat, PyFrozenSet, PyList, PyNone, PySet, PyTuple},
};

use self::scalars::{float, integer};
use crate::{
    array::{Array, Dtype},
    frame::{Frame, Key, Patch, Patches},
    invalid::Failure,
    json::{Kind, Reader, Text},
    schema::{Bytes, Container, Type, TypeId, Types},
};

type Loaded<'py> = Result<Bound<'py, PyAny>, Failure>;

/// Converts values of one message.
pub(crate) struct Loader<'a, 'py> {
    pub(crate) py: Python<'py>,
    pub(crate) types: &'a Types,
    pub(crate) frame: &'a Frame,
}

/// What stands at a place: JSON, or what a patch puts there.
enum Came<'a> {
    Json(Kind),
    Array(&'a Array),
    BigInt,
    Special,
}

impl<'a> Came<'a> {
    fn at(reader: &mut Reader<'_>, patches: Option<&'a Patches>) -> Result<Self, Failure> {
        Ok(match patches.and_then(|place| place.here.as_ref()) {
            None => Self::Json(reader.peek()?),
            Some(Patch::Array(array)) => Self::Array(array),
            Some(Patch::Int) => Self::BigInt,
            Some(Patch::Float) => Self::Special,
        })
    }
}

impl<'a, 'py> Loader<'a, 'py> {
    /// The value at the reader's place, as type `id`.
    pub(crate) fn load(
        &self,
        id: TypeId,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
    ) -> Loaded<'py> {
        let py = self.py;
        let came = Came::at(reader, patches)?;
        let row = self.types.get(id);
        match (&row.kind, &came) {
            (Type::Union(members), _) => self.union(&row.label, members, reader, patches),
            (Type::Convert { inner, load, .. }, _) => {
                let mark = reader.mark();
                match self.load(*inner, reader, patches) {
                    Ok(value) => {
                        let made = load.bind(py).call1((value,));
                        made.map_err(|error| Failure::raised(py, error))
                    }
                    // "expected datetime", rather than the "str" that it is read as.
                    Err(Failure::Invalid(invalid)) if invalid.depth() == 0 => {
                        reader.return_to(mark);
                        let came = self.describe(reader, &came)?;
                        Err(mismatch(&row.label, &came))
                    }
                    Err(failure) => Err(failure),
                }
            }
            (Type::Choice { table, .. }, _) => {
                self.choice(&row.label, table.bind(py), reader, patches, &came)
            }

            (Type::Any, _) => self.any(reader, patches, &came),
            (Type::None, Came::Json(Kind::Null)) => {
                reader.null()?;
                Ok(PyNone::get(py).to_owned().into_any())
            }
            (Type::Bool, Came::Json(Kind::Bool)) => {
                Ok(PyBool::new(py, reader.boolean()?).to_owned().into_any())
            }
            (Type::Int, Came::Json(Kind::Number)) => {
                let text = reader.number()?;
                match integer(py, text)? {
                    Some(integer) => Ok(integer),
                    None => Err(mismatch(&row.label, &format!("the number {text}"))),
                }
            }
            (Type::Int, Came::BigInt) => self.big_int(reader),
            (Type::Float, Came::Json(Kind::Number)) => float(py, reader.number()?),
            (Type::Float, Came::Special) => self.special(reader),
            (Type::Float, Came::BigInt) => {
                let integer = self.big_int(reader)?;
                let float = py.get_type::<PyFloat>().call1((integer,));
                float.map_err(|error| Failure::raised(py, error))
            }
            (Type::Str, Came::Json(Kind::String)) => self.string(reader.string()?),
            (Type::Bytes(kind), Came::Array(array)) if array.dtype == Dtype::UInt8 => {
                reader.skip()?;
                self.bytes(*kind, array)
            }
            (Type::Array(dtype), Came::Array(array))
                if dtype.is_none_or(|dtype| dtype == array.dtype) =>
            {
                reader.skip()?;
                self.numpy(array)
            }
            (Type::Sequence(container, item), Came::Json(Kind::Array)) => {
                let mut items = Vec::new();
                self.items(reader, patches, |_| Some(*item), &mut items)?;
                self.contain(*container, items)
            }
            (Type::Tuple(kinds), Came::Json(Kind::Array)) => {
                let mut items = Vec::with_capacity(kinds.len());
                let count = self.items(reader, patches, |at| kinds.get(at).copied(), &mut items)?;
                if count != kinds.len() {
                    let came = format!("an array of {count}");
                    return Err(mismatch(&row.label, &came));
                }
                Ok(PyTuple::new(py, items)?.into_any())
            }
            (Type::Dict(key, value), Came::Json(Kind::Object)) => {
                self.dict(*key, *value, reader, patches)
            }
            (Type::Record(record), Came::Json(Kind::Object)) => {
                self.record(&row.label, record, reader, patches)
            }
            _ => {
                let came = self.describe(reader, &came)?;
                Err(mismatch(&row.label, &came))
            }
        }
    }

    /// Any value: what JSON itself says.
    fn any(
        &self,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
        came: &Came<'_>,
    ) -> Loaded<'py> {
        let py = self.py;
        match came {
            Came::Json(Kind::Null) => {
                reader.null()?;
                Ok(PyNone::get(py).to_owned().into_any())
            }
            Came::Json(Kind::Bool) => Ok(PyBool::new(py, reader.boolean()?).to_owned().into_any()),
            Came::Json(Kind::Number) => {
                let text = reader.number()?;
                if text.contains(['.', 'e', 'E']) {
                    return float(py, text);
                }
                match integer(py, text)? {
                    Some(integer) => Ok(integer),
                    None => float(py, text),
                }
            }
            Came::Json(Kind::String) => self.string(reader.string()?),
            Came::Json(Kind::Array) => {
                let mut items = Vec::new();
                reader.array(|reader, index| -> Result<(), Failure> {
                    let patches = patches.and_then(|place| place.item(index));
                    let item = self.untyped(reader, patches);
                    items.push(item.map_err(|failure| failure.below(|| Key::Index(index)))?);
                    Ok(())
                })?;
                Ok(PyList::new(py, items)?.into_any())
            }
            Came::Json(Kind::Object) => {
                let dict = PyDict::new(py);
                reader.object(|reader, key| -> Result<(), Failure> {
                    let name = name(&key);
                    let patches = patches.and_then(|place| place.entry(&name));
                    let value = self
                        .untyped(reader, patches)
                        .map_err(|failure| failure.below(|| Key::Name(name)))?;
                    Ok(dict.set_item(self.string(key)?, value)?)
                })?;
                Ok(dict.into_any())
            }
            Came::BigInt => self.big_int(reader),
            Came::Special => self.special(reader),
            Came::Array(array) => {
                reader.skip()?;
                if array.dtype == Dtype::UInt8 && array.shape.is_none() {
                    return self.bytes(Bytes::Immutable, array);
                }
                // An app that never imported numpy does not want its arrays.
                let modules = py.import("sys")?.getattr("modules")?;
                if modules.contains("numpy")? {
                    self.numpy(array)
                } else {
                    self.bytes(Bytes::MemoryView, array)
                }
            }
        }
    }

    fn untyped(&self, reader: &mut Reader<'a>, patches: Option<&'a Patches>) -> Loaded<'py> {
        let came = Came::at(reader, patches)?;
        self.any(reader, patches, &came)
    }

    /// Items of an array, each as the type that `kind` gives; how many there were.
    fn items(
        &self,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
        kind: impl Fn(usize) -> Option<TypeId>,
        items: &mut Vec<Bound<'py, PyAny>>,
    ) -> Result<usize, Failure> {
        let mut count = 0;
        reader.array(|reader, index| -> Result<(), Failure> {
            count = index + 1;
            let Some(kind) = kind(index) else {
                return Ok(reader.skip()?);
            };
            let patches = patches.and_then(|place| place.item(index));
            let item = self.load(kind, reader, patches);
            items.push(item.map_err(|failure| failure.below(|| Key::Index(index)))?);
            Ok(())
        })?;
        Ok(count)
    }

    fn contain(&self, container: Container, items: Vec<Bound<'py, PyAny>>) -> Loaded<'py> {
        let py = self.py;
        let made = match container {
            Container::List => PyList::new(py, items).map(Bound::into_any),
            Container::Tuple => PyTuple::new(py, items).map(Bound::into_any),
            Container::Set => PySet::new(py, items).map(Bound::into_any),
            Container::FrozenSet => PyFrozenSet::new(py, items).map(Bound::into_any),
        };
        // What a set may not hold, it refuses itself.
        made.map_err(|error| Failure::raised(py, error))
    }

    fn choice(
        &self,
        label: &str,
        table: &Bound<'py, PyDict>,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
        came: &Came<'_>,
    ) -> Loaded<'py> {
        let mark = reader.mark();
        let scalar = !matches!(
            came,
            Came::Json(Kind::Array | Kind::Object) | Came::Array(_)
        );
        if scalar {
            let value = self.any(reader, patches, came)?;
            let found = if value.is_instance_of::<PyBool>() {
                table.get_item(("bool", &value))?
            } else {
                table.get_item(&value)?
            };
            if let Some(member) = found {
                return Ok(member);
            }
        }
        reader.return_to(mark);
        let came = self.describe(reader, came)?;
        Err(mismatch(label, &came))
    }

    /// The first member that the value fits.
    fn union(
        &self,
        label: &str,
        members: &[TypeId],
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
    ) -> Loaded<'py> {
        let mark = reader.mark();
        let mut closest = None;
        for member in members {
            reader.return_to(mark);
            match self.load(*member, reader, patches) {
                Err(Failure::Invalid(invalid)) => {
                    let depth = |invalid: &crate::invalid::Invalid| invalid.depth();
                    if closest.as_ref().map_or(0, depth) < invalid.depth() {
                        closest = Some(*invalid);
                    }
                }
                other => return other,
            }
        }
        // A fault deep inside of one member says more than that none fits.
        if let Some(invalid) = closest {
            return Err(Failure::Invalid(Box::new(invalid)));
        }
        reader.return_to(mark);
        let came = Came::at(reader, patches)?;
        let came = self.describe(reader, &came)?;
        Err(mismatch(label, &came))
    }

    /// What came, for a message.
    fn describe(&self, reader: &mut Reader<'a>, came: &Came<'_>) -> Result<String, Failure> {
        const SHOWN: usize = 40;
        Ok(match came {
            Came::Json(Kind::Null) => "null".into(),
            Came::Json(Kind::Bool) => format!("{}", reader.boolean()?),
            Came::Json(Kind::Number) => {
                let text = reader.number()?;
                format!("the number {}", text.get(..SHOWN).unwrap_or(text))
            }
            Came::Json(Kind::String) => match reader.string()? {
                Text::Utf8(text) if text.chars().count() <= SHOWN => format!("the string {text:?}"),
                Text::Utf8(text) => {
                    let start: String = text.chars().take(SHOWN).collect();
                    format!("a string that begins {start:?}")
                }
                Text::Surrogates(_) => "a string".into(),
            },
            Came::Json(Kind::Array) => "an array".into(),
            Came::Json(Kind::Object) => "an object".into(),
            Came::Array(array) if array.dtype == Dtype::UInt8 => "binary data".into(),
            Came::Array(array) => format!("an array of {}", array.dtype),
            Came::BigInt => "a large integer".into(),
            Came::Special => "NaN or infinity".into(),
        })
    }
}

fn mismatch(expected: &str, came: &str) -> Failure {
    Failure::invalid(format!("expected {expected}, got {came}"))
}

/// A key as text, for looking up and for messages.
fn name(key: &Text<'_>) -> String {
    match key {
        Text::Utf8(text) => text.clone().into_owned(),
        Text::Surrogates(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

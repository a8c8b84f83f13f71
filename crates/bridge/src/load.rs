//! From a page's message to Python objects, as annotations direct.

use pyo3::{
    Python,
    prelude::*,
    types::{
        PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView,
        PyNone, PySet, PyString, PyTuple,
    },
};

use crate::{
    frame::{Array, Dtype, Frame, Key, Patch, Patches},
    invalid::Failure,
    json::{Kind, Reader, Text},
    schema::{Bytes, Container, Record, Type, TypeId, Types},
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
                    return self.bytes(Bytes::Bytes, array);
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

    fn dict(
        &self,
        key_kind: TypeId,
        kind: TypeId,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
    ) -> Loaded<'py> {
        let dict = PyDict::new(self.py);
        reader.object(|reader, key| -> Result<(), Failure> {
            let name = name(&key);
            let patches = patches.and_then(|place| place.entry(&name));
            let value = self
                .load(kind, reader, patches)
                .map_err(|failure| failure.below(|| Key::Name(name)))?;
            let key = match &self.types.get(key_kind).kind {
                Type::Str | Type::Any => self.string(key)?,
                _ => self.key(key_kind, &self::name(&key))?,
            };
            dict.set_item(key, value)
                .map_err(|error| Failure::raised(self.py, error))
        })?;
        Ok(dict.into_any())
    }

    /// A key that is not a string in Python: JSON has no others.
    fn key(&self, kind: TypeId, text: &str) -> Loaded<'py> {
        let py = self.py;
        let row = self.types.get(kind);
        let wrong = || mismatch(&row.label, &format!("the key {text:?}"));
        match &row.kind {
            Type::Str | Type::Any => Ok(PyString::new(py, text).into_any()),
            Type::Int => integer(py, text).ok().flatten().ok_or_else(wrong),
            Type::Float => float(py, text).map_err(|_| wrong()),
            Type::Bool => match text {
                "true" => Ok(PyBool::new(py, true).to_owned().into_any()),
                "false" => Ok(PyBool::new(py, false).to_owned().into_any()),
                _ => Err(wrong()),
            },
            Type::Choice { table, .. } => {
                let table = table.bind(py);
                if let Some(member) = table.get_item(text)? {
                    return Ok(member);
                }
                let number = integer(py, text).ok().flatten();
                let member = number.map(|number| table.get_item(number)).transpose()?;
                member.flatten().ok_or_else(wrong)
            }
            Type::Union(members) => {
                let mut keys = members.iter().map(|member| self.key(*member, text));
                keys.find_map(Result::ok).ok_or_else(wrong)
            }
            Type::Convert { inner, load, .. } => {
                let inner = self.key(*inner, text).map_err(|_| wrong())?;
                let made = load.bind(py).call1((inner,));
                made.map_err(|error| Failure::raised(py, error))
            }
            _ => Err(wrong()),
        }
    }

    fn record(
        &self,
        label: &str,
        record: &Record,
        reader: &mut Reader<'a>,
        patches: Option<&'a Patches>,
    ) -> Loaded<'py> {
        let py = self.py;
        let values = PyDict::new(py);
        reader.object(|reader, key| -> Result<(), Failure> {
            let name = name(&key);
            let Some(field) = record.position(&name).map(|at| &record.fields[at]) else {
                let known: Vec<_> = record.fields.iter().map(|field| &*field.text).collect();
                let known = known.join(", ");
                let failure = Failure::invalid(format!("{label} has no such field, but {known}"));
                return Err(failure.below(|| Key::Name(name)));
            };
            let patches = patches.and_then(|place| place.entry(&name));
            let value = self.load(field.kind, reader, patches);
            let value = value.map_err(|failure| failure.below(|| Key::Name(name)))?;
            Ok(values.set_item(&field.name, value)?)
        })?;
        for field in record.fields.iter().filter(|field| field.required) {
            if !values.contains(&field.name)? {
                return Err(Failure::invalid(format!("missing: {label} needs it"))
                    .below(|| Key::Name(field.text.clone())));
            }
        }
        match &record.class {
            None => Ok(values.into_any()),
            Some(class) => {
                let made = class.bind(py).call((), Some(&values));
                made.map_err(|error| Failure::raised(py, error))
            }
        }
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

    fn string(&self, text: Text<'_>) -> Loaded<'py> {
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

    fn big_int(&self, reader: &mut Reader<'a>) -> Loaded<'py> {
        let Text::Utf8(text) = reader.string()? else {
            return Err(Failure::invalid("not a number"));
        };
        let made = self.py.get_type::<PyInt>().call1((text,));
        made.map_err(|error| Failure::raised(self.py, error))
    }

    fn special(&self, reader: &mut Reader<'a>) -> Loaded<'py> {
        let value = match reader.string()? {
            Text::Utf8(text) if text == "NaN" => f64::NAN,
            Text::Utf8(text) if text == "Infinity" => f64::INFINITY,
            Text::Utf8(text) if text == "-Infinity" => f64::NEG_INFINITY,
            _ => return Err(Failure::invalid("not a number")),
        };
        Ok(PyFloat::new(self.py, value).into_any())
    }

    /// Binary data in memory of Python's own: one copy.
    fn bytes(&self, kind: Bytes, array: &Array) -> Loaded<'py> {
        let bytes = self.frame.buffer(array);
        let py = self.py;
        Ok(match kind {
            Bytes::Bytes => PyBytes::new(py, bytes).into_any(),
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
    fn numpy(&self, array: &Array) -> Loaded<'py> {
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

/// A number as an integer, if it is one. JavaScript writes large ones as `1e+21`.
fn integer<'py>(py: Python<'py>, text: &str) -> Result<Option<Bound<'py, PyAny>>, Failure> {
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

fn float<'py>(py: Python<'py>, text: &str) -> Loaded<'py> {
    match text.parse::<f64>() {
        Ok(value) => Ok(PyFloat::new(py, value).into_any()),
        Err(_) => Err(Failure::invalid(format!("{text} is not a number"))),
    }
}

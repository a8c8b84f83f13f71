//! From Python objects to an answer, checked against an annotation where there is one.

use std::fmt::Write as _;

use pyo3::{
    Python,
    buffer::PyBuffer,
    prelude::*,
    types::{
        PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView,
        PySet, PyString, PyTuple,
    },
};

use crate::{
    Response,
    frame::{self, Array, Dtype, Key, OutgoingPatch, Patch},
    invalid::Failure,
    json::MAX_DEPTH,
    python,
    schema::{Container, Record, Type, TypeId, Types},
};

/// Integers beyond this are not exact as JavaScript's numbers.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// A converted value: JSON, and what goes beside it.
pub(crate) struct Dumped<'py> {
    json: String,
    patches: Vec<OutgoingPatch>,
    buffers: Vec<(Bound<'py, PyMemoryView>, usize)>,
    size: usize,
}

/// Converts `value`, as type `id` or as what it is.
pub(crate) fn dump<'py>(
    value: &Bound<'py, PyAny>,
    types: &Types,
    id: Option<TypeId>,
) -> Result<Dumped<'py>, Failure> {
    let mut dumper = Dumper {
        py: value.py(),
        types,
        path: Vec::new(),
        conversions: 0,
        out: Dumped {
            json: String::new(),
            patches: Vec::new(),
            buffers: Vec::new(),
            size: 0,
        },
    };
    match id {
        Some(id) => dumper.typed(value, id)?,
        None => dumper.any(value)?,
    }
    if u32::try_from(dumper.out.json.len()).is_err() {
        return Err(Failure::invalid("more than 4 GB of JSON: send bytes"));
    }
    Ok(dumper.out)
}

impl Dumped<'_> {
    /// The JSON text, if that is all there is.
    pub(crate) fn into_json(self) -> Result<String, Self> {
        if self.patches.is_empty() {
            Ok(self.json)
        } else {
            Err(self)
        }
    }

    /// An answer whose body is this value between `before` and `after`; `at` is where that is.
    pub(crate) fn into_response(
        mut self,
        py: Python<'_>,
        before: &str,
        after: &str,
        at: &[Key],
    ) -> PyResult<Response> {
        let body = if before.is_empty() && after.is_empty() {
            self.json
        } else {
            [before, &self.json, after].concat()
        };
        if self.patches.is_empty() {
            return Ok(Response::Json(body));
        }
        for patch in &mut self.patches {
            patch.at.splice(0..0, at.iter().cloned());
        }
        let (mut bytes, start) = frame::lay_out(&body, &self.patches, self.size);
        for (view, offset) in &self.buffers {
            let buffer = PyBuffer::<u8>::get(view)?;
            let start = start + offset;
            let end = start + buffer.len_bytes();
            buffer.copy_to_slice(py, &mut bytes[start..end])?;
        }
        Ok(Response::Bytes(bytes))
    }
}

struct Dumper<'a, 'py> {
    py: Python<'py>,
    types: &'a Types,
    /// Where the value that is being converted stands.
    path: Vec<Step<'py>>,
    /// How many conversions deep it is: those do not make a step.
    conversions: usize,
    out: Dumped<'py>,
}

enum Step<'py> {
    Index(usize),
    Name(Bound<'py, PyString>),
}

impl Step<'_> {
    fn key(&self) -> Key {
        match self {
            Self::Index(index) => Key::Index(*index),
            Self::Name(name) => Key::Name(name.to_string_lossy().into_owned()),
        }
    }
}

impl<'py> Dumper<'_, 'py> {
    fn typed(&mut self, value: &Bound<'py, PyAny>, id: TypeId) -> Result<(), Failure> {
        let types = self.types;
        let row = types.get(id);
        match &row.kind {
            Type::Any => return self.any(value),
            Type::None if value.is_none() => return self.any(value),
            Type::Bool if value.is_instance_of::<PyBool>() => return self.any(value),
            Type::Int | Type::Float if value.is_instance_of::<PyInt>() => {
                return self.integer(value);
            }
            Type::Float if value.is_instance_of::<PyFloat>() => return self.any(value),
            Type::Bool | Type::Int | Type::Float if is_numpy(value) => {
                let scalar = value.call_method0("item")?;
                if !is_numpy(&scalar) {
                    return self.typed(&scalar, id);
                }
            }
            Type::Str if value.is_instance_of::<PyString>() => return self.any(value),
            Type::Bytes(_) if is_bytes(value) => return self.any(value),
            Type::Array(dtype) if is_numpy(value) => {
                return self.binary(value, *dtype, &row.label);
            }
            Type::Sequence(container, item) if fits(*container, value) => {
                let items = value.try_iter()?;
                return self.items(items, |_| Some(*item));
            }
            Type::Tuple(kinds) if value.is_instance_of::<PyTuple>() => {
                if value.len()? == kinds.len() {
                    return self.items(value.try_iter()?, |at| kinds.get(at).copied());
                }
            }
            Type::Dict(key, kind) => {
                if let Ok(dict) = value.cast::<PyDict>() {
                    return self.entries(dict, Some((*key, *kind)));
                }
                if value.hasattr("items")? && value.hasattr("keys")? {
                    let dict = PyDict::new(self.py);
                    dict.call_method1("update", (value,))?;
                    return self.entries(&dict, Some((*key, *kind)));
                }
            }
            Type::Record(record) => return self.record(value, record, &row.label),
            Type::Choice { table, class } => {
                let member = match class {
                    Some(class) => value.is_instance(class.bind(self.py))?,
                    None => {
                        let table = table.bind(self.py);
                        if value.is_instance_of::<PyBool>() {
                            table.contains(("bool", value))?
                        } else {
                            value.hash().is_ok() && table.contains(value)?
                        }
                    }
                };
                if member {
                    return self.any(value);
                }
            }
            Type::Union(members) => return self.union(value, members, &row.label),
            Type::Convert {
                inner, class, dump, ..
            } if value.is_instance(class.bind(self.py))? => {
                let plain = dump
                    .bind(self.py)
                    .call1((value,))
                    .map_err(|error| Failure::raised(self.py, error))?;
                return self.nested(|this| this.typed(&plain, *inner));
            }
            _ => {}
        }
        let came = describe(value);
        Err(Failure::invalid(format!(
            "expected {}, got {came}",
            row.label
        )))
    }

    /// A value without an annotation: what it is decides.
    fn any(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        if value.is_none() {
            self.out.json.push_str("null");
            return Ok(());
        }
        // An `Enum` may also be a number or a text: then that is its value.
        if let Ok(text) = value.cast::<PyString>() {
            return self.text(text);
        }
        if let Ok(truth) = value.cast::<PyBool>() {
            let word = if truth.is_true() { "true" } else { "false" };
            self.out.json.push_str(word);
            return Ok(());
        }
        if value.is_instance_of::<PyInt>() {
            return self.integer(value);
        }
        if let Ok(float) = value.cast::<PyFloat>() {
            return self.float(float.value());
        }
        if let Ok(list) = value.cast::<PyList>() {
            return self.items(list.iter().map(Ok), |_| None);
        }
        if let Ok(dict) = value.cast::<PyDict>() {
            return self.entries(dict, None);
        }
        if value.is_instance_of::<PyTuple>()
            || value.is_instance_of::<PySet>()
            || value.is_instance_of::<PyFrozenSet>()
        {
            return self.items(value.try_iter()?, |_| None);
        }
        if is_bytes(value) {
            return self.binary(value, None, "bytes");
        }
        if is_numpy(value) {
            let item = value.getattr("ndim")?;
            if item.extract::<usize>()? > 0 {
                return self.binary(value, None, "array");
            }
        } else if PyMemoryView::from(value).is_ok() {
            return self.binary(value, None, "array");
        }
        let plain = python::plain(self.py)?
            .call1((value,))
            .map_err(|error| Failure::raised(self.py, error))?;
        self.nested(|this| this.any(&plain))
    }

    fn nested(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // Conversions that lead to each other without end are caught like any other depth.
        if self.conversions >= MAX_DEPTH {
            return Err(Failure::invalid("converted again and again without end"));
        }
        self.conversions += 1;
        let done = inner(self);
        self.conversions -= 1;
        done
    }

    fn items(
        &mut self,
        items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        kind: impl Fn(usize) -> Option<TypeId>,
    ) -> Result<(), Failure> {
        self.out.json.push('[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.json.push(',');
            }
            self.below(Step::Index(index), &item?, kind(index))?;
        }
        self.out.json.push(']');
        Ok(())
    }

    fn entries(
        &mut self,
        dict: &Bound<'py, PyDict>,
        kinds: Option<(TypeId, TypeId)>,
    ) -> Result<(), Failure> {
        self.out.json.push('{');
        for (index, (key, value)) in dict.iter().enumerate() {
            if index > 0 {
                self.out.json.push(',');
            }
            let name = self.key(&key, kinds.map(|kinds| kinds.0))?;
            write_text(&mut self.out.json, &name)?;
            self.out.json.push(':');
            self.below(Step::Name(name), &value, kinds.map(|kinds| kinds.1))?;
        }
        self.out.json.push('}');
        Ok(())
    }

    /// A key as the string that JSON needs.
    fn key(
        &self,
        key: &Bound<'py, PyAny>,
        kind: Option<TypeId>,
    ) -> Result<Bound<'py, PyString>, Failure> {
        if let Some(kind) = kind
            && !matches!(self.types.get(kind).kind, Type::Any)
        {
            // What a key is checked against, it is checked as any value.
            dump(key, self.types, Some(kind))
                .map_err(|failure| failure.below(|| Key::Name(python::message(key))))?;
        }
        if let Ok(text) = key.cast::<PyString>() {
            return Ok(text.clone());
        }
        if let Ok(truth) = key.cast::<PyBool>() {
            let word = if truth.is_true() { "true" } else { "false" };
            return Ok(PyString::new(self.py, word));
        }
        if key.is_instance_of::<PyInt>() {
            let plain = self.py.get_type::<PyInt>().call1((key,))?;
            return Ok(plain.str()?);
        }
        if key.is_instance_of::<PyFloat>() {
            return Ok(key.str()?);
        }
        let plain = python::plain(self.py)?.call1((key,));
        let plain = plain.map_err(|error| Failure::raised(self.py, error))?;
        match plain.cast_into::<PyString>() {
            Ok(text) => Ok(text),
            Err(_) => Err(Failure::invalid(format!(
                "a key must be text or a number, not {}",
                python::type_name(key)
            ))),
        }
    }

    fn record(
        &mut self,
        value: &Bound<'py, PyAny>,
        record: &Record,
        label: &str,
    ) -> Result<(), Failure> {
        let py = self.py;
        let dict = match &record.class {
            Some(class) if value.is_instance(class.bind(py))? => None,
            None if value.is_instance_of::<PyDict>() => Some(value.cast::<PyDict>().ok()),
            _ => {
                let came = describe(value);
                return Err(Failure::invalid(format!("expected {label}, got {came}")));
            }
        };
        if let Some(Some(dict)) = dict {
            for key in dict.keys() {
                let name = python::message(&key);
                if record.position(&name).is_none() {
                    let failure = Failure::invalid(format!("{label} has no such field"));
                    return Err(failure.below(|| Key::Name(name)));
                }
            }
        }
        self.out.json.push('{');
        let mut first = true;
        for field in &record.fields {
            let name = field.name.bind(py);
            let item = match dict {
                Some(Some(dict)) => dict.get_item(name)?,
                _ => value.getattr_opt(name)?,
            };
            let Some(item) = item else {
                if !field.required {
                    continue;
                }
                return Err(Failure::invalid(format!("missing: {label} needs it"))
                    .below(|| Key::Name(field.text.clone())));
            };
            if !std::mem::take(&mut first) {
                self.out.json.push(',');
            }
            write_text(&mut self.out.json, name)?;
            self.out.json.push(':');
            self.below(Step::Name(name.clone()), &item, Some(field.kind))?;
        }
        self.out.json.push('}');
        Ok(())
    }

    fn union(
        &mut self,
        value: &Bound<'py, PyAny>,
        members: &[TypeId],
        label: &str,
    ) -> Result<(), Failure> {
        let (json, patches) = (self.out.json.len(), self.out.patches.len());
        let (buffers, size) = (self.out.buffers.len(), self.out.size);
        let depth = self.path.len();
        let mut closest: Option<Box<crate::invalid::Invalid>> = None;
        for member in members {
            match self.typed(value, *member) {
                Err(Failure::Invalid(invalid)) => {
                    self.out.json.truncate(json);
                    self.out.patches.truncate(patches);
                    self.out.buffers.truncate(buffers);
                    self.out.size = size;
                    self.path.truncate(depth);
                    if closest.as_ref().map_or(0, |best| best.depth()) < invalid.depth() {
                        closest = Some(invalid);
                    }
                }
                other => return other,
            }
        }
        match closest {
            Some(invalid) => Err(Failure::Invalid(invalid)),
            None => {
                let came = describe(value);
                Err(Failure::invalid(format!("expected {label}, got {came}")))
            }
        }
    }

    fn below(
        &mut self,
        step: Step<'py>,
        value: &Bound<'py, PyAny>,
        kind: Option<TypeId>,
    ) -> Result<(), Failure> {
        self.path.push(step);
        let done = if self.path.len() > MAX_DEPTH {
            Err(Failure::invalid(format!(
                "nested deeper than {MAX_DEPTH} levels"
            )))
        } else {
            match kind {
                Some(kind) => self.typed(value, kind),
                None => self.any(value),
            }
        };
        let step = self.path.pop();
        done.map_err(|failure| match step {
            Some(step) => failure.below(|| step.key()),
            None => failure,
        })
    }

    fn text(&mut self, text: &Bound<'py, PyString>) -> Result<(), Failure> {
        write_text(&mut self.out.json, text)
    }

    fn integer(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        match value.extract::<i64>() {
            Ok(small) if (-MAX_SAFE..=MAX_SAFE).contains(&small) => {
                let _ = write!(self.out.json, "{small}");
                Ok(())
            }
            _ => {
                let plain = self.py.get_type::<PyInt>().call1((value,))?;
                let digits = plain
                    .str()
                    .map_err(|error| Failure::raised(self.py, error))?;
                self.patch(Patch::Int);
                self.text(&digits)
            }
        }
    }

    fn float(&mut self, value: f64) -> Result<(), Failure> {
        if value.is_finite() {
            let _ = write!(self.out.json, "{value:?}");
            return Ok(());
        }
        self.patch(Patch::Float);
        self.out.json.push_str(if value.is_nan() {
            "\"NaN\""
        } else if value > 0.0 {
            "\"Infinity\""
        } else {
            "\"-Infinity\""
        });
        Ok(())
    }

    /// Anything that shows its memory. It is copied when the answer is laid out, once.
    fn binary(
        &mut self,
        value: &Bound<'py, PyAny>,
        wanted: Option<Dtype>,
        label: &str,
    ) -> Result<(), Failure> {
        let refuse = |what: &str| {
            let came = python::type_name(value);
            Failure::invalid(format!("{what} of this {came} has no array in JavaScript"))
        };
        let view = PyMemoryView::from(value).map_err(|_| refuse("the element type"))?;
        let format: String = view.getattr("format")?.extract()?;
        let size: usize = view.getattr("itemsize")?.extract()?;
        let Some(dtype) = Dtype::of_format(&format, size).filter(|dtype| dtype.size() == size)
        else {
            return Err(refuse(&format!("the element type {format:?}")));
        };
        if wanted.is_some_and(|wanted| wanted != dtype) {
            return Err(Failure::invalid(format!(
                "expected {label}, got an array of {dtype}"
            )));
        }
        let shape: Vec<usize> = view.getattr("shape")?.extract()?;
        let length: usize = view.getattr("nbytes")?.extract()?;
        let shape = Some(shape).filter(|_| !is_bytes(value) || dtype != Dtype::UInt8);
        let start = frame::aligned(self.out.size);
        self.patch(Patch::Array(Array {
            dtype,
            shape,
            start,
            length,
        }));
        self.out.json.push_str("null");
        if length > 0 {
            let flat = if view.getattr("c_contiguous")?.is_truthy()? {
                view.call_method1("cast", ("B",))?.cast_into()
            } else {
                // In the order that the page expects: such an array is copied twice.
                let bytes = view.call_method0("tobytes")?;
                Ok(PyMemoryView::from(&bytes)?)
            };
            let flat = flat.map_err(PyErr::from)?;
            self.out.buffers.push((flat, start));
        }
        self.out.size = start + length;
        Ok(())
    }

    fn patch(&mut self, patch: Patch) {
        let at = self.path.iter().map(Step::key).collect();
        self.out.patches.push(OutgoingPatch { at, patch });
    }
}

fn is_bytes(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>()
}

/// Arrays and scalars of numpy, without importing it.
fn is_numpy(value: &Bound<'_, PyAny>) -> bool {
    let module = value.get_type().module();
    module.is_ok_and(|module| module.to_str().is_ok_and(|name| name == "numpy"))
}

/// Whether an annotation of this container allows the value.
fn fits(container: Container, value: &Bound<'_, PyAny>) -> bool {
    match container {
        Container::List => {
            value.is_instance_of::<PyList>()
                || value.is_instance_of::<PyTuple>()
                || !value.is_instance_of::<PyString>()
                    && !value.is_instance_of::<PyDict>()
                    && !value.is_instance_of::<PySet>()
                    && !value.is_instance_of::<PyFrozenSet>()
                    && !is_bytes(value)
                    && value.hasattr("__len__").unwrap_or(false)
                    && value.hasattr("__iter__").unwrap_or(false)
        }
        Container::Set | Container::FrozenSet => {
            value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>()
        }
        Container::Tuple => value.is_instance_of::<PyTuple>(),
    }
}

fn describe(value: &Bound<'_, PyAny>) -> String {
    const SHOWN: usize = 60;
    let name = python::type_name(value);
    if value.is_none() {
        return "None".into();
    }
    match value.repr() {
        Ok(text) if text.len().unwrap_or(usize::MAX) <= SHOWN => {
            format!("{name} {}", text.to_string_lossy())
        }
        _ => name,
    }
}

/// A JSON string.
fn write_text(json: &mut String, text: &Bound<'_, PyString>) -> Result<(), Failure> {
    json.push('"');
    match text.to_str() {
        Ok(text) => escape(json, text),
        // Halves of surrogate pairs: Python's way to hold a file name that is not valid text.
        Err(_) => {
            let units = text.call_method1("encode", ("utf-16-le", "surrogatepass"))?;
            let units: Vec<u8> = units.extract()?;
            let units = units
                .chunks_exact(2)
                .map(|u| u16::from_le_bytes([u[0], u[1]]));
            for unit in char::decode_utf16(units) {
                match unit {
                    Ok(character) => escape(json, character.encode_utf8(&mut [0; 4])),
                    Err(half) => {
                        let _ = write!(json, "\\u{:04x}", half.unpaired_surrogate());
                    }
                }
            }
        }
    }
    json.push('"');
    Ok(())
}

fn escape(json: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        json.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            control => {
                let _ = write!(json, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
}

/// A text of Rust's as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    escape(&mut json, text);
    json.push('"');
    json
}

//! From Python objects to an answer, checked against an annotation where there is one.

mod binary;
mod objects;
mod text;

use std::fmt::Write as _;

use pyo3::{
    Python,
    buffer::PyBuffer,
    prelude::*,
    types::{
        PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet, PyString, PyTuple,
    },
};

pub(crate) use self::text::quoted;
use self::{
    binary::{is_bytes, is_numpy},
    text::write_text,
};
use crate::{
    Response,
    frame::{self, Key, OutgoingPatch, Patch},
    invalid::Failure,
    json::MAX_DEPTH,
    python,
    schema::{Container, Type, TypeId, Types},
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
            Type::Tuple(kinds)
                if value.is_instance_of::<PyTuple>() && value.len()? == kinds.len() =>
            {
                return self.items(value.try_iter()?, |at| kinds.get(at).copied());
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

    fn patch(&mut self, patch: Patch) {
        let at = self.path.iter().map(Step::key).collect();
        self.out.patches.push(OutgoingPatch { at, patch });
    }
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

//! Python's mappings and records as JSON objects.

use pyo3::{
    prelude::*,
    types::{PyBool, PyDict, PyFloat, PyInt, PyString},
};

use super::{Dumper, Step, describe, dump, text::write_text};
use crate::{
    frame::Key,
    invalid::Failure,
    python,
    schema::{Record, Type, TypeId},
};

impl<'py> Dumper<'_, 'py> {
    pub(super) fn entries(
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

    pub(super) fn record(
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
}

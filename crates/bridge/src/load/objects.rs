//! JSON objects as Python's mappings and records.

use pyo3::{
    prelude::*,
    types::{PyBool, PyDict, PyString},
};

use super::{
    Loaded, Loader, mismatch, name,
    scalars::{float, integer},
};
use crate::{
    frame::{Key, Patches},
    invalid::Failure,
    json::Reader,
    schema::{Record, Type, TypeId},
};

impl<'a, 'py> Loader<'a, 'py> {
    pub(super) fn dict(
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
                _ => self.key(key_kind, &super::name(&key))?,
            };
            dict.set_item(key, value)
                .map_err(|error| Failure::raised(self.py, error))
        })?;
        Ok(dict.into_any())
    }

    /// A key that is not a string in Python: JSON has no others.
    pub(super) fn key(&self, kind: TypeId, text: &str) -> Loaded<'py> {
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

    pub(super) fn record(
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
}

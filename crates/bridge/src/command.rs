//! Functions that a page may call, and how a message becomes their arguments.

use std::collections::HashMap;

use pyo3::{
    Python,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyList, PyString, PyTuple},
};

use crate::{
    frame::{Frame, Key},
    invalid::Failure,
    json::{Kind, Reader, Text},
    load::Loader,
    python,
    schema::{TypeId, Types},
};

/// How a parameter is given to the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    Positional,
    Keyword,
    /// `*rest`
    Rest,
    /// `**more`
    More,
}

/// A function under the name that pages use.
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) function: Py<PyAny>,
    spec: PyOnceLock<Spec>,
}

/// What a function's signature says.
pub(crate) struct Spec {
    /// Runs on the event loop.
    pub(crate) is_async: bool,
    /// Gives items, one after another.
    pub(crate) is_stream: bool,
    /// The type of the result, or of each item.
    pub(crate) returns: Option<TypeId>,
    pub(crate) types: Types,
    parameters: Vec<Parameter>,
    by_name: HashMap<String, usize>,
}

struct Parameter {
    text: String,
    name: Py<PyString>,
    passing: Passing,
    /// None: it gets the call's progress.
    kind: Option<TypeId>,
    default: Option<Py<PyAny>>,
}

/// What a function is called with.
pub(crate) type Arguments<'py> = (Bound<'py, PyTuple>, Option<Bound<'py, PyDict>>);

impl Command {
    /// A command whose annotations are understood now, if they can be: they may name what the
    /// module has yet to define.
    pub(crate) fn new(name: String, function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = function.py();
        let this = Self {
            name,
            function: function.clone().unbind(),
            spec: PyOnceLock::new(),
        };
        match this.spec(py) {
            Err(error) if !error.is_instance_of::<pyo3::exceptions::PyNameError>(py) => Err(error),
            _ => Ok(this),
        }
    }

    pub(crate) fn spec(&self, py: Python<'_>) -> PyResult<&Spec> {
        self.spec.get_or_try_init(py, || {
            let spec = python::compile(py)?.call1((&self.function,))?;
            Spec::new(&spec)
        })
    }
}

impl Spec {
    /// Reads what `pyxidium._signature.compile_command` gives.
    fn new(spec: &Bound<'_, PyAny>) -> PyResult<Self> {
        type Row<'py> = (
            Bound<'py, PyString>,
            Passing,
            Option<TypeId>,
            bool,
            Bound<'py, PyAny>,
        );
        let (is_async, is_stream, rows, returns, types) =
            spec.extract::<(bool, bool, Vec<Row<'_>>, Option<TypeId>, Bound<'_, PyAny>)>()?;
        let parameters = rows
            .into_iter()
            .map(|(name, passing, kind, has_default, default)| {
                Ok(Parameter {
                    text: name.to_str()?.to_owned(),
                    name: name.unbind(),
                    passing,
                    kind,
                    default: has_default.then(|| default.unbind()),
                })
            })
            .collect::<PyResult<Vec<_>>>()?;
        let types = Types::new(&types)?;
        let sound = parameters.iter().filter_map(|parameter| parameter.kind);
        if sound.chain(returns).any(|kind| kind >= types.len()) {
            return Err(pyo3::exceptions::PyValueError::new_err(
                "a parameter's type is not in the table",
            ));
        }
        let by_name = parameters
            .iter()
            .enumerate()
            .filter(|(_, parameter)| parameter.kind.is_some() && parameter.passing != Passing::More)
            .map(|(index, parameter)| (parameter.text.clone(), index))
            .collect();
        Ok(Self {
            is_async,
            is_stream,
            returns,
            types,
            parameters,
            by_name,
        })
    }

    /// The arguments that a message gives; `progress` makes what a `px.Progress` parameter gets.
    pub(crate) fn bind<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        frame: &Frame,
        progress: impl Fn() -> PyResult<Bound<'py, PyAny>>,
    ) -> Result<Arguments<'py>, Failure> {
        let patches = frame.patches()?;
        let loader = Loader {
            py,
            types: &self.types,
            frame,
        };
        let mut values: Vec<Option<Bound<'py, PyAny>>> = vec![None; self.parameters.len()];
        let named = PyDict::new(py);
        let more = self
            .parameters
            .iter()
            .find(|parameter| parameter.passing == Passing::More);

        let mut reader = Reader::new(frame.body()?);
        match reader.peek()? {
            Kind::Null => reader.null()?,
            Kind::Object => reader.object(|reader, key| -> Result<(), Failure> {
                let Text::Utf8(key) = key else {
                    return Err(Failure::invalid("an argument's name must be text"));
                };
                let place = || Key::Name(key.clone().into_owned());
                let patches = patches.entry(&key);
                let found = self.by_name.get(&*key).copied();
                let kind = match (found, more) {
                    (Some(index), _) => self.parameters[index].kind,
                    (None, Some(more)) => more.kind,
                    (None, None) => {
                        return Err(Failure::invalid(self.unexpected(name)).below(place));
                    }
                };
                // The loader knows a parameter by its type alone.
                let Some(kind) = kind else {
                    return Ok(reader.skip()?);
                };
                let value = loader
                    .load(kind, reader, patches)
                    .map_err(|failure| failure.below(place))?;
                match found {
                    Some(index) => values[index] = Some(value),
                    None => named.set_item(&*key, value)?,
                }
                Ok(())
            })?,
            _ => {
                return Err(Failure::invalid(
                    "the arguments must be an object: { name: value }",
                ));
            }
        }
        reader.end()?;

        let mut positional = Vec::with_capacity(self.parameters.len());
        for (parameter, value) in self.parameters.iter().zip(values) {
            let value = match (value, parameter.kind, &parameter.default) {
                (Some(value), ..) => value,
                (None, None, _) => progress()?,
                (None, Some(_), Some(default)) => default.bind(py).clone(),
                (None, Some(_), None)
                    if matches!(parameter.passing, Passing::Rest | Passing::More) =>
                {
                    continue;
                }
                (None, Some(kind), None) => {
                    let expected = &self.types.get(kind).label;
                    return Err(Failure::invalid(format!("missing: expected {expected}"))
                        .below(|| Key::Name(parameter.text.clone())));
                }
            };
            match parameter.passing {
                Passing::Positional => positional.push(value),
                Passing::Rest => {
                    let list = value.cast_into::<PyList>().map_err(PyErr::from)?;
                    positional.extend(list.iter());
                }
                Passing::Keyword | Passing::More => named.set_item(&parameter.name, value)?,
            }
        }
        let named = Some(named).filter(|named| !named.is_empty());
        Ok((PyTuple::new(py, positional)?, named))
    }

    /// The one argument of an event's handler; None for a handler that takes none.
    pub(crate) fn bind_event<'py>(
        &self,
        py: Python<'py>,
        frame: &Frame,
    ) -> Result<Option<Bound<'py, PyAny>>, Failure> {
        let Some(kind) = self.parameters.first().and_then(|first| first.kind) else {
            return Ok(None);
        };
        let loader = Loader {
            py,
            types: &self.types,
            frame,
        };
        let patches = frame.patches()?;
        let mut reader = Reader::new(frame.body()?);
        let value = loader.load(kind, &mut reader, Some(&patches))?;
        reader.end()?;
        Ok(Some(value))
    }

    fn unexpected(&self, name: &str) -> String {
        let known: Vec<_> = self
            .parameters
            .iter()
            .filter(|parameter| parameter.kind.is_some())
            .map(|parameter| parameter.text.as_str())
            .collect();
        match known.as_slice() {
            [] => format!("unexpected: {name} takes no arguments"),
            known => format!("unexpected: {name} takes {}", known.join(", ")),
        }
    }
}

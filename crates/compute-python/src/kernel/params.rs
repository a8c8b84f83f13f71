//! A kernel's parameters: what its annotations and defaults say.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

pub(super) struct Param {
    pub(super) name: String,
    pub(super) default: Option<Py<PyAny>>,
    /// What its annotation says: `int`, `float`, `bool` or `complex`.
    pub(super) annotation: Option<String>,
}

impl Param {
    /// What is annotated must be that, as far as Python itself would mind.
    pub(super) fn check(&self, kernel: &str, arg: &Bound<'_, PyAny>) -> PyResult<()> {
        use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt};
        let Some(annotation) = &self.annotation else {
            return Ok(());
        };
        let int = arg.is_instance_of::<PyInt>();
        let float = arg.is_instance_of::<PyFloat>();
        let fits = match annotation.as_str() {
            "bool" => arg.is_instance_of::<PyBool>(),
            "int" => int,
            "float" => int || float,
            _ => int || float || arg.is_instance_of::<PyComplex>(),
        };
        // numpy's numbers are no subclasses, but meant as numbers.
        if fits || arg.get_type().module()?.to_str()? == "numpy" {
            return Ok(());
        }
        let kind = arg.get_type().name()?.to_string();
        Err(PyTypeError::new_err(format!(
            "{kernel}() takes {annotation} for '{}', not {kind}",
            self.name
        )))
    }
}

pub(super) fn params(
    function: &Bound<'_, PyAny>,
    definition: &Bound<'_, PyAny>,
) -> PyResult<Vec<Param>> {
    let mut params = Vec::new();
    let args = definition.getattr("args")?;
    for field in ["posonlyargs", "args", "kwonlyargs"] {
        for arg in args.getattr(field)?.try_iter()? {
            let arg = arg?;
            let annotation = arg
                .getattr("annotation")?
                .getattr("id")
                .and_then(|id| id.extract::<String>());
            let known =
                |name: &String| ["int", "float", "bool", "complex"].contains(&name.as_str());
            params.push(Param {
                name: arg.getattr("arg")?.extract()?,
                default: None,
                annotation: annotation.ok().filter(known),
            });
        }
    }
    let positional = params.len() - args.getattr("kwonlyargs")?.len()?;
    let defaults = function.getattr("__defaults__")?;
    if !defaults.is_none() {
        let defaults: Vec<Py<PyAny>> = defaults.extract()?;
        let first = positional - defaults.len();
        for (param, default) in params[first..positional].iter_mut().zip(defaults) {
            param.default = Some(default);
        }
    }
    let defaults = function.getattr("__kwdefaults__")?;
    if !defaults.is_none() {
        for param in &mut params[positional..] {
            param.default = defaults.get_item(&param.name).ok().map(Bound::unbind);
        }
    }
    Ok(params)
}

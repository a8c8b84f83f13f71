//! What the names of a function mean: looked up where Python would, and remembered, since a global may
//! be bound anew.

use compute::kernel::math::Math;
use compute::kernel::syntax::Builtin;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyComplex, PyDict, PyFloat, PyInt, PyModule, PyTuple};

use super::class::Kernel;

/// What a name stands for.
pub enum Meaning {
    /// A constant.
    Constant(Constant),
    /// A function that kernels know.
    Builtin(Builtin),
    /// `divmod`, `range`, `len` ...: functions with a syntax of their own.
    Special(Special),
    /// Another kernel, or the same.
    Kernel(Py<PyAny>),
    /// The module `math`, or `pyxidium.compute.random`.
    Module(Module),
    /// Something else, of this type.
    Other(String),
}

/// Functions with a syntax of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Special {
    Len,
    Range,
    Prange,
    Divmod,
    Pow,
    Stream,
    Enumerate,
    Zip,
}

/// Modules that kernels know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Module {
    Math,
    Random,
}

/// A constant value.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Constant {
    Int(i128),
    Float(f64),
    Bool(bool),
    Complex(f64, f64),
    None,
    Tuple(Vec<Constant>),
}

/// The names around a function.
pub struct Scope {
    globals: Py<PyDict>,
    /// Names of closed-over variables, and their cells.
    cells: Vec<(String, Py<PyAny>)>,
    builtins: Py<PyAny>,
}

impl Scope {
    /// Around a Python function.
    pub fn of(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = function.py();
        let names: Vec<String> = function
            .getattr("__code__")?
            .getattr("co_freevars")?
            .extract()?;
        let closure = function.getattr("__closure__")?;
        let cells = if closure.is_none() {
            Vec::new()
        } else {
            let cells: Vec<Py<PyAny>> = closure.extract()?;
            names.into_iter().zip(cells).collect()
        };
        Ok(Self {
            globals: function
                .getattr("__globals__")?
                .cast_into::<PyDict>()?
                .unbind(),
            cells,
            builtins: PyModule::import(py, "builtins")?.into_any().unbind(),
        })
    }

    /// The object of a name; nothing if it has none (yet).
    pub fn object<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        if let Some((_, cell)) = self.cells.iter().find(|(n, _)| n == name) {
            return cell.bind(py).getattr("cell_contents").ok();
        }
        if let Ok(Some(object)) = self.globals.bind(py).get_item(name) {
            return Some(object);
        }
        self.builtins.bind(py).getattr(name).ok()
    }

    /// A dictionary of all names, for code that Python runs in the function's stead.
    pub fn dictionary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = self.globals.bind(py).copy()?;
        for (name, cell) in &self.cells {
            if let Ok(value) = cell.bind(py).getattr("cell_contents") {
                all.set_item(name, value)?;
            }
        }
        Ok(all)
    }
}

/// What an object is to a kernel.
pub fn meaning(object: &Bound<'_, PyAny>) -> PyResult<Meaning> {
    if let Some(constant) = constant(object) {
        return Ok(Meaning::Constant(constant));
    }
    if object.is_instance_of::<Kernel>() {
        return Ok(Meaning::Kernel(object.clone().unbind()));
    }
    if let Ok(module) = object.cast::<PyModule>() {
        match module.name()?.to_string().as_str() {
            "math" => return Ok(Meaning::Module(Module::Math)),
            "pyxidium.compute.random" => return Ok(Meaning::Module(Module::Random)),
            name => return Ok(Meaning::Other(format!("the module {name}"))),
        }
    }
    let module: String = object
        .getattr("__module__")
        .and_then(|m| m.extract())
        .unwrap_or_default();
    let name: String = object
        .getattr("__name__")
        .and_then(|m| m.extract())
        .unwrap_or_default();
    let found = match module.as_str() {
        "builtins" => match name.as_str() {
            "abs" => Some(Meaning::Builtin(Builtin::Abs)),
            "min" => Some(Meaning::Builtin(Builtin::Min)),
            "max" => Some(Meaning::Builtin(Builtin::Max)),
            "sum" => Some(Meaning::Builtin(Builtin::Sum)),
            "round" => Some(Meaning::Builtin(Builtin::Round)),
            "int" => Some(Meaning::Builtin(Builtin::Int)),
            "float" => Some(Meaning::Builtin(Builtin::Float)),
            "bool" => Some(Meaning::Builtin(Builtin::Bool)),
            "complex" => Some(Meaning::Builtin(Builtin::Complex)),
            "len" => Some(Meaning::Special(Special::Len)),
            "range" => Some(Meaning::Special(Special::Range)),
            "divmod" => Some(Meaning::Special(Special::Divmod)),
            "pow" => Some(Meaning::Special(Special::Pow)),
            "enumerate" => Some(Meaning::Special(Special::Enumerate)),
            "zip" => Some(Meaning::Special(Special::Zip)),
            _ => None,
        },
        "math" if object.is_instance_of::<PyCFunction>() => math(&name).map(Meaning::Builtin),
        "pyxidium.compute._kernel" if name == "prange" => Some(Meaning::Special(Special::Prange)),
        "pyxidium.compute.random" if name == "stream" => Some(Meaning::Special(Special::Stream)),
        _ => None,
    };
    Ok(found.unwrap_or_else(|| {
        let kind = object
            .get_type()
            .name()
            .map_or_else(|_| "object".into(), |n| n.to_string());
        Meaning::Other(if name.is_empty() {
            format!("of type {kind}")
        } else {
            format!("the {kind} `{name}`")
        })
    }))
}

/// A function of `math`.
pub fn math(name: &str) -> Option<Builtin> {
    let found = Math::ALL.iter().find(|(n, _)| *n == name)?;
    Some(Builtin::Math(found.1))
}

/// A number that is known when the kernel is compiled.
pub fn constant(object: &Bound<'_, PyAny>) -> Option<Constant> {
    if object.is_none() {
        return Some(Constant::None);
    }
    if object.is_exact_instance_of::<pyo3::types::PyBool>() {
        return object.extract().ok().map(Constant::Bool);
    }
    if object.is_exact_instance_of::<PyInt>() {
        return object.extract().ok().map(Constant::Int);
    }
    if object.is_exact_instance_of::<PyFloat>() {
        return object.extract().ok().map(Constant::Float);
    }
    if let Ok(complex) = object.cast_exact::<PyComplex>() {
        return Some(Constant::Complex(complex.real(), complex.imag()));
    }
    let tuple = object.cast_exact::<PyTuple>().ok()?;
    let items: Option<Vec<Constant>> = tuple.iter().map(|item| constant(&item)).collect();
    items.map(Constant::Tuple)
}

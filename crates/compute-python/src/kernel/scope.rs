//! What the names of a function mean: looked up where Python would, and remembered, since a global may
//! be bound anew.

use compute::kernel::math::Math;
use compute::kernel::syntax::Builtin;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyComplex, PyDict, PyFloat, PyInt, PyModule, PyString, PyTuple};

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

/// A global or closed-over variable that a kernel was compiled with.
pub struct Use {
    name: Py<PyString>,
    /// Where it is closed over.
    cell: Option<Py<PyAny>>,
    /// What it was.
    object: Py<PyAny>,
}

impl Use {
    /// Shows the garbage collector what is kept here.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.cell)?;
        visit.call(&self.object)
    }
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
        self.found(py, &PyString::new(py, name), self.cell(name))
    }

    /// A name that is used, and what it is now.
    pub fn used(&self, py: Python<'_>, name: &str, object: Py<PyAny>) -> Use {
        Use {
            name: PyString::intern(py, name).unbind(),
            cell: self.cell(name).map(|cell| cell.clone_ref(py)),
            object,
        }
    }

    /// Whether a name is still what it was.
    pub fn is_still(&self, py: Python<'_>, used: &Use) -> bool {
        let now = self.found(py, used.name.bind(py), used.cell.as_ref());
        now.is_some_and(|now| now.is(&used.object))
    }

    fn cell(&self, name: &str) -> Option<&Py<PyAny>> {
        let found = self.cells.iter().find(|(n, _)| n == name);
        found.map(|(_, cell)| cell)
    }

    fn found<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyString>,
        cell: Option<&Py<PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        if let Some(cell) = cell {
            return cell.bind(py).getattr(intern!(py, "cell_contents")).ok();
        }
        if let Ok(Some(object)) = self.globals.bind(py).get_item(name) {
            return Some(object);
        }
        self.builtins.bind(py).getattr(name).ok()
    }

    /// Shows the garbage collector what is kept here.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.globals)?;
        visit.call(&self.builtins)?;
        self.cells.iter().try_for_each(|(_, cell)| visit.call(cell))
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

//! What CPython does for kernels: going on where compiled code stopped, and sums that are too long.

use std::sync::{Arc, PoisonError};

use compute::kernel::runtime::{Host, Stop};
use compute::kernel::syntax::{Function, Reduction};
use compute::kernel::value::Value;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule};

use super::class::{Kernel, Objects};
use super::convert::{self, Owners};
use super::stops;
use super::writer;

/// CPython, for one kernel.
pub struct Cpython {
    pub filename: String,
    /// A weak reference to the kernel, which has all that is needed: the garbage collector looks there.
    pub itself: Py<PyAny>,
}

fn raised(error: PyErr) -> Stop {
    Stop::Raised(Box::new(error))
}

impl Host for Cpython {
    fn python(&self, function: &Function, args: Vec<Value>) -> Result<Value, Stop> {
        Python::attach(|py| self.run(py, function, &args).map_err(raised))
    }

    fn combine(&self, reduction: Reduction, a: Value, b: Value) -> Result<Value, Stop> {
        let name = match reduction {
            Reduction::Add => "add",
            Reduction::Mul => "mul",
            Reduction::And => "and_",
            Reduction::Or => "or_",
            Reduction::Xor => "xor",
            Reduction::Min => "min",
            Reduction::Max => "max",
        };
        let module = if matches!(reduction, Reduction::Min | Reduction::Max) {
            "builtins"
        } else {
            "_operator"
        };
        Python::attach(|py| {
            let (a, b) = (convert::object(py, &a)?, convert::object(py, &b)?);
            let result = py.import(module)?.call_method1(name, (a, b))?;
            convert::value(&result, &mut Owners::default())
        })
        .map_err(raised)
    }

    fn note(&self, stop: &mut Stop, function: &Function, line: u32) {
        let Stop::Raised(raised) = stop else { return };
        let Some(error) = raised.downcast_ref::<PyErr>() else {
            return;
        };
        Python::attach(|py| {
            // A frame of that name and line which raises the error again puts itself into the traceback.
            if let Ok(again) = self.raiser(py, &function.name, line) {
                let _ = again.call1((error.value(py),));
            }
        });
    }
}

impl Cpython {
    fn run(&self, py: Python<'_>, function: &Function, args: &[Value]) -> PyResult<Value> {
        let kernel = self.itself.bind(py).call0()?;
        let kernel = kernel.cast::<Kernel>().map_err(PyErr::from)?;
        let objects = Kernel::objects(kernel)
            .map_err(|failure| stops::failed(py, &self.filename, failure))?;
        let callable = self.function(kernel, &objects, function)?;
        let args: PyResult<Vec<Bound<'_, PyAny>>> =
            args.iter().map(|arg| argument(py, arg)).collect();
        compute::kernel::math::forget_range_errors();
        let result = callable.call1(pyo3::types::PyTuple::new(py, args?)?)?;
        let mut owners = Owners::default();
        convert::value(&result, &mut owners)
            .or_else(|_| Ok(Value::Object(Arc::new(result.unbind()))))
    }

    fn function<'py>(
        &self,
        kernel: &Bound<'py, Kernel>,
        objects: &Objects,
        function: &Function,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = kernel.py();
        let key = Arc::as_ptr(&function.names) as usize;
        let made = || objects.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(callable) = made().get(&key).map(|(_, callable)| callable.clone_ref(py)) {
            return Ok(callable.into_bound(py));
        }
        let module = writer::module(py, function, &objects.python)?;
        let globals = globals(kernel, objects)?;
        let builtins = PyModule::import(py, "builtins")?;
        let code = builtins.call_method1("compile", (module, &self.filename, "exec"))?;
        builtins.call_method1("exec", (code, &globals))?;
        let callable = globals.as_any().get_item(&*function.name)?;
        made().insert(key, (function.clone(), callable.clone().unbind()));
        Ok(callable)
    }

    fn raiser<'py>(&self, py: Python<'py>, name: &str, line: u32) -> PyResult<Bound<'py, PyAny>> {
        let ast = py.import("ast")?;
        let source = "def f(e):\n raise e";
        let tree = ast.call_method1("parse", (source,))?;
        let function = tree.getattr("body")?.get_item(0)?;
        function.setattr("name", name)?;
        for node in ast.call_method1("walk", (&tree,))?.try_iter()? {
            let node = node?;
            if node.hasattr("lineno")? {
                node.setattr("lineno", line)?;
                node.setattr("end_lineno", line)?;
                // No marks below the line: they would be of the wrong text.
                node.setattr("col_offset", 0)?;
                node.setattr("end_col_offset", 0)?;
            }
        }
        let builtins = PyModule::import(py, "builtins")?;
        let code = builtins.call_method1("compile", (tree, &self.filename, "exec"))?;
        let globals = PyDict::new(py);
        builtins.call_method1("exec", (code, &globals))?;
        globals.as_any().get_item(name)
    }
}

/// An argument as Python's own numbers are in it: numpy's elements would calculate otherwise.
fn argument<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    use compute::kernel::types::DType;
    let object = convert::object(py, value)?;
    let Value::Array(array) = value else {
        return Ok(object);
    };
    let (module, class) = match array.ty.dtype {
        DType::C64 | DType::C128 => ("pyxidium.compute._elements", "Complex"),
        _ => ("builtins", "memoryview"),
    };
    py.import(module)?.call_method1(class, (object,))
}

/// The function's own globals, and what the writer names with a dot.
fn globals<'py>(kernel: &Bound<'py, Kernel>, objects: &Objects) -> PyResult<Bound<'py, PyDict>> {
    let py = kernel.py();
    let globals = objects.scope.dictionary(py)?;
    let builtins = PyModule::import(py, "builtins")?;
    for name in [
        "abs", "min", "max", "sum", "round", "int", "float", "bool", "complex", "divmod", "range",
        "len",
    ] {
        globals.set_item(format!(".{name}"), builtins.getattr(name)?)?;
    }
    let math = PyModule::import(py, "math")?;
    for (name, _) in compute::kernel::math::Math::ALL {
        globals.set_item(format!(".math.{name}"), math.getattr(name)?)?;
    }
    globals.set_item(
        ".stream",
        wrap_pyfunction!(super::stream::stream, &builtins)?,
    )?;
    for (index, callee) in objects.kernels.iter().enumerate() {
        let callee = match callee {
            Some(callee) => callee.bind(py).clone(),
            None => kernel.clone().into_any(),
        };
        let called = callee.getattr("_called_by_kernel")?;
        globals.set_item(format!(".kernel.{index}"), called)?;
    }
    Ok(globals)
}

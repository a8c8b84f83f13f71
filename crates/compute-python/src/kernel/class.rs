//! `Kernel`: a Python function that is compiled for the types it is called with.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use compute::kernel::runtime::{self, Host};
use compute::kernel::syntax::Function;
use compute::kernel::value::Value;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::around;
use super::convert::{self, Owners};
use super::host::Cpython;
use super::outline;
use super::params::{Param, params};
use super::reader::{self, Failure};
use super::scope::{Scope, Use};
use super::stops::{failed, is_unsupported, stopped, warn};
use super::watch::Observer;

/// A compiled function. Made by the decorator `kernel`.
#[pyclass(
    frozen,
    weakref,
    dict,
    name = "Kernel",
    module = "pyxidium.compute",
    subclass
)]
pub struct Kernel {
    function: Py<PyAny>,
    definition: Py<PyAny>,
    pub(super) filename: String,
    name: String,
    pub(super) params: Vec<Param>,
    pub(super) fallback: bool,
    ready: Mutex<Option<Ready>>,
}

/// What was made at the first call, for names as they were then.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) runtime: Arc<runtime::Kernel>,
    objects: Arc<Objects>,
    parallel: bool,
}

/// Python's objects that a kernel needs. They are here, where the garbage collector sees them, and nowhere else.
pub struct Objects {
    /// The names around the function.
    pub scope: Scope,
    /// Those of them that it was compiled with.
    uses: Vec<Use>,
    /// Kernels that are called; nothing where it is the kernel itself.
    pub kernels: Vec<Option<Py<PyAny>>>,
    /// Statements that are left to Python.
    pub python: Vec<Py<PyAny>>,
    /// Functions that Python goes on with, by the names of their variables, which each has of its own.
    pub made: Mutex<HashMap<usize, (Function, Py<PyAny>)>>,
}

#[pymethods]
impl Kernel {
    #[new]
    pub(super) fn new(
        py: Python<'_>,
        function: Bound<'_, PyAny>,
        definition: Bound<'_, PyAny>,
        filename: String,
        fallback: bool,
    ) -> PyResult<Self> {
        let scope = Scope::of(&function)?;
        if let Err(failure) = reader::read(&definition, &scope, false, None) {
            return Err(failed(py, &filename, failure));
        }
        let params = params(&function, &definition)?;
        Ok(Self {
            name: function.getattr("__name__")?.extract()?,
            function: function.unbind(),
            definition: definition.unbind(),
            filename,
            params,
            fallback,
            ready: Mutex::default(),
        })
    }

    /// The plain Python function.
    #[getter]
    fn __wrapped__(&self, py: Python<'_>) -> Py<PyAny> {
        self.function.clone_ref(py)
    }

    /// Whether it may run as Python.
    #[getter]
    fn fallback(&self) -> bool {
        self.fallback
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let this = slf.get();
        let bound = this.bind(py, args, kwargs)?;
        let mut owners = Owners::default();
        let values = this.values(&bound, &mut owners)?;
        let outcome = this
            .prepared(slf)
            .map_err(|failure| failed(py, &this.filename, failure));
        let outcome = match outcome {
            Ok(ready) => this.run(py, &ready, values),
            Err(error) => Err(error),
        };
        match outcome {
            Err(error) if this.fallback && is_unsupported(py, &error) => {
                warn(py, &error)?;
                this.function.bind(py).call1(PyTuple::new(py, bound)?)
            }
            other => other,
        }
    }

    /// A call by what CPython goes on with in another kernel's stead: there, annotations say nothing, and what
    /// cannot be compiled is CPython's, too.
    #[pyo3(signature = (*args))]
    fn _called_by_kernel<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        let mut owners = Owners::default();
        let values = args.iter().map(|arg| convert::value(&arg, &mut owners));
        let values: Vec<Value> = values.collect::<PyResult<_>>()?;
        let ready = this
            .prepared(slf)
            .map_err(|failure| failed(py, &this.filename, failure))?;
        match this.run(py, &ready, values.clone()) {
            Err(error) if is_unsupported(py, &error) => {
                let outcome = ready.runtime.by_host(values);
                let value = outcome.map_err(|stop| stopped(py, stop))?;
                convert::object(py, &value)
            }
            other => other,
        }
    }

    fn __repr__(&self) -> String {
        format!("<kernel {}>", self.name)
    }

    /// A kernel knows its globals, which know the kernel.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)?;
        visit.call(&self.definition)?;
        for param in &self.params {
            visit.call(&param.default)?;
        }
        // Whoever holds the lock is using it: then nothing of it can be collected.
        let Ok(ready) = self.ready.try_lock() else {
            return Ok(());
        };
        let Some(ready) = &*ready else { return Ok(()) };
        // While a call runs, it holds them, too.
        if Arc::strong_count(&ready.objects) > 1 {
            return Ok(());
        }
        ready.objects.scope.traverse(&visit)?;
        for used in &ready.objects.uses {
            used.traverse(&visit)?;
        }
        for kernel in &ready.objects.kernels {
            visit.call(kernel)?;
        }
        for node in &ready.objects.python {
            visit.call(node)?;
        }
        if let Ok(made) = ready.objects.made.try_lock() {
            for (_, function) in made.values() {
                visit.call(function)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        if let Ok(mut ready) = self.ready.try_lock() {
            *ready = None;
        }
    }
}

/// What is called beside the class's own methods.
impl Kernel {
    /// What Python needs to go on in the kernel's stead.
    pub fn objects(slf: &Bound<'_, Self>) -> Result<Arc<Objects>, Failure> {
        Ok(slf.get().prepared(slf)?.objects)
    }

    /// The kernel itself, its names looked up.
    pub fn runtime(slf: &Bound<'_, Self>) -> Result<Arc<runtime::Kernel>, Failure> {
        Ok(slf.get().prepared(slf)?.runtime)
    }

    /// Calls it from Rust, without Python objects.
    pub(super) fn run<'py>(
        &self,
        py: Python<'py>,
        ready: &Ready,
        values: Vec<Value>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // Nobody can stop it, and nobody waits for it.
        if let Some(outcome) = ready.runtime.call_briefly(&values) {
            return match outcome {
                Ok(value) => convert::object(py, &value),
                Err(stop) => Err(stopped(py, stop)),
            };
        }
        let limit = around::recursion_limit(py)?;
        let progress = if ready.parallel {
            around::progress(py)?
        } else {
            None
        };
        let observer = Observer::new(py, progress);
        let work = || {
            let _watched = observer.watched();
            ready.runtime.call(values, observer.clone(), limit)
        };
        let outcome = if ready.parallel {
            super::wait::on_pool(py, &observer, around::threads(py)?, work)?
        } else {
            py.detach(work)
        };
        match outcome {
            Ok(Ok(value)) => convert::object(py, &value),
            Ok(Err(stop)) => Err(stopped(py, stop)),
            Err(problem) => Err(failed(py, &self.filename, Failure::from(problem))),
        }
    }

    pub(super) fn prepared(&self, slf: &Bound<'_, Self>) -> Result<Ready, Failure> {
        let py = slf.py();
        if let Some(ready) = &*self.ready.lock().unwrap_or_else(PoisonError::into_inner)
            && self.still_holds(py, ready)
        {
            return Ok(ready.clone());
        }
        let _preparing = Preparing::on(slf);
        let scope = Scope::of(self.function.bind(py))?;
        let read = reader::read(self.definition.bind(py), &scope, true, Some(slf.as_any()))?;
        let host: Arc<dyn Host> = Arc::new(Cpython {
            filename: self.filename.clone(),
            itself: py.import("weakref")?.call_method1("ref", (slf,))?.unbind(),
        });
        let mut function = read.function;
        outline::outline(&mut function, &read.parallel, &host)?;
        let mut parallel = !read.parallel.is_empty();
        let own = |object: &Py<PyAny>| object.bind(py).is(slf);
        let mut kernels = Vec::new();
        for object in read.kernels {
            if own(&object) {
                kernels.push(None);
                continue;
            }
            let kernel = object.bind(py).cast::<Self>().map_err(PyErr::from)?;
            parallel |= kernel.get().prepared(kernel)?.parallel;
            kernels.push(Some(object));
        }
        let uses = read.uses.into_iter().filter(|(_, object)| !own(object));
        let ready = Ready {
            runtime: runtime::Kernel::new(function, host),
            objects: Arc::new(Objects {
                uses: uses
                    .map(|(name, object)| scope.used(py, &name, object))
                    .collect(),
                scope,
                kernels,
                python: read.python,
                made: Mutex::default(),
            }),
            parallel,
        };
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(ready.clone());
        Ok(ready)
    }

    /// Whether the names that were used still stand for the same.
    fn still_holds(&self, py: Python<'_>, ready: &Ready) -> bool {
        let objects = &ready.objects;
        let mut uses = objects.uses.iter();
        uses.all(|used| objects.scope.is_still(py, used))
            && objects.kernels.iter().flatten().all(|callee| {
                let Ok(kernel) = callee.bind(py).cast::<Self>() else {
                    return false;
                };
                let kernel = kernel.get();
                let state = kernel
                    .ready
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                state.is_some_and(|ready| kernel.still_holds(py, &ready))
            })
    }

    /// Arguments as compiled code takes them.
    pub(super) fn values(
        &self,
        bound: &[Bound<'_, PyAny>],
        owners: &mut Owners,
    ) -> PyResult<Vec<Value>> {
        let one = |(arg, param): (&Bound<'_, PyAny>, &Param)| {
            param.check(&self.name, arg)?;
            convert::value(arg, owners)
        };
        bound.iter().zip(&self.params).map(one).collect()
    }

    pub(super) fn bind<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let count = self.params.len();
        if args.len() > count {
            let given = args.len();
            return Err(PyTypeError::new_err(format!(
                "{}() takes {count} arguments but {given} were given",
                self.name
            )));
        }
        let mut bound: Vec<Bound<'py, PyAny>> = args.iter().collect();
        let mut used = 0;
        for (index, param) in self.params.iter().enumerate() {
            let named = kwargs
                .map(|k| k.get_item(&param.name))
                .transpose()?
                .flatten();
            match (index < args.len(), named, &param.default) {
                (true, None, _) => {}
                (true, Some(_), _) => {
                    let name = &param.name;
                    return Err(PyTypeError::new_err(format!(
                        "{}() got multiple values for argument '{name}'",
                        self.name
                    )));
                }
                (false, Some(value), _) => {
                    used += 1;
                    bound.push(value);
                }
                (false, None, Some(default)) => bound.push(default.bind(py).clone()),
                (false, None, None) => {
                    let name = &param.name;
                    return Err(PyTypeError::new_err(format!(
                        "{}() missing 1 required argument: '{name}'",
                        self.name
                    )));
                }
            }
        }
        if let Some(kwargs) = kwargs
            && kwargs.len() > used
        {
            for name in kwargs.keys() {
                let name: String = name.extract()?;
                if !self.params.iter().any(|p| p.name == name) {
                    return Err(PyTypeError::new_err(format!(
                        "{}() got an unexpected keyword argument '{name}'",
                        self.name
                    )));
                }
            }
        }
        Ok(bound)
    }
}

thread_local! {
    /// Each with its name.
    static PREPARING: RefCell<Vec<(usize, String)>> = const { RefCell::new(Vec::new()) };
}

/// While this lives, a kernel's names are being looked up, and those of the kernels that it calls.
struct Preparing;

impl Preparing {
    fn on(slf: &Bound<'_, Kernel>) -> Self {
        let entry = (slf.as_ptr() as usize, slf.get().name.clone());
        PREPARING.with_borrow_mut(|all| all.push(entry));
        Self
    }
}

/// The names from a kernel to itself, if it is being prepared: a circle would never end.
pub(super) fn circle(kernel: &Bound<'_, Kernel>) -> Option<String> {
    let own = kernel.as_ptr() as usize;
    PREPARING.with_borrow(|all| {
        let first = all.iter().position(|(at, _)| *at == own)?;
        let names = all[first..].iter().chain([&all[first]]);
        let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
        Some(names.join(" -> "))
    })
}

impl Drop for Preparing {
    fn drop(&mut self) {
        PREPARING.with_borrow_mut(|all| all.pop());
    }
}

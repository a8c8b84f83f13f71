//! `_pyxidium_bridge`: what `python/pyxidium` needs of the bridge. Apps use that package.

use std::sync::{Arc, atomic::Ordering};

use pyembed::cancel::Token;
use pyo3::{PyErr, Python, exceptions::PyValueError, prelude::*};

use crate::{
    call::{self, Call},
    command::Command,
    core, dump,
    errors::PageError,
    frame::Key,
    python, run,
    schema::Types,
    window::{Event, around_event},
};

/// The module's name.
pub(crate) const NAME: &str = "_pyxidium_bridge";

/// A call, for the code that runs `async` commands.
#[pyclass(frozen, name = "Call", module = "_pyxidium_bridge")]
pub(crate) struct CallHandle {
    call: Arc<Call>,
    command: Arc<Command>,
}

impl CallHandle {
    pub(crate) fn new<'py>(
        call: &Arc<Call>,
        command: &Arc<Command>,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, Self>> {
        let this = Self {
            call: Arc::clone(call),
            command: Arc::clone(command),
        };
        Bound::new(py, this)
    }

    /// What reports progress.
    pub(crate) fn reporter<'py>(
        py: Python<'py>,
        call: &Arc<Call>,
        command: &Arc<Command>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::new(call, command, py)?.getattr("report")
    }
}

#[pymethods]
impl CallHandle {
    /// The command's name.
    #[getter]
    fn name(&self) -> &str {
        &self.command.name
    }

    /// Whether the page wants items.
    #[getter]
    fn is_stream(&self) -> bool {
        self.call.stream.is_some()
    }

    /// Whether the page has asked the call to stop.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.call.token.is_cancelled()
    }

    /// The task runs; `stop` cancels it, from any thread. False if it should not go on.
    fn started(&self, stop: Py<PyAny>) -> bool {
        self.call.started(stop)
    }

    /// The task has ended.
    fn ended(&self) {
        self.call.task_ended();
    }

    /// Answers with a result.
    fn finish(&self, py: Python<'_>, result: &Bound<'_, PyAny>) -> PyResult<()> {
        let spec = self.command.spec(py)?;
        let development = core::get().development.load(Ordering::Relaxed);
        let answer = run::finish(&self.call, &self.command, spec, result, development);
        call::send(py, answer);
        Ok(())
    }

    /// Answers with an exception.
    fn fail(&self, py: Python<'_>, error: Bound<'_, PyAny>) {
        let development = core::get().development.load(Ordering::Relaxed);
        let error = PageError::raised(py, &PyErr::from_value(error), development);
        call::send(py, self.call.fail(error));
    }

    /// Answers that the call was cancelled, if it has no answer yet.
    fn fail_cancelled(&self, py: Python<'_>) {
        call::send(py, self.call.fail(PageError::cancelled()));
    }

    /// Sends an item; false if the stream has ended by that.
    fn push(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Some(stream) = &self.call.stream else {
            return Ok(false);
        };
        let spec = self.command.spec(py)?;
        match run::convert(&self.call, &self.command, spec, item) {
            Ok(item) => {
                call::send(py, stream.push(&self.call, item));
                Ok(!stream.is_closed())
            }
            Err(error) => {
                call::send(py, self.call.fail(*error));
                Ok(false)
            }
        }
    }

    /// Calls `wake`, from any thread, when the page has made space; false if there is space.
    fn wake_for_space(&self, wake: Py<PyAny>) -> bool {
        let stream = self.call.stream.as_ref();
        stream.is_some_and(|stream| stream.wake_for_space(wake))
    }

    /// There are no more items.
    fn end(&self, py: Python<'_>) {
        let stream = self.call.stream.as_ref();
        let answer = stream.and_then(|stream| stream.end(&self.call, Ok(())));
        call::send(py, answer);
    }

    /// Tells the page how far the call is. Raises `Cancelled` if the call is to stop.
    #[pyo3(signature = (fraction, message))]
    fn report(&self, py: Python<'_>, fraction: Option<f64>, message: String) -> PyResult<()> {
        if self.call.token.is_cancelled() {
            return Err(python::cancelled_error(py));
        }
        if fraction.is_some_and(f64::is_nan) {
            return Err(PyValueError::new_err("the fraction is not a number"));
        }
        let fraction = fraction.map(|fraction| fraction.clamp(0.0, 1.0));
        py.detach(|| self.call.report((fraction, message)));
        Ok(())
    }
}

/// Lets pages call `function` by `name`.
#[pyfunction]
fn register(py: Python<'_>, name: String, function: &Bound<'_, PyAny>) -> PyResult<()> {
    let command = Arc::new(Command::new(name, function)?);
    core::get().pool.start(py)?;
    core::get().register(command);
    Ok(())
}

/// Calls `function` for each event of that name that a page emits.
#[pyfunction]
fn on(py: Python<'_>, event: String, function: &Bound<'_, PyAny>) -> PyResult<()> {
    let handler = Arc::new(Command::new(event.clone(), function)?);
    core::get().pool.start(py)?;
    core::get().add_handler(event, handler);
    Ok(())
}

/// Sends an event to the page of one window, or of all.
#[pyfunction]
#[pyo3(signature = (event, data, window))]
fn emit(event: &str, data: &Bound<'_, PyAny>, window: Option<&str>) -> PyResult<()> {
    let py = data.py();
    let types = Types::default();
    let (before, after) = around_event(event);
    let at = [Key::Name("events".into()), Key::Index(0), Key::Index(1)];
    let dumped = match dump::dump(data, &types, None) {
        Ok(dumped) => dumped,
        Err(failure) => return Err(failure.into_error(&format!("the data of {event:?}"))),
    };
    let event = match dumped.into_json() {
        Ok(json) => Event::Json(format!("[{},{json}]", dump::quoted(event))),
        Err(dumped) => match dumped.into_response(py, &before, after, &at)? {
            crate::Response::Bytes(bytes) => Event::Frame(bytes),
            crate::Response::Json(json) | crate::Response::Error(json) => Event::Json(json),
        },
    };
    py.detach(|| core::get().emit(window, &event));
    Ok(())
}

/// The names of all commands.
#[pyfunction]
fn commands() -> Vec<String> {
    core::get().commands()
}

/// Raises `Cancelled` if the page has cancelled the call that this code runs for.
#[pyfunction]
fn check_cancelled(py: Python<'_>) -> PyResult<()> {
    if token(py)?.is_some_and(|token| token.is_cancelled()) {
        return Err(python::cancelled_error(py));
    }
    Ok(())
}

/// Says whether one call was cancelled: for work on other threads, which have no current call.
#[pyclass(frozen, name = "Token", module = "_pyxidium_bridge")]
struct TokenHandle(Token);

#[pymethods]
impl TokenHandle {
    /// Whether the page has asked the call to stop.
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// The token of the call that this code runs for; `None` if it runs for none.
#[pyfunction]
fn token(py: Python<'_>) -> PyResult<Option<TokenHandle>> {
    if let Some(token) = Token::current() {
        return Ok(Some(TokenHandle(token)));
    }
    if !core::get().loop_used.load(Ordering::Acquire) {
        return Ok(None);
    }
    let call = python::current_call(py)?.call_method1("get", (py.None(),))?;
    let handle = call.cast::<CallHandle>();
    Ok(handle
        .ok()
        .map(|handle| TokenHandle(handle.get().call.token.clone())))
}

/// The life of a worker's thread.
#[pyfunction]
fn work(py: Python<'_>) {
    let pool = &core::get().pool;
    let mut answer: Option<call::Answer> = None;
    loop {
        let next = py.detach(|| {
            if let Some(answer) = answer.take() {
                answer.send();
            }
            pool.next()
        });
        match next {
            Some(job) => answer = run::job(py, job),
            None => break,
        }
    }
    pool.thread_ended();
}

/// The module, for [`pyembed::BuiltinModule`].
#[pymodule]
#[pyo3(name = "_pyxidium_bridge")]
pub fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    debug_assert_eq!(module.name()?.to_str()?, NAME);
    module.add_class::<CallHandle>()?;
    module.add_function(wrap_pyfunction!(register, module)?)?;
    module.add_function(wrap_pyfunction!(on, module)?)?;
    module.add_function(wrap_pyfunction!(emit, module)?)?;
    module.add_function(wrap_pyfunction!(commands, module)?)?;
    module.add_function(wrap_pyfunction!(check_cancelled, module)?)?;
    module.add_class::<TokenHandle>()?;
    module.add_function(wrap_pyfunction!(token, module)?)?;
    module.add_function(wrap_pyfunction!(work, module)?)
}

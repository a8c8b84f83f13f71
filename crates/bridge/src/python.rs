//! What the bridge needs of `python/pyxidium`, looked up once.

use pyo3::{
    PyErr, Python,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyString},
};

use crate::command::Passing;

macro_rules! imported {
    ($(#[$doc:meta])* $name:ident, $module:literal, $attribute:literal) => {
        $(#[$doc])*
        pub(crate) fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
            static OBJECT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            OBJECT.import(py, $module, $attribute)
        }
    };
}

imported!(
    /// Raised where a cancelled call is noticed.
    cancelled, "pyxidium._errors", "Cancelled"
);
imported!(
    /// What an app raises for its page.
    app_error, "pyxidium._errors", "Error"
);
imported!(
    /// Makes what a command's parameter `progress: px.Progress` gets.
    progress, "pyxidium._progress", "Progress"
);
imported!(
    /// Turns a value that has no form in JSON into one that has.
    plain, "pyxidium._plain", "plain"
);
imported!(
    /// Runs an `async` command on the loop.
    submit, "pyxidium._loop", "submit"
);
imported!(
    /// Ends the loop.
    stop_loop, "pyxidium._loop", "stop"
);
imported!(
    /// The call that a task belongs to.
    current_call, "pyxidium._loop", "current_call"
);
imported!(
    /// Checks a function's annotations.
    compile, "pyxidium._signature", "compile_command"
);
imported!(thread, "threading", "Thread");
imported!(print_exception, "traceback", "print_exception");
imported!(format_exception, "traceback", "format_exception");

/// What an exception says, in one text.
pub(crate) fn message(error: &Bound<'_, PyAny>) -> String {
    match error.str() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => String::from("(the exception cannot be shown)"),
    }
}

/// The name of an object's class.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    match object.get_type().qualname() {
        Ok(name) => name.to_string_lossy().into_owned(),
        Err(_) => String::from("object"),
    }
}

/// A `Cancelled` to raise.
pub(crate) fn cancelled_error(py: Python<'_>) -> PyErr {
    let raised = cancelled(py).and_then(|class| class.call1(("the call was cancelled",)));
    match raised {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// Shows what nobody is there to catch.
pub(crate) fn print(py: Python<'_>, error: &PyErr) {
    let shown = print_exception(py).and_then(|print| print.call1((error.value(py),)));
    if shown.is_err() {
        error.clone_ref(py).print(py);
    }
}

/// The traceback as Python prints it.
pub(crate) fn traceback(py: Python<'_>, error: &PyErr) -> Option<String> {
    let lines = format_exception(py).ok()?.call1((error.value(py),)).ok()?;
    let lines: Vec<String> = lines.extract().ok()?;
    Some(lines.concat())
}

/// Starts a daemon `threading.Thread`.
pub(crate) fn start_thread(py: Python<'_>, name: &str, target: &Bound<'_, PyAny>) -> PyResult<()> {
    let options = PyDict::new(py);
    options.set_item("target", target)?;
    options.set_item("name", PyString::new(py, name))?;
    options.set_item("daemon", true)?;
    thread(py)?
        .call((), Some(&options))?
        .call_method0("start")?;
    Ok(())
}

impl<'a, 'py> FromPyObject<'a, 'py> for Passing {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(match object.extract::<String>()?.as_str() {
            "keyword" => Self::Keyword,
            "rest" => Self::Rest,
            "more" => Self::More,
            _ => Self::Positional,
        })
    }
}

//! Python's main thread: starts the interpreter, runs the app's main module, and waits for the
//! windows to be closed.

use std::sync::{Arc, atomic::Ordering};

use packed_resources::{EntryPoint, Manifest};
use pyembed::{BuiltinModule, Exit, MainPythonInterpreter, Program};
use pyo3::{
    exceptions::{PyKeyboardInterrupt, PySystemExit},
    prelude::*,
};

use crate::{failure::Failure, mailbox::Order, native, shell::Shell};

/// How long running calls get to end when the windows are closed.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// The whole life of Python in this process. Gives the exit code.
pub(crate) fn live(mut program: Program, modules: &[BuiltinModule], shell: &Arc<Shell>) -> i32 {
    if let Some(dev) = &shell.window.dev {
        program.add_source_folder(&dev.folder);
        shell.bridge.set_development(true);
    }
    let interpreter = match program.start(modules) {
        Ok(interpreter) => interpreter,
        Err(error) => {
            let failure = start_failure(&error);
            shell.bridge.failed(&failure.summary);
            let _ = pyembed::exit_code(Err(error));
            shell.busy.store(false, Ordering::SeqCst);
            shell.fail(failure);
            while shell.mailbox.wait() != Order::Close {}
            return i32::from(pyembed::CANNOT_START);
        }
    };
    let manifest = entry(program.manifest(), shell);
    interpreter.with_gil(|py| listen_to_signals(py, shell));
    let mut exit = run(&interpreter, &manifest, shell);
    loop {
        // `sys.exit()` and Ctrl-C close the windows themselves.
        if matches!(exit, Exit::Code(_) | Exit::Interrupted) {
            interpreter.detached(|| shell.quit());
            break;
        }
        match interpreter.detached(|| shell.mailbox.wait()) {
            Order::Close => break,
            Order::RunAgain => {
                interpreter.detached(|| {
                    shell.bridge.reset();
                    native::reset();
                });
                if let Err(error) = interpreter.with_gil(|py| forget_app(py, shell)) {
                    interpreter.with_gil(|py| error.print(py));
                }
                exit = run(&interpreter, &manifest, shell);
                if exit == Exit::Done {
                    interpreter.detached(|| shell.reload_pages());
                }
            }
            Order::Signal => {
                if let Err(error) = interpreter.with_gil(|py| py.check_signals()) {
                    exit = interpreter.with_gil(|py| outcome(py, error, shell));
                }
            }
        }
    }
    interpreter.detached(|| shell.bridge.shutdown(GRACE));
    interpreter.finish(exit)
}

/// Runs the app's main module; why it failed goes to the window.
fn run(interpreter: &MainPythonInterpreter, manifest: &Manifest, shell: &Shell) -> Exit {
    shell.busy.store(true, Ordering::SeqCst);
    let result = interpreter.run_entry(manifest);
    shell.busy.store(false, Ordering::SeqCst);
    match result {
        Ok(()) => {
            shell.bridge.ready();
            Exit::Done
        }
        Err(error) => interpreter.with_gil(|py| outcome(py, error, shell)),
    }
}

/// What an exception that reached the end means for the app.
fn outcome(py: Python<'_>, error: PyErr, shell: &Shell) -> Exit {
    if shell.is_closing() && error.is_instance_of::<PyKeyboardInterrupt>(py) {
        return Exit::Done;
    }
    if error.is_instance_of::<PyKeyboardInterrupt>(py) {
        error.print(py);
        return Exit::Interrupted;
    }
    if error.is_instance_of::<PySystemExit>(py) {
        return exit_code(py, &error);
    }
    let failure = Failure {
        summary: summary(py, &error),
        details: traceback(py, &error),
        ..Failure::default()
    };
    error.print_and_set_sys_last_vars(py);
    py.detach(|| {
        shell.bridge.failed(&failure.summary);
        shell.fail(failure);
    });
    Exit::Failed
}

/// `sys.exit(code)`: a number, nothing, or something to say and the code 1.
fn exit_code(py: Python<'_>, error: &PyErr) -> Exit {
    let code = error.value(py).getattr("code").ok();
    match code {
        Some(code) if !code.is_none() => match code.extract::<i32>() {
            Ok(code) => Exit::Code(code),
            Err(_) => {
                let said = py
                    .import("sys")
                    .and_then(|sys| sys.getattr("stderr"))
                    .and_then(|stderr| stderr.call_method1("write", (format!("{code}\n"),)));
                drop(said);
                Exit::Code(1)
            }
        },
        _ => Exit::Code(0),
    }
}

/// `ValueError: what it says`.
fn summary(py: Python<'_>, error: &PyErr) -> String {
    let name = error
        .get_type(py)
        .name()
        .map_or_else(|_| "Error".to_owned(), |name| name.to_string());
    let text = error.value(py).to_string();
    match text.lines().next() {
        Some(line) if !line.is_empty() => format!("{name}: {line}"),
        _ => name,
    }
}

/// The traceback, as Python prints it. Frames of the import machinery are none of the app's.
fn traceback(py: Python<'_>, error: &PyErr) -> String {
    let format = || -> PyResult<String> {
        let lines = py
            .import("traceback")?
            .call_method1("format_exception", (error.value(py),))?;
        let lines: Vec<String> = lines.extract()?;
        Ok(lines.concat())
    };
    format().unwrap_or_else(|_| error.to_string())
}

/// Why Python could not be started at all.
pub(crate) fn start_failure(error: &pyembed::Error) -> Failure {
    let mut details = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        details += &format!("\ncaused by: {source}");
        cause = source.source();
    }
    Failure {
        summary: error.to_string(),
        hint: error.hint().map(str::to_owned),
        details,
        ..Failure::default()
    }
}

/// A signal wakes this thread from its waiting, so that Python's handlers run.
fn listen_to_signals(py: Python<'_>, shell: &Shell) {
    let listen = py
        .import("_signal")
        .and_then(|signal| signal.call_method1("set_wakeup_fd", (shell.mailbox.wakeup_fd(),)));
    if let Err(error) = listen {
        error.print(py);
    }
}

/// What is run: from the payload, or under development from disk.
fn entry(manifest: &Manifest, shell: &Shell) -> Manifest {
    let mut manifest = manifest.clone();
    if let Some(script) = shell.window.dev.as_ref().and_then(|dev| dev.script.clone()) {
        manifest.entry = EntryPoint::Script { path: script };
    }
    manifest
}

/// Forgets the app's own modules, so that they are imported anew. Packages stay as they are.
fn forget_app(py: Python<'_>, shell: &Shell) -> PyResult<()> {
    let folder = shell
        .window
        .dev
        .as_ref()
        .map(|dev| dev.folder.clone())
        .unwrap_or_default();
    py.import("_pyxidium_boot")?
        .call_method1("forget_modules", (folder,))
        .map(|_| ())
}

//! One CPython interpreter, from start to exit code.

use std::{
    ffi::{CString, OsString, c_int},
    os::unix::ffi::OsStrExt,
    sync::atomic::{AtomicBool, Ordering},
};

use packed_resources::{EntryPoint, Manifest};
use pyo3::{
    exceptions::{PyKeyboardInterrupt, PySystemExit},
    ffi,
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyString},
};

use crate::{
    Error, OxidizedPythonInterpreterConfig, arena,
    config::CConfig,
    env_vars::mark,
    frozen,
    importer::{self, native_module},
    vfs,
};

/// Where an app's own files are in every payload.
const APP: &str = "app";

/// Where packages are in every payload.
const SITE_PACKAGES: &str = "lib/python3.13/site-packages";

/// The interpreter of this process. There is one, on the thread that made it.
pub struct MainPythonInterpreter {
    _not_send: std::marker::PhantomData<*mut ()>,
}

impl MainPythonInterpreter {
    /// Starts CPython as `config` says, with the payload's importer in place.
    ///
    /// # Errors
    /// When the payload is damaged, or CPython refuses.
    pub fn new(config: &OxidizedPythonInterpreterConfig) -> Result<Self, Error> {
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::SeqCst) {
            return Err(Error::AlreadyStarted);
        }
        vfs::mount(&config.executable, config.payload);
        arena::install();
        frozen::publish(config.payload)?;
        pyo3::append_to_inittab!(native_module);
        for module in &config.modules {
            // SAFETY: no interpreter runs yet; the name is static and `init` is what PyO3 made for it.
            unsafe { ffi::PyImport_AppendInittab(module.name.as_ptr(), Some(module.init)) };
        }
        CConfig::new(config)?.initialize()?;
        let this = Self {
            _not_send: std::marker::PhantomData,
        };
        this.with_gil(|py| {
            let installed = py
                .import("_pyxidium_boot")
                .and_then(|boot| boot.call_method0("install").map(|_| boot));
            installed
                .and_then(|boot| settle(&boot, config))
                .and_then(|()| forget_mark(py))
                .map_err(|error| Error::Importer(error.to_string()))
        })?;
        Ok(this)
    }

    /// Calls `work` with the interpreter attached to this thread.
    pub fn with_gil<R>(&self, work: impl FnOnce(Python<'_>) -> R) -> R {
        Python::attach(work)
    }

    /// Runs the `import` lines of packages' `.pth` files, as `site` would at every start.
    ///
    /// One that fails is shown and does not keep the others from running.
    pub fn run_startup_lines(&self, lines: &[String]) {
        let Some(vfs) = vfs::mounted() else {
            return;
        };
        Python::attach(|py| {
            for line in lines {
                let packages = importer::path_string(py, &vfs.root().join(SITE_PACKAGES));
                let run = py
                    .import("_pyxidium_boot")
                    .and_then(|boot| boot.call_method1("run_startup_line", (line, packages)));
                if let Err(error) = run {
                    error.print(py);
                }
            }
        });
    }

    /// Runs the app that `manifest` names, ends the interpreter and returns the exit code.
    ///
    /// As with `python app.py`, an uncaught exception is shown with its traceback, `SystemExit`
    /// gives the exit code, and after an uncaught `KeyboardInterrupt` the process dies of SIGINT.
    pub fn run_app(self, manifest: &Manifest) -> c_int {
        let outcome = Python::attach(|py| match run_entry_point(py, manifest) {
            Ok(()) => Exit::Done,
            Err(error) => {
                let interrupted = error.is_instance_of::<PyKeyboardInterrupt>(py);
                // For `SystemExit` this ends the interpreter and the process, as CPython does; others are
                // `sys.last_exc` for what runs at exit.
                error.print_and_set_sys_last_vars(py);
                if interrupted {
                    Exit::Interrupted
                } else {
                    Exit::Failed
                }
            }
        });
        self.finish(outcome)
    }

    /// Runs the main module of the app that `manifest` names, and leaves the interpreter running.
    ///
    /// # Errors
    /// The exception that ended it, `SystemExit` included.
    pub fn run_entry(&self, manifest: &Manifest) -> PyResult<()> {
        Python::attach(|py| run_entry_point(py, manifest))
    }

    /// Runs `work` while other threads may use the interpreter.
    pub fn detached<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        Python::attach(|py| py.detach(work))
    }

    /// Ends the interpreter (`atexit` functions run, output is flushed) and returns the exit code.
    pub fn finish(self, exit: Exit) -> c_int {
        // SAFETY: `new` started the interpreter on this thread and left the thread attached.
        let flushed = unsafe { ffi::Py_FinalizeEx() == 0 };
        match exit {
            Exit::Interrupted => die_of_interrupt(),
            Exit::Failed => 1,
            Exit::Code(code) => code,
            Exit::Done if flushed => 0,
            // What CPython answers when output could not be flushed.
            Exit::Done => 120,
        }
    }

    /// Does what the command line asks, as the `python` command would, and ends the interpreter.
    pub fn run_main(self) -> c_int {
        // SAFETY: `new` started the interpreter on this thread and left the thread attached;
        // `Py_RunMain` ends the interpreter itself.
        unsafe { ffi::Py_RunMain() }
    }
}

/// How an app ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It came to its end.
    Done,
    /// An exception that nobody caught.
    Failed,
    /// Ctrl-C: the process dies of the signal, so that a shell can tell.
    Interrupted,
    /// `sys.exit(code)`.
    Code(c_int),
}

/// Removes our mark from what Python copied of the environment when it started.
fn forget_mark(py: Python<'_>) -> PyResult<()> {
    let environment = py.import("posix")?.getattr("environ")?;
    environment.call_method1("pop", (mark::NAME.as_bytes(), py.None()))?;
    Ok(())
}

/// What the app says of its Python and CPython's own configuration has no field for.
fn settle(boot: &Bound<'_, PyModule>, config: &OxidizedPythonInterpreterConfig) -> PyResult<()> {
    let settings = &config.settings;
    if settings.is_default() {
        return Ok(());
    }
    let py = boot.py();
    let options = PyDict::new(py);
    options.set_item("frozen", settings.sys_frozen)?;
    if settings.sys_meipass {
        let folder = config.executable.join(APP);
        options.set_item("meipass", importer::path_string(py, &folder))?;
    }
    if settings.argvb {
        let bytes = |argument: &OsString| PyBytes::new(py, argument.as_bytes());
        options.set_item("argvb", PyList::new(py, config.argv.iter().map(bytes))?)?;
    }
    if let Some(method) = settings.multiprocessing_start_method {
        options.set_item("start_method", method.name())?;
    }
    if let Some(name) = &settings.write_modules_directory_env {
        options.set_item("modules_variable", name)?;
    }
    boot.call_method("settle", (), Some(&options)).map(|_| ())
}

fn run_entry_point(py: Python<'_>, manifest: &Manifest) -> PyResult<()> {
    match &manifest.entry {
        EntryPoint::Script { path } => run_script(py, path),
        EntryPoint::Module { name } => run_module(py, name, true),
        EntryPoint::Directory { .. } => run_module(py, "__main__", false),
        EntryPoint::Function { module, function } => run_function(py, module, function),
        EntryPoint::Command { code } => run_command(py, code),
        // The command line says what is run: `run_main`.
        EntryPoint::Python => Ok(()),
    }
}

/// `python path`: the script's code runs as `__main__`.
fn run_script(py: Python<'_>, path: &str) -> PyResult<()> {
    let Some(vfs) = vfs::mounted() else {
        return Ok(());
    };
    let full = importer::path_string(py, &vfs.root().join(path));
    let main = py.import("__main__")?;
    let loader = py
        .import("_pyxidium_boot")?
        .getattr("OxidizedLoader")?
        .call1(("__main__", &full))?;
    let code = match importer::code_at(py, vfs, path, &full)? {
        Some(code) => code,
        None => loader.call_method1("get_code", ("__main__",))?,
    };
    main.setattr("__file__", &full)?;
    main.setattr("__cached__", py.None())?;
    main.setattr("__loader__", loader)?;
    let globals = main.dict();
    // SAFETY: a code object and the module's own dictionary, both alive; the result is a new
    // reference, or NULL with an exception set.
    unsafe {
        let value = ffi::PyEval_EvalCode(code.as_ptr(), globals.as_ptr(), globals.as_ptr());
        Bound::from_owned_ptr_or_err(py, value).map(|_| ())
    }
}

/// What the scripts of installed packages do: the function's result is the exit code.
fn run_function(py: Python<'_>, module: &str, function: &str) -> PyResult<()> {
    let mut found = py.import(module)?.into_any();
    for name in function.split('.') {
        found = found.getattr(name)?;
    }
    let result = found.call0()?;
    if result.is_none() {
        return Ok(());
    }
    Err(PySystemExit::new_err((result.unbind(),)))
}

/// `python -c code`.
fn run_command(py: Python<'_>, code: &str) -> PyResult<()> {
    let code = CString::new(code)?;
    let globals = py.import("__main__")?.dict();
    py.run(&code, Some(&globals), None)
}

/// `python -m name`, or `python folder` for `__main__`.
fn run_module(py: Python<'_>, name: &str, alter_argv: bool) -> PyResult<()> {
    let run = py.import("runpy")?.getattr("_run_module_as_main")?;
    run.call1((PyString::new(py, name), alter_argv)).map(|_| ())
}

/// A shell tells an interrupted program from one that failed by the signal it died of.
fn die_of_interrupt() -> c_int {
    // SAFETY: plain system calls on the process itself.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    128 + libc::SIGINT
}

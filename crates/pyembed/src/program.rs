//! What this process was started to do: the payload in its executable, and who reads its command
//! line. The first thing that a runtime asks.

use std::{
    env,
    ffi::{CStr, OsString, c_int},
    path::{Path, PathBuf},
};

use packed_resources::{EntryPoint, Manifest, NativeLibraries, Payload};
use pyo3::ffi::PyObject;

use crate::{
    CommandLine, Error, MainPythonInterpreter, OxidizedPythonInterpreterConfig, argv,
    current_payload, env_vars, native, record, vfs,
};

/// An extension module that is linked into the executable: a crate's own, written with PyO3.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinModule {
    /// The name that Python imports.
    pub name: &'static CStr,
    /// What `#[pymodule]` made.
    pub init: unsafe extern "C" fn() -> *mut PyObject,
}

/// The [`BuiltinModule`] of a function marked `#[pymodule]`.
#[macro_export]
macro_rules! builtin_module {
    ($module:path) => {{
        use $module as module;
        $crate::BuiltinModule {
            name: module::__PYO3_NAME,
            init: module::__pyo3_init,
        }
    }};
}

/// What this process was started to do.
#[derive(Debug)]
pub struct Program {
    payload: Payload<'static>,
    manifest: Manifest,
    executable: PathBuf,
    argv: Vec<OsString>,
    command_line: CommandLine,
}

/// What is run instead of the app, without a window, for an argument that is not the app's.
fn answer_ourselves(manifest: &mut Manifest) {
    manifest.entry = EntryPoint::Function {
        module: "pyxidium._own".into(),
        function: "main".into(),
    };
    manifest.window = None;
    manifest.startup.clear();
}

impl Program {
    /// Finds the payload, makes its files visible and looks at the command line.
    ///
    /// To be called at the start of `main`, before there are other threads: it changes the
    /// environment.
    ///
    /// # Errors
    /// When nothing was sealed into this executable, or what was is damaged.
    pub fn of_process() -> Result<Self, Error> {
        Self::new(argv::recognise)
    }

    /// The same as Python's own command line: the program's name, then `arguments`.
    ///
    /// # Errors
    /// As for [`Self::of_process`].
    pub fn python(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        Self::new(|mut argv, _| {
            env_vars::mark::take();
            argv.truncate(1);
            argv.extend(arguments);
            (CommandLine::Python, argv)
        })
    }

    fn new(
        recognise: impl FnOnce(Vec<OsString>, Payload<'static>) -> (CommandLine, Vec<OsString>),
    ) -> Result<Self, Error> {
        let payload = current_payload()?.ok_or(Error::NoPayload)?;
        let mut manifest = payload.manifest()?;
        if let Some(file) = &manifest.record {
            record::start(file);
        }
        let executable = env::current_exe().map_err(Error::NoExecutablePath)?;
        vfs::mount(&executable, payload);
        let (mut command_line, argv) = recognise(env::args_os().collect(), payload);
        if manifest.entry == EntryPoint::Python {
            command_line = CommandLine::Python;
        }
        if let [_, argument] = &argv[..]
            && manifest
                .own_arguments
                .iter()
                .any(|own| argument == own.as_str())
        {
            answer_ourselves(&mut manifest);
            command_line = CommandLine::App;
        }
        env_vars::mark::leave();
        Ok(Self {
            payload,
            manifest,
            executable,
            argv,
            command_line,
        })
    }

    /// What the file says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What was sealed into the file.
    #[must_use]
    pub fn payload(&self) -> Payload<'static> {
        self.payload
    }

    /// Who reads the command line.
    #[must_use]
    pub fn command_line(&self) -> CommandLine {
        self.command_line
    }

    /// The path of the executable: below it the payload's files are visible.
    #[must_use]
    pub fn executable(&self) -> &Path {
        &self.executable
    }

    /// The folder that is to stand first in `sys.path`, instead of the one in the payload: for an
    /// app whose sources are on disk.
    pub fn add_source_folder(&mut self, folder: &str) {
        self.manifest.sys_path.insert(0, folder.to_owned());
    }

    /// Starts Python on this thread, which becomes Python's main thread, with `modules` built in.
    ///
    /// # Errors
    /// When the payload is damaged, or CPython refuses.
    pub fn start(&self, modules: &[BuiltinModule]) -> Result<MainPythonInterpreter, Error> {
        if self.manifest.native_libraries == NativeLibraries::Cache
            || env_vars::native_libraries_from_cache()
        {
            native::use_cache();
        }
        let interpreter = MainPythonInterpreter::new(&OxidizedPythonInterpreterConfig {
            payload: self.payload,
            executable: self.executable.clone(),
            argv: self.argv.clone(),
            command_line: self.command_line,
            sys_path: self.manifest.sys_path.clone(),
            settings: self.manifest.interpreter.clone(),
            modules: modules.to_vec(),
        })?;
        interpreter.run_startup_lines(&self.manifest.startup);
        Ok(interpreter)
    }

    /// Starts Python and does all that a program without a window does.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub fn run(&self, modules: &[BuiltinModule]) -> Result<c_int, Error> {
        let interpreter = self.start(modules)?;
        Ok(match self.command_line {
            CommandLine::App => interpreter.run_app(&self.manifest),
            CommandLine::Python => interpreter.run_main(),
        })
    }
}

//! How an interpreter is to be started, in Rust's terms; and that, in CPython's.
//!
//! The configuration is isolated: no environment variable of Python's, no user folder, no
//! `site`, no file of the machine's Python takes part.

use std::{
    ffi::{CString, OsString},
    mem::MaybeUninit,
    os::unix::ffi::OsStringExt,
    path::PathBuf,
};

use packed_resources::Payload;
use pyo3::ffi;

use crate::{BuiltinModule, Error};

/// Who reads the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// The app: all of it is `sys.argv`.
    App,
    /// Python: `-c`, `-m`, a script and the options before them.
    Python,
}

/// What an embedded interpreter needs to know before it starts.
pub struct OxidizedPythonInterpreterConfig {
    /// Modules and files; the standard library is among them.
    pub payload: Payload<'static>,
    /// The path below which the payload is visible: `sys.executable` and `sys.prefix`.
    pub executable: PathBuf,
    /// The command line, program name first.
    pub argv: Vec<OsString>,
    /// Who reads the command line.
    pub command_line: CommandLine,
    /// Folders of the payload for `sys.path`, in order; `""` is its root. An absolute path is a
    /// folder of the machine.
    pub sys_path: Vec<String>,
    /// Whether Ctrl-C becomes `KeyboardInterrupt`.
    pub install_signal_handlers: bool,
    /// Extension modules that are linked into the executable.
    pub modules: Vec<BuiltinModule>,
}

/// Where the standard library is in every payload.
pub(crate) const STDLIB: &str = "lib/python3.13";

/// Owns a `PyConfig` until CPython has read it.
pub(crate) struct CConfig(Box<ffi::PyConfig>);

impl CConfig {
    /// Translates `config`, and starts the parts of CPython that decode strings.
    pub(crate) fn new(config: &OxidizedPythonInterpreterConfig) -> Result<Self, Error> {
        // SAFETY: each structure is initialised by CPython's own function before it is used;
        // strings are NUL-terminated and copied by CPython.
        unsafe {
            let mut before = MaybeUninit::<ffi::PyPreConfig>::uninit();
            ffi::PyPreConfig_InitPythonConfig(before.as_mut_ptr());
            let mut before = before.assume_init();
            before.isolated = 1;
            before.use_environment = 0;
            before.parse_argv = 0;
            check(ffi::Py_PreInitialize(&raw const before))?;

            let mut raw = Box::new(MaybeUninit::<ffi::PyConfig>::uninit());
            ffi::PyConfig_InitIsolatedConfig(raw.as_mut_ptr());
            let mut this = Self(raw.assume_init());
            this.fill(config)?;
            Ok(this)
        }
    }

    /// # Safety
    /// CPython must be pre-initialised.
    unsafe fn fill(&mut self, config: &OxidizedPythonInterpreterConfig) -> Result<(), Error> {
        let raw = &mut *self.0;
        raw.parse_argv = (config.command_line == CommandLine::Python).into();
        raw.install_signal_handlers = config.install_signal_handlers.into();
        raw.site_import = 0;
        raw.user_site_directory = 0;
        raw.write_bytecode = 0;
        raw.pathconfig_warnings = 0;
        raw.safe_path = 1;
        raw.configure_c_stdio = 1;
        raw.use_frozen_modules = 1;
        raw.int_max_str_digits = -1;

        let root = config.executable.as_os_str().to_owned().into_vec();
        let below = |folder: &str| {
            if folder.starts_with('/') {
                return folder.as_bytes().to_vec();
            }
            let mut path = root.clone();
            if !folder.is_empty() {
                path.push(b'/');
                path.extend_from_slice(folder.as_bytes());
            }
            path
        };
        let pointer: *mut ffi::PyConfig = raw;
        // SAFETY: fields of one live structure; CPython frees and replaces what was there.
        unsafe {
            for field in [
                &raw mut (*pointer).program_name,
                // With a home CPython does not look for `pyvenv.cfg`, `app._pth` and the like
                // beside the executable, through which any neighbour could add to `sys.path`.
                &raw mut (*pointer).home,
                &raw mut (*pointer).executable,
                &raw mut (*pointer).base_executable,
                &raw mut (*pointer).prefix,
                &raw mut (*pointer).base_prefix,
                &raw mut (*pointer).exec_prefix,
                &raw mut (*pointer).base_exec_prefix,
            ] {
                set(pointer, field, below(""))?;
            }
            set(pointer, &raw mut (*pointer).stdlib_dir, below(STDLIB))?;
            set(pointer, &raw mut (*pointer).platlibdir, b"lib".to_vec())?;

            (*pointer).module_search_paths_set = 1;
            for folder in &config.sys_path {
                let path = c_string("a search path", below(folder))?;
                let wide = ffi::Py_DecodeLocale(path.as_ptr(), std::ptr::null_mut());
                if wide.is_null() {
                    return Err(Error::Nul {
                        what: "a search path",
                    });
                }
                let status =
                    ffi::PyWideStringList_Append(&raw mut (*pointer).module_search_paths, wide);
                ffi::PyMem_RawFree(wide.cast());
                check(status)?;
            }

            let argv = config
                .argv
                .iter()
                .map(|argument| c_string("an argument", argument.clone().into_vec()));
            let argv = argv.collect::<Result<Vec<_>, _>>()?;
            let mut pointers: Vec<*const std::ffi::c_char> =
                argv.iter().map(|argument| argument.as_ptr()).collect();
            check(ffi::PyConfig_SetBytesArgv(
                pointer,
                pointers.len() as ffi::Py_ssize_t,
                pointers.as_mut_ptr().cast(),
            ))
        }
    }

    /// Starts the interpreter.
    pub(crate) fn initialize(&mut self) -> Result<(), Error> {
        // SAFETY: a complete configuration; CPython is pre-initialised.
        check(unsafe { ffi::Py_InitializeFromConfig(&raw const *self.0) })
    }
}

impl Drop for CConfig {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, cleared once.
        unsafe { ffi::PyConfig_Clear(&raw mut *self.0) };
    }
}

/// # Safety
/// `field` must be a string field of `config`.
unsafe fn set(
    config: *mut ffi::PyConfig,
    field: *mut *mut libc::wchar_t,
    value: Vec<u8>,
) -> Result<(), Error> {
    let value = c_string("a path", value)?;
    // SAFETY: by the caller's promise; the value is copied.
    check(unsafe { ffi::PyConfig_SetBytesString(config, field.cast(), value.as_ptr()) })
}

fn c_string(what: &'static str, bytes: Vec<u8>) -> Result<CString, Error> {
    CString::new(bytes).map_err(|_| Error::Nul { what })
}

fn check(status: ffi::PyStatus) -> Result<(), Error> {
    // SAFETY: `PyStatus` is passed by value.
    if unsafe { ffi::PyStatus_Exception(status) } == 0 {
        return Ok(());
    }
    // A command line like `--help` ends CPython before it starts, with success.
    // SAFETY: as above.
    if unsafe { ffi::PyStatus_IsExit(status) } != 0 {
        std::process::exit(status.exitcode);
    }
    Err(Error::from_status(&status))
}

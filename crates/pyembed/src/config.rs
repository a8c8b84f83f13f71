//! How an interpreter is to be started, in Rust's terms; and that, in CPython's.
//!
//! The configuration is isolated: no environment variable of Python's, no user folder, no
//! `site`, no file of the machine's Python takes part.

use std::{
    ffi::{CString, OsString},
    mem::MaybeUninit,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

use packed_resources::{Allocator, CoerceCLocale, InterpreterSettings, Payload};
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
    /// What the app says of its Python.
    pub settings: InterpreterSettings,
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
            before.parse_argv = 0;
            prepare(&mut before, &config.settings);
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
        raw.site_import = 0;
        raw.user_site_directory = 0;
        raw.pathconfig_warnings = 0;
        raw.safe_path = 1;
        raw.use_frozen_modules = 1;
        raw.int_max_str_digits = -1;
        set_flags(raw, &config.settings);

        let root = config.executable.as_os_str().to_owned().into_vec();
        let below = |folder: &str| {
            if let Some(rest) = folder.strip_prefix(ORIGIN) {
                let origin = config.executable.parent().unwrap_or(Path::new("/"));
                let mut path = origin.as_os_str().to_owned().into_vec();
                path.extend_from_slice(rest.as_bytes());
                return path;
            }
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
            let settings = &config.settings;
            for folder in config.sys_path.iter().chain(&settings.module_search_paths) {
                let paths = &raw mut (*pointer).module_search_paths;
                append(paths, "a search path", below(folder))?;
            }
            for (list, options, what) in [
                (
                    &raw mut (*pointer).warnoptions,
                    &settings.warn_options,
                    "a warning option",
                ),
                (
                    &raw mut (*pointer).xoptions,
                    &settings.x_options,
                    "an -X option",
                ),
            ] {
                for option in options {
                    append(list, what, option.clone().into_bytes())?;
                }
            }
            for (field, value) in [
                (&raw mut (*pointer).stdio_encoding, &settings.stdio_encoding),
                (&raw mut (*pointer).stdio_errors, &settings.stdio_errors),
                (
                    &raw mut (*pointer).filesystem_encoding,
                    &settings.filesystem_encoding,
                ),
                (
                    &raw mut (*pointer).filesystem_errors,
                    &settings.filesystem_errors,
                ),
            ] {
                if let Some(value) = value {
                    set(pointer, field, value.clone().into_bytes())?;
                }
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

/// In a search path: the folder that the executable lies in.
const ORIGIN: &str = "$ORIGIN";

/// What the app says of the time before Python can decode a string.
fn prepare(before: &mut ffi::PyPreConfig, settings: &InterpreterSettings) {
    before.isolated = settings.isolated.into();
    before.use_environment = settings.use_environment.into();
    if settings.development_mode {
        before.dev_mode = 1;
    }
    let said = [
        (&mut before.utf8_mode, settings.utf8_mode.map(i32::from)),
        (
            &mut before.configure_locale,
            settings.configure_locale.map(i32::from),
        ),
        (
            &mut before.coerce_c_locale,
            settings.coerce_c_locale.map(|coerce| match coerce {
                CoerceCLocale::LcCtype => 1,
                CoerceCLocale::C => 2,
            }),
        ),
        (
            &mut before.coerce_c_locale_warn,
            settings.coerce_c_locale_warn.map(i32::from),
        ),
        // The numbers of `PyMemAllocatorName`.
        (
            &mut before.allocator,
            settings.allocator.map(|allocator| match allocator {
                Allocator::Default => 1,
                Allocator::Debug => 2,
                Allocator::Malloc => 3,
                Allocator::MallocDebug => 4,
                Allocator::Pymalloc => 5,
                Allocator::PymallocDebug => 6,
            }),
        ),
    ];
    for (field, value) in said {
        if let Some(value) = value {
            *field = value;
        }
    }
}

/// Everything that the app says with a number.
fn set_flags(raw: &mut ffi::PyConfig, settings: &InterpreterSettings) {
    raw.isolated = settings.isolated.into();
    raw.use_environment = settings.use_environment.into();
    raw.install_signal_handlers = settings.install_signal_handlers.into();
    raw.write_bytecode = settings.write_bytecode.into();
    raw.configure_c_stdio = settings.configure_c_stdio.into();
    raw.buffered_stdio = settings.buffered_stdio.into();
    raw.optimization_level = settings.optimization_level.into();
    raw.bytes_warning = settings.bytes_warning.into();
    raw.inspect = settings.inspect.into();
    raw.interactive = settings.interactive.into();
    raw.malloc_stats = settings.malloc_stats.into();
    raw.parser_debug = settings.parser_debug.into();
    raw.quiet = settings.quiet.into();
    raw.verbose = settings.verbose.into();
    if settings.development_mode {
        raw.dev_mode = 1;
    }
    if let Some(seed) = settings.hash_seed {
        raw.use_hash_seed = 1;
        raw.hash_seed = seed.into();
    }
    // An isolated CPython has these off; -1 lets an -X option or the environment decide.
    let by_option =
        settings.development_mode || settings.use_environment || !settings.x_options.is_empty();
    let undecided = if by_option { -1 } else { 0 };
    raw.faulthandler = if settings.fault_handler { 1 } else { undecided };
    raw.tracemalloc = match i32::try_from(settings.tracemalloc) {
        Ok(0) => undecided,
        frames => frames.unwrap_or(i32::MAX),
    };
    raw.perf_profiling = undecided;
    if settings.import_time {
        raw.import_time = 1;
    }
}

/// # Safety
/// `list` must be a list of a configuration that CPython has initialised.
unsafe fn append(
    list: *mut ffi::PyWideStringList,
    what: &'static str,
    value: Vec<u8>,
) -> Result<(), Error> {
    let value = c_string(what, value)?;
    // SAFETY: a NUL-terminated string; the list by the caller's promise, which copies what it is
    // given.
    unsafe {
        let wide = ffi::Py_DecodeLocale(value.as_ptr(), std::ptr::null_mut());
        if wide.is_null() {
            return Err(Error::Nul { what });
        }
        let status = ffi::PyWideStringList_Append(list, wide);
        ffi::PyMem_RawFree(wide.cast());
        check(status)
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

//! How CPython is to be started in a sealed file: plain data, as JSON in the [`Manifest`](crate::Manifest).
//!
//! Names are those of CPython's own start-up configuration. What a setting does is the runtime's
//! business; here stands what can be said, and what it is when nothing is said.

use serde::{Deserialize, Serialize};

/// How CPython is started. The default is what every app gets: isolated, UTF-8 as the machine says,
/// nothing read of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct InterpreterSettings {
    /// 0, 1 (no `assert`) or 2 (and no docstrings): of the bytecode inside, and what `sys.flags` says.
    pub optimization_level: u8,
    /// `sys.flags.isolated`. Paths, user folder and `site` stay out in any case.
    pub isolated: bool,
    /// Whether variables like `PYTHONUNBUFFERED` count. `PYTHONPATH` and `PYTHONHOME` never do.
    pub use_environment: bool,
    /// `-X dev`.
    pub development_mode: bool,
    /// `-X utf8`; nothing said leaves it to the machine's locale.
    pub utf8_mode: Option<bool>,
    /// Whether the machine's locale is set at start.
    pub configure_locale: Option<bool>,
    /// Whether the locale `C` becomes one with UTF-8.
    pub coerce_c_locale: Option<CoerceCLocale>,
    /// Whether that is said.
    pub coerce_c_locale_warn: Option<bool>,
    /// Where Python's objects get their memory.
    pub allocator: Option<Allocator>,
    /// `-b`: 0, 1 (warn) or 2 (raise).
    pub bytes_warning: u8,
    /// Whether standard output and error are buffered; `-u` is `false`.
    pub buffered_stdio: bool,
    /// Whether C's own streams are set up like Python's.
    pub configure_c_stdio: bool,
    /// Encoding of the standard streams.
    pub stdio_encoding: Option<String>,
    /// What happens to what it cannot express, as `backslashreplace`.
    pub stdio_errors: Option<String>,
    /// Encoding of file names.
    pub filesystem_encoding: Option<String>,
    /// What happens to what it cannot express.
    pub filesystem_errors: Option<String>,
    /// `-X faulthandler`.
    pub fault_handler: bool,
    /// A fixed seed of `hash()`; nothing said is a new one at every start.
    pub hash_seed: Option<u32>,
    /// `-X importtime`.
    pub import_time: bool,
    /// `-i`: for a file that is a Python command line.
    pub inspect: bool,
    /// `sys.flags.interactive`.
    pub interactive: bool,
    /// Whether Ctrl-C becomes `KeyboardInterrupt`.
    pub install_signal_handlers: bool,
    /// Whether the memory allocator's figures are printed at the end.
    pub malloc_stats: bool,
    /// `-d`.
    pub parser_debug: bool,
    /// `-q`.
    pub quiet: bool,
    /// `-v`, as often.
    pub verbose: u8,
    /// `-X tracemalloc`: how many frames; 0 is off.
    pub tracemalloc: u32,
    /// `-W`, one each.
    pub warn_options: Vec<String>,
    /// `-X`, one each: `name` or `name=value`.
    pub x_options: Vec<String>,
    /// Whether bytecode of modules on disk is kept beside them.
    pub write_bytecode: bool,
    /// Folders of the machine that `sys.path` ends with; `$ORIGIN` is the executable's folder.
    pub module_search_paths: Vec<String>,
    /// Whether `sys.argvb` has the command line as bytes.
    pub argvb: bool,
    /// Whether `sys.frozen` is `True`; else there is none.
    pub sys_frozen: bool,
    /// Whether `sys._MEIPASS` names the folder of the app's files, as PyInstaller's programs expect.
    pub sys_meipass: bool,
    /// How `multiprocessing` starts processes, where the app itself does not say.
    pub multiprocessing_start_method: Option<StartMethod>,
    /// The environment variable that names a folder for a list of the modules that were loaded, if it
    /// is set when the app runs.
    pub write_modules_directory_env: Option<String>,
}

impl Default for InterpreterSettings {
    fn default() -> Self {
        Self {
            optimization_level: 0,
            isolated: true,
            use_environment: false,
            development_mode: false,
            utf8_mode: None,
            configure_locale: None,
            coerce_c_locale: None,
            coerce_c_locale_warn: None,
            allocator: None,
            bytes_warning: 0,
            buffered_stdio: true,
            configure_c_stdio: true,
            stdio_encoding: None,
            stdio_errors: None,
            filesystem_encoding: None,
            filesystem_errors: None,
            fault_handler: false,
            hash_seed: None,
            import_time: false,
            inspect: false,
            interactive: false,
            install_signal_handlers: true,
            malloc_stats: false,
            parser_debug: false,
            quiet: false,
            verbose: 0,
            tracemalloc: 0,
            warn_options: Vec::new(),
            x_options: Vec::new(),
            write_bytecode: false,
            module_search_paths: Vec::new(),
            argvb: false,
            sys_frozen: true,
            sys_meipass: false,
            multiprocessing_start_method: None,
            write_modules_directory_env: None,
        }
    }
}

impl InterpreterSettings {
    /// The names of all settings, as they are written in JSON and TOML.
    pub const KEYS: [&'static str; 36] = [
        "optimization-level",
        "isolated",
        "use-environment",
        "development-mode",
        "utf8-mode",
        "configure-locale",
        "coerce-c-locale",
        "coerce-c-locale-warn",
        "allocator",
        "bytes-warning",
        "buffered-stdio",
        "configure-c-stdio",
        "stdio-encoding",
        "stdio-errors",
        "filesystem-encoding",
        "filesystem-errors",
        "fault-handler",
        "hash-seed",
        "import-time",
        "inspect",
        "interactive",
        "install-signal-handlers",
        "malloc-stats",
        "parser-debug",
        "quiet",
        "verbose",
        "tracemalloc",
        "warn-options",
        "x-options",
        "write-bytecode",
        "module-search-paths",
        "argvb",
        "sys-frozen",
        "sys-meipass",
        "multiprocessing-start-method",
        "write-modules-directory-env",
    ];

    /// Whether nothing was said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of the locale `C`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoerceCLocale {
    /// `LC_CTYPE` decides.
    LcCtype,
    /// It is replaced.
    C,
}

/// Where Python's objects get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allocator {
    /// As CPython chooses.
    Default,
    /// That, with checks.
    Debug,
    /// libc's.
    Malloc,
    /// That, with checks.
    MallocDebug,
    /// CPython's own for small objects.
    Pymalloc,
    /// That, with checks.
    PymallocDebug,
}

/// How `multiprocessing` starts a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartMethod {
    /// A copy of this process.
    Fork,
    /// A copy of one that was started early.
    Forkserver,
    /// A new one.
    Spawn,
}

impl StartMethod {
    /// As Python spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Forkserver => "forkserver",
            Self::Spawn => "spawn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_all_and_no_others() {
        let json = serde_json::to_value(InterpreterSettings::default()).unwrap();
        let mut names: Vec<_> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut keys = InterpreterSettings::KEYS.to_vec();
        names.sort_unstable();
        keys.sort_unstable();
        assert_eq!(names, keys);
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        let read: InterpreterSettings = serde_json::from_str("{}").unwrap();
        assert!(read.is_default());
        let read: InterpreterSettings =
            serde_json::from_str(r#"{"optimization-level": 2, "allocator": "malloc-debug"}"#)
                .unwrap();
        assert_eq!(read.optimization_level, 2);
        assert_eq!(read.allocator, Some(Allocator::MallocDebug));
        assert!(read.isolated && read.sys_frozen && !read.is_default());
    }
}

//! `PythonInterpreterConfig`: what is run, and how CPython is started. What has no meaning for a sealed file
//! is accepted and explained.

use starlark::environment::MethodsBuilder;
use starlark::starlark_module;

use crate::bzl::bag::{Attr, Bag, Default as D, Kind};
use crate::bzl::datum::Datum;
use crate::bzl::object::object;
use crate::{Allocator, CoerceCLocale, InterpreterSettings, StartMethod};

const MEMORY: &str =
    "Python's own allocator is used, its arenas in huge pages, which is what a custom one was for";
const PREFIX: &str =
    "the executable's own path is the prefix; the payload is laid out below it like any CPython";
const ISOLATED: &str = "a sealed file never looks for modules, settings or packages of the machine";

fn says(value: &Datum, what: bool, text: &'static str) -> Option<&'static str> {
    (*value == Datum::Bool(what)).then_some(text)
}

const TABLE: &[Attr] = &[
    // Of pyembed.
    Attr::with(
        "allocator_backend",
        Kind::OneOf(&["default", "jemalloc", "mimalloc", "rust", "snmalloc"]),
        D::Text("default"),
    )
    .note(|v| v.text().is_some_and(|t| t != "default").then_some(MEMORY)),
    Attr::with("allocator_raw", Kind::Bool, D::Bool(true)),
    Attr::with("allocator_mem", Kind::Bool, D::Bool(false)).note(|v| says(v, true, MEMORY)),
    Attr::with("allocator_obj", Kind::Bool, D::Bool(false)).note(|v| says(v, true, MEMORY)),
    Attr::with("allocator_pymalloc_arena", Kind::Bool, D::Bool(false))
        .note(|v| says(v, true, MEMORY)),
    Attr::with("allocator_debug", Kind::Bool, D::Bool(false)),
    Attr::with("oxidized_importer", Kind::Bool, D::Bool(true)).note(|v| {
        says(v, false, "modules of the file are imported from its payload all the same; for Python's own importers \
             they look like files, too. `import oxidized_importer` finds nothing")
    }),
    Attr::with("filesystem_importer", Kind::Bool, D::Bool(false)),
    Attr::with("argvb", Kind::Bool, D::Bool(false)),
    Attr::with("multiprocessing_auto_dispatch", Kind::Bool, D::Bool(true)).note(|v| {
        says(v, false, "processes that `multiprocessing` starts are always recognised, and nobody else's are")
    }),
    Attr::with(
        "multiprocessing_start_method",
        Kind::OneOf(&["auto", "none", "fork", "forkserver", "spawn"]),
        D::Text("auto"),
    ),
    Attr::with("sys_frozen", Kind::Bool, D::Bool(false)),
    Attr::with("sys_meipass", Kind::Bool, D::Bool(false)),
    Attr::with("terminfo_resolution", Kind::OneOf(&["dynamic", "none", "static:"]), D::Text("dynamic"))
        .note(|v| {
            v.text().is_some_and(|t| t.starts_with("static:")).then_some(
                "the machine's terminal database is found by itself; for another one set TERMINFO_DIRS in the app \
                 before `import curses`",
            )
        }),
    Attr::optional("write_modules_directory_env", Kind::Text),
    // Of PyPreConfig.
    Attr::with("config_profile", Kind::OneOf(&["isolated", "python"]), D::Text("isolated")),
    Attr::optional(
        "allocator",
        Kind::OneOf(&[
            "not-set", "default", "debug", "malloc", "malloc-debug", "py-malloc", "py-malloc-debug",
        ]),
    ),
    Attr::optional("configure_locale", Kind::Bool),
    Attr::optional("coerce_c_locale", Kind::OneOf(&["LC_CTYPE", "C"])),
    Attr::optional("coerce_c_locale_warn", Kind::Bool),
    Attr::optional("development_mode", Kind::Bool),
    Attr::optional("isolated", Kind::Bool),
    Attr::optional("legacy_windows_fs_encoding", Kind::Bool)
        .note(|v| says(v, true, "it has a meaning on Windows only")),
    Attr::optional("parse_argv", Kind::Bool),
    Attr::optional("use_environment", Kind::Bool),
    Attr::optional("utf8_mode", Kind::Bool),
    // Of PyConfig.
    Attr::optional("base_exec_prefix", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("base_executable", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("base_prefix", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("buffered_stdio", Kind::Bool),
    Attr::optional("bytes_warning", Kind::OneOf(&["none", "warn", "raise"])),
    Attr::optional("check_hash_pycs_mode", Kind::OneOf(&["always", "never", "default"])).note(|v| {
        v.text().map(|_| "bytecode of the file is covered by a hash of its own, checked before it is used")
    }),
    Attr::optional("configure_c_stdio", Kind::Bool),
    Attr::optional("dump_refs", Kind::Bool)
        .note(|v| says(v, true, "it needs a debug build of CPython, which sealed files do not have")),
    Attr::optional("exec_prefix", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("executable", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("fault_handler", Kind::Bool),
    Attr::optional("filesystem_encoding", Kind::Text),
    Attr::optional("filesystem_errors", Kind::Text),
    Attr::optional("hash_seed", Kind::Int),
    Attr::optional("home", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("import_time", Kind::Bool),
    Attr::optional("inspect", Kind::Bool),
    Attr::optional("install_signal_handlers", Kind::Bool),
    Attr::optional("interactive", Kind::Bool),
    Attr::optional("legacy_windows_stdio", Kind::Bool)
        .note(|v| says(v, true, "it has a meaning on Windows only")),
    Attr::optional("malloc_stats", Kind::Bool),
    Attr::optional("module_search_paths", Kind::Texts),
    Attr::optional("optimization_level", Kind::Level(&[0, 1, 2])),
    Attr::optional("parser_debug", Kind::Bool),
    Attr::optional("pathconfig_warnings", Kind::Bool)
        .note(|v| says(v, true, "no path is searched for, so there is nothing to warn of")),
    Attr::optional("prefix", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("program_name", Kind::Text).note(|v| v.text().map(|_| PREFIX)),
    Attr::optional("pycache_prefix", Kind::Text).note(|v| {
        v.text().map(|_| "modules of the file are compiled already; for those of `module_search_paths` set \
             sys.pycache_prefix in the app")
    }),
    Attr::optional("python_path_env", Kind::Text).note(|v| v.text().map(|_| ISOLATED)),
    Attr::optional("quiet", Kind::Bool),
    Attr::optional("run_command", Kind::Text),
    Attr::optional("run_filename", Kind::Text),
    Attr::optional("run_module", Kind::Text),
    Attr::optional("show_ref_count", Kind::Bool)
        .note(|v| says(v, true, "it needs a debug build of CPython, which sealed files do not have")),
    Attr::optional("site_import", Kind::Bool).note(|v| says(v, true, ISOLATED)),
    Attr::optional("skip_first_source_line", Kind::Bool)
        .note(|v| says(v, true, "scripts are compiled when they are sealed; a first line `#!...` is a comment")),
    Attr::optional("stdio_encoding", Kind::Text),
    Attr::optional("stdio_errors", Kind::Text),
    Attr::optional("tracemalloc", Kind::Any),
    Attr::optional("user_site_directory", Kind::Bool).note(|v| says(v, true, ISOLATED)),
    Attr::optional("verbose", Kind::Any),
    Attr::optional("warn_options", Kind::Texts),
    Attr::optional("write_bytecode", Kind::Bool),
    Attr::optional("x_options", Kind::Texts),
];

object!(Config, "PythonInterpreterConfig", (), TABLE, methods);

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {}

impl Config {
    pub(in crate::bzl) fn new() -> Self {
        Self::with(())
    }

    /// Whether the recipe asks for the module `oxidized_importer`, or against it.
    pub(in crate::bzl) fn oxidized_importer(&self) -> Option<bool> {
        match self.0.get().bag.given("oxidized_importer") {
            Some((Datum::Bool(value), _)) => Some(*value),
            _ => None,
        }
    }

    /// What the attributes come to.
    pub(in crate::bzl) fn settings(&self) -> InterpreterSettings {
        settings(&self.0.get().bag)
    }
}

fn settings(bag: &Bag) -> InterpreterSettings {
    let truth = |name: &str| match bag.given(name) {
        Some((Datum::Bool(value), _)) => Some(*value),
        _ => None,
    };
    let text = |name: &str| {
        bag.given(name)
            .and_then(|(d, _)| d.text())
            .map(str::to_owned)
    };
    let texts = |name: &str| {
        bag.given(name)
            .and_then(|(d, _)| d.texts())
            .unwrap_or_default()
    };
    let count = |name: &str| match bag.given(name) {
        Some((Datum::Bool(value), _)) => Some(i64::from(*value)),
        Some((Datum::Int(value), _)) => Some(*value),
        _ => None,
    };
    let base = InterpreterSettings::default();
    let python = text("config_profile").as_deref() == Some("python");
    let debug = truth("allocator_debug") == Some(true);
    InterpreterSettings {
        optimization_level: count("optimization_level").map_or(base.optimization_level, small),
        isolated: truth("isolated").unwrap_or(base.isolated && !python),
        use_environment: truth("use_environment").unwrap_or(base.use_environment || python),
        development_mode: truth("development_mode").unwrap_or(base.development_mode),
        utf8_mode: truth("utf8_mode"),
        configure_locale: truth("configure_locale"),
        coerce_c_locale: text("coerce_c_locale").map(|t| match t.as_str() {
            "C" => CoerceCLocale::C,
            _ => CoerceCLocale::LcCtype,
        }),
        coerce_c_locale_warn: truth("coerce_c_locale_warn"),
        allocator: match text("allocator").as_deref() {
            Some("debug") => Some(Allocator::Debug),
            Some("malloc") => Some(Allocator::Malloc),
            Some("malloc-debug") => Some(Allocator::MallocDebug),
            Some("py-malloc") => Some(Allocator::Pymalloc),
            Some("py-malloc-debug") => Some(Allocator::PymallocDebug),
            _ if debug => Some(Allocator::Debug),
            _ => base.allocator,
        },
        bytes_warning: match text("bytes_warning").as_deref() {
            Some("warn") => 1,
            Some("raise") => 2,
            _ => 0,
        },
        buffered_stdio: truth("buffered_stdio").unwrap_or(base.buffered_stdio),
        configure_c_stdio: truth("configure_c_stdio").unwrap_or(base.configure_c_stdio),
        stdio_encoding: text("stdio_encoding"),
        stdio_errors: text("stdio_errors"),
        filesystem_encoding: text("filesystem_encoding"),
        filesystem_errors: text("filesystem_errors"),
        fault_handler: truth("fault_handler").unwrap_or(base.fault_handler),
        hash_seed: count("hash_seed").and_then(|n| u32::try_from(n).ok()),
        import_time: truth("import_time").unwrap_or(base.import_time),
        inspect: truth("inspect").unwrap_or(base.inspect),
        interactive: truth("interactive").unwrap_or(base.interactive),
        install_signal_handlers: truth("install_signal_handlers")
            .unwrap_or(base.install_signal_handlers),
        malloc_stats: truth("malloc_stats").unwrap_or(base.malloc_stats),
        parser_debug: truth("parser_debug").unwrap_or(base.parser_debug),
        quiet: truth("quiet").unwrap_or(base.quiet),
        verbose: count("verbose").map_or(base.verbose, small),
        tracemalloc: count("tracemalloc")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(base.tracemalloc),
        warn_options: texts("warn_options"),
        x_options: texts("x_options"),
        write_bytecode: truth("write_bytecode").unwrap_or(base.write_bytecode),
        module_search_paths: texts("module_search_paths"),
        argvb: truth("argvb").unwrap_or(base.argvb),
        sys_frozen: truth("sys_frozen").unwrap_or(base.sys_frozen),
        sys_meipass: truth("sys_meipass").unwrap_or(base.sys_meipass),
        multiprocessing_start_method: match text("multiprocessing_start_method").as_deref() {
            Some("fork") => Some(StartMethod::Fork),
            Some("forkserver") => Some(StartMethod::Forkserver),
            Some("spawn") => Some(StartMethod::Spawn),
            _ => base.multiprocessing_start_method,
        },
        write_modules_directory_env: text("write_modules_directory_env"),
    }
}

fn small(number: i64) -> u8 {
    u8::try_from(number.max(0)).unwrap_or(u8::MAX)
}

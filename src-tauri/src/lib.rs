//! The window runtime: a Tauri shell around an embedded Python.
//!
//! One prebuilt executable serves all apps: what makes a window this app's window, its page
//! included, is in the payload. Tauri has the process's main thread, as desktops ask; Python starts
//! at the same moment on a thread of its own (`python`). The page's calls go to `bridge` as bytes
//! (`ipc`); the desktop's dialogs, menus and the like are offered to Python, never to the page
//! (`native`).
//!
//! Nothing here knows what a command is or how a payload is laid out.

mod assets;
mod context;
mod dev;
mod drop;
mod error;
mod failure;
mod instance;
mod ipc;
mod mailbox;
mod native;
mod plugins;
mod python;
mod shell;
mod webkit;
mod windows;

use std::process::ExitCode;

use pyembed::{BuiltinModule, CommandLine, Program, builtin_module};

pub use error::Error;

/// A runtime: the one that Pyxidium carries, or an author's with modules of their own.
#[derive(Debug, Default)]
pub struct Runtime {
    modules: Vec<BuiltinModule>,
}

impl Runtime {
    /// A runtime without modules of an author's own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a PyO3 module importable: `Runtime::new().module(builtin_module!(my_module))`.
    #[must_use]
    pub fn module(mut self, module: BuiltinModule) -> Self {
        self.modules.push(module);
        self
    }

    /// Runs the app that was sealed into this executable, until its windows are closed.
    ///
    /// To be called first in `main`: it changes the environment of the process.
    pub fn run(mut self) -> ExitCode {
        self.modules.push(builtin_module!(bridge::native_module));
        let program = match Program::of_process() {
            Ok(program) => program,
            Err(error) => return shell::show_failure(error),
        };
        // A worker process of the app (multiprocessing, `-m`), or an app without a window: there
        // `px.window` and its like find no native half, and have no effect.
        let window = program.manifest().window.clone();
        let (Some(window), CommandLine::App) = (window, program.command_line()) else {
            return pyembed::exit_code(program.run(&self.modules));
        };
        self.modules.push(builtin_module!(native::native_module));
        shell::run(program, window, self.modules)
    }
}

//! CPython inside a Rust process: configuration, start-up, files and modules from memory.
//!
//! An executable that was sealed by Pyxidium holds a payload (crate `packed-resources`). This
//! crate finds it in memory ([`current_payload`]), makes its files visible below the executable's
//! path (`vfs`), starts an interpreter ([`MainPythonInterpreter`]) whose importer (`importer`)
//! takes modules from it and whose shared libraries (`native`) are loaded from it, and runs the
//! app: [`run_console`] all of it, [`Program`] in steps for a runtime that has a window.
//!
//! This is the only crate that makes `unsafe` calls into CPython and the dynamic loader. It knows
//! nothing of windows, of commands that a page may call, or of how a payload is made. It reads no
//! file of the machine's Python.

mod arena;
mod argv;
pub mod cancel;
mod config;
mod env_vars;
mod error;
mod frozen;
mod importer;
mod interpreter;
mod libm;
mod native;
mod own;
mod program;
mod record;
mod report;
mod run;
mod vfs;

pub use config::{CommandLine, OxidizedPythonInterpreterConfig};
pub use error::Error;
pub use interpreter::{Exit, MainPythonInterpreter};
pub use own::current_payload;
pub use program::{BuiltinModule, Program};
pub use run::{CANNOT_START, exit_code, run_console, run_python};

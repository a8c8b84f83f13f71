//! The whole life of a console app: payload, command line, interpreter, exit code.

use std::{
    ffi::{OsString, c_int},
    process::ExitCode,
};

use crate::{Error, Program, report};

/// Exit code of a runtime that could not start the app; the app's own codes are its own.
pub const CANNOT_START: u8 = 125;

/// Runs the application that was sealed into this executable.
pub fn run_console() -> ExitCode {
    exit_code(Program::of_process().and_then(|program| program.run(&[])))
}

/// Acts as the `python` command with this executable's own payload. `arguments` are those after
/// the program's name.
pub fn run_python(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    exit_code(Program::python(arguments).and_then(|program| program.run(&[])))
}

/// The exit code of a finished program; why it could not start goes to standard error.
pub fn exit_code(outcome: Result<c_int, Error>) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from((code & 0xff) as u8),
        Err(error) => {
            report::start_error(&error);
            ExitCode::from(CANNOT_START)
        }
    }
}

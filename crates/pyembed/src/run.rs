//! The whole life of a console app: payload, command line, interpreter, exit code.

use std::{env, ffi::OsString, path::PathBuf, process::ExitCode};

use packed_resources::{Manifest, NativeLibraries, Payload};

use crate::{
    CommandLine, Error, MainPythonInterpreter, OxidizedPythonInterpreterConfig, argv,
    current_payload, env_vars, native, report, vfs,
};

/// Exit code of a runtime that could not start the app; the app's own codes are its own.
const CANNOT_START: u8 = 125;

/// Runs the application that was sealed into this executable.
pub fn run_console() -> ExitCode {
    finish(console())
}

/// Acts as the `python` command with this executable's own payload. `arguments` are those after
/// the program's name.
pub fn run_python(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    finish(python(arguments.into_iter().collect()))
}

fn console() -> Result<i32, Error> {
    let payload = current_payload()?.ok_or(Error::NoPayload)?;
    let manifest = payload.manifest()?;
    let executable = executable()?;
    vfs::mount(&executable, payload);
    let (command_line, argv) = argv::recognise(env::args_os().collect(), payload);
    let interpreter = start(payload, &manifest, executable, argv, command_line)?;
    Ok(match command_line {
        CommandLine::App => interpreter.run_app(&manifest),
        CommandLine::Python => interpreter.run_main(),
    })
}

fn python(arguments: Vec<OsString>) -> Result<i32, Error> {
    let payload = current_payload()?.ok_or(Error::NoPayload)?;
    let manifest = payload.manifest()?;
    let executable = executable()?;
    env_vars::mark::take();
    let mut argv = vec![executable.clone().into_os_string()];
    argv.extend(arguments);
    start(payload, &manifest, executable, argv, CommandLine::Python)
        .map(MainPythonInterpreter::run_main)
}

fn start(
    payload: Payload<'static>,
    manifest: &Manifest,
    executable: PathBuf,
    argv: Vec<OsString>,
    command_line: CommandLine,
) -> Result<MainPythonInterpreter, Error> {
    if manifest.native_libraries == NativeLibraries::Cache
        || env_vars::native_libraries_from_cache()
    {
        native::use_cache();
    }
    let interpreter = MainPythonInterpreter::new(&OxidizedPythonInterpreterConfig {
        payload,
        executable,
        argv,
        command_line,
        sys_path: manifest.sys_path.clone(),
        install_signal_handlers: true,
    })?;
    env_vars::mark::leave();
    interpreter.run_startup_lines(&manifest.startup);
    Ok(interpreter)
}

/// The path of this executable's file.
fn executable() -> Result<PathBuf, Error> {
    env::current_exe().map_err(Error::NoExecutablePath)
}

fn finish(outcome: Result<i32, Error>) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from((code & 0xff) as u8),
        Err(error) => {
            report::start_error(&error);
            ExitCode::from(CANNOT_START)
        }
    }
}

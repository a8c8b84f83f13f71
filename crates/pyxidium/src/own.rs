//! This executable's own payload and the Python in it: the one door to `pyembed`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use packager::FrozenSource;
use packed_resources::Payload;

use crate::Error;

/// The module that pyembed runs first, frozen into every payload.
pub(crate) const FROZEN: [FrozenSource<'static>; 1] = [FrozenSource {
    name: "_pyxidium_boot",
    source: include_str!("../../pyembed/python/boot.py"),
}];

/// The payload that this executable was sealed with.
pub(crate) fn payload() -> Result<Payload<'static>, Error> {
    pyembed::current_payload()
        .map_err(Error::Own)?
        .ok_or(Error::NotSealed)
}

/// Acts as the `python` command.
pub(crate) fn python(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    pyembed::run_python(arguments)
}

/// Acts as the `python` command if a Python of ours started this process as that: `sys.executable` is
/// this file, and `multiprocessing` starts it.
pub(crate) fn python_of_its_own() -> Option<ExitCode> {
    let program = pyembed::Program::of_process().ok()?;
    let python = program.command_line() == pyembed::CommandLine::Python;
    python.then(|| pyembed::exit_code(program.run(&[])))
}

/// This executable.
pub(crate) fn program() -> Result<PathBuf, Error> {
    std::env::current_exe().map_err(Error::NoProgram)
}

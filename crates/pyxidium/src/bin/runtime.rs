//! The console runtime: what every sealed console app is a copy of, plus its payload.
//!
//! It holds CPython, the importer and nothing else: no packager, no recipe language, no pip.

use std::process::ExitCode;

fn main() -> ExitCode {
    pyembed::run_console()
}

//! The command line's executable: calls the library and hands on its exit code. No more.

use std::process::ExitCode;

fn main() -> ExitCode {
    pyxidium_cli::main(std::env::args_os().collect())
}

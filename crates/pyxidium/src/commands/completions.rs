//! `pyxidium completions`: a script for the user's shell.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::printer::Printer;

pub(crate) fn run(args: &CompletionsArgs, printer: &Printer) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pyxidium", &mut script);
    printer.out(String::from_utf8_lossy(&script).trim_end());
}

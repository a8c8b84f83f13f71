//! `cargo xtask`: the one door to every developer command.
//!
//! This room may not depend on anything that needs a system library, nor on another crate of the
//! workspace: it is what installs and builds what they need. One command, one file.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod components;
mod display;
mod dist;
mod error;
mod fuzz;
mod inputs;
mod package;
mod page;
mod printer;
mod process;
mod python;
mod run;
mod studio;
mod system;
mod test;
mod venv;
mod workspace;

use error::Result;
use printer::Printer;
use workspace::Workspace;

/// Developer commands of Pyxidium.
#[derive(Parser)]
#[command(name = "cargo xtask", version, disable_help_subcommand = true)]
struct Cli {
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, run the sealed examples, open Pyxidium Studio
    Run(run::Args),
    /// Everything the tests need, then all tests and checks
    Test(test::Args),
    /// Build dist/pyxidium, the command line as one sealed file, and dist/pyxidium-studio
    Dist {
        #[command(flatten)]
        args: dist::Args,
        /// Also what systems install of Studio: dist/packages with its .deb and its .rpm
        #[arg(long)]
        packages: bool,
    },
    /// Compare with the peers, side by side; writes bench/results.json
    Bench(bench::Args),
    /// Build CPython (once: it is cached outside the checkout) and link it to target/cpython
    Python(python::Args),
    /// Install the system packages that the builds need
    System,
    /// Fuzz the payload reader (needs a nightly toolchain and cargo-fuzz), or random kernels
    Fuzz(fuzz::Args),
}

/// What every command is given.
struct Context {
    workspace: Workspace,
    printer: Printer,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(cli.quiet);
    let outcome = Workspace::find().and_then(|workspace| {
        let context = Context {
            workspace,
            printer: printer.clone(),
        };
        dispatch(&context, &cli.command)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Run(args) => run::run(context, args),
        Command::Test(args) => test::run(context, args),
        Command::Dist { args, packages } => {
            let dist = dist::run(context, args)?;
            studio::seal(context, &dist)?;
            if *packages {
                studio::packages(context, &dist)?;
            }
            Ok(())
        }
        Command::Bench(args) => {
            let dist = dist::run(context, &dist::Args::default())?;
            bench::run(context, &dist, args)
        }
        Command::Python(args) => python::run(context, args).map(drop),
        Command::System => system::run(context).map(drop),
        Command::Fuzz(args) => fuzz::run(context, args),
    }
}

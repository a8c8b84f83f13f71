//! The command line: arguments in, printed lines and an exit code out.
//!
//! What a command does is the packager's and pyembed's business; here it is asked for and shown.
//! Only [`printer`] writes to the terminal.

mod cli;
mod commands;
mod env_vars;
mod error;
mod human;
mod own;
mod printer;
mod report;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use error::Error;
use printer::Printer;

/// This version of Pyxidium.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a command line, the program's name first.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    // Python reads its own arguments: not one of them may be taken for one of ours.
    if arguments.get(1).is_some_and(|a| a == "python") {
        return own::python(arguments.into_iter().skip(2));
    }
    let option = |a: &OsString| a.as_encoded_bytes().starts_with(b"-");
    if arguments.get(1).is_some_and(option)
        && let Some(code) = own::python_of_its_own()
    {
        return code;
    }
    let cli = match Cli::try_parse_from(cli::spelled_out(arguments)) {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors and go to stdout; clap knows which is which.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let printer = Printer::new(&cli.global);
    let result = match cli.command {
        Command::Python { arguments } => return own::python(arguments),
        command => run(&command, &printer),
    };
    match result {
        Ok(code) => code,
        Err(e) => {
            report::show(&e, &printer);
            ExitCode::from(e.exit_code())
        }
    }
}

fn run(command: &Command, printer: &Printer) -> Result<ExitCode, Error> {
    match command {
        Command::New(args) => commands::new::run(args, printer),
        // The app's own exit code.
        Command::Dev(args) => return commands::dev::run(args, printer),
        Command::Build(args) => commands::build::run(args, printer),
        Command::Targets(args) => commands::targets::run(args, printer),
        Command::Import(args) => commands::import::run(args, printer),
        Command::Types(args) => commands::types::run(args, printer),
        // The app's own exit code, as well.
        Command::Record(args) => return commands::record::run(args, printer),
        Command::Profile(args) => return commands::profile::run(args, printer),
        Command::Inspect(args) => commands::inspect::run(args, printer),
        Command::Check(args) => commands::check::run(args, printer),
        Command::Verify(args) => commands::verify::run(args, printer),
        Command::Bundle(args) => commands::bundle::run(args, printer),
        Command::UpdateManifest(args) => commands::update_manifest::run(args, printer),
        Command::Sbom(args) => commands::sbom::run(args, printer),
        Command::Licenses(args) => commands::licenses::run(args, printer),
        Command::Keygen(args) => commands::keygen::run(args, printer),
        Command::Sign(args) => commands::sign::run(args, printer),
        Command::SelfSeal(args) => commands::self_seal::run(args, printer),
        Command::Schema(args) => commands::schema::run(args, printer),
        Command::Completions(args) => {
            commands::completions::run(args, printer);
            Ok(())
        }
        // Python's exit code is its own; `main` hands it on.
        Command::Python { .. } => Ok(()),
    }
    .map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn python_gets_its_arguments_as_they_are() {
        let cli =
            Cli::try_parse_from(["pyxidium", "-v", "python", "-m", "pip", "--help", "-V"]).unwrap();
        let Command::Python { arguments } = cli.command else {
            panic!("{cli:?}")
        };
        assert_eq!(arguments, ["-m", "pip", "--help", "-V"]);
    }

    #[test]
    fn a_v_is_a_variable_where_one_follows() {
        let parse = |words: &[&str]| {
            let words = words.iter().map(Into::into).collect();
            Cli::try_parse_from(cli::spelled_out(words)).unwrap()
        };
        let cli = parse(&[
            "pyxidium",
            "build",
            "-v",
            "release=1",
            "-v",
            "x.bzl",
            "-v",
            "a=",
        ]);
        let Command::Build(args) = &cli.command else {
            panic!("{cli:?}")
        };
        assert!(cli.global.verbose);
        assert_eq!(args.path.as_deref(), Some("x.bzl".as_ref()));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            args.recipe.variables.variables,
            [pair("release", "1"), pair("a", "")]
        );
        let cli = parse(&["pyxidium", "-v", "inspect", "a=b"]);
        assert!(cli.global.verbose);
        let cli = parse(&["pyxidium", "python", "build", "-v", "a=b"]);
        let Command::Python { arguments } = cli.command else {
            panic!("{cli:?}")
        };
        assert_eq!(arguments, ["build", "-v", "a=b"]);
    }

    #[test]
    fn usage_errors_have_code_2() {
        for bad in [
            &["pyxidium"][..],
            &["pyxidium", "build", "a.py", "-q", "-v"],
            &["pyxidium", "build", "--var", "1x=2"],
        ] {
            assert_eq!(
                Cli::try_parse_from(bad).unwrap_err().exit_code(),
                2,
                "{bad:?}"
            );
        }
    }
}

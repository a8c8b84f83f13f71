//! What can be typed. Types and help texts only; what they mean is decided in `commands`.

mod developing;
mod passing_on;
mod sealing;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use developing::*;
pub(crate) use passing_on::*;
pub(crate) use sealing::*;

/// Seal a Python application, its interpreter and its packages into one executable file.
#[derive(Debug, Parser)]
#[command(
    name = "pyxidium",
    version,
    max_term_width = 100,
    propagate_version = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Print errors only
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub(crate) quiet: bool,
    /// Say what is done and why
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Show no progress bars
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// Use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: ColorChoice,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a folder with a small app to start from
    New(NewArgs),
    /// Run an app from its sources; what is saved is in its window at once
    Dev(DevArgs),
    /// Seal a script or a folder into one executable file
    Build(BuildArgs),
    /// List what a recipe can build here
    Targets(TargetsArgs),
    /// Turn a PyInstaller spec into a recipe
    Import(ImportArgs),
    /// Write TypeScript declarations of an app's commands
    Types(TypesArgs),
    /// Run an app and note what it uses, for `build --only-used`
    Record(RecordArgs),
    /// Run an app and show where its time goes, line by line
    Profile(ProfileArgs),
    /// Show what is inside a sealed file
    Inspect(InspectArgs),
    /// Say what could bite before an app is passed on: libraries, licences, sizes
    Check(CheckArgs),
    /// Check every byte of a sealed file's payload, and who signed it
    Verify(VerifyArgs),
    /// Write what a sealed file is made of, for scanners: CycloneDX
    Sbom(SbomArgs),
    /// Show the licences in a sealed file, or write their texts
    Licenses(LicensesArgs),
    /// Make a .deb, .rpm, tar.gz or AppImage of an app
    Bundle(BundleArgs),
    /// Make a pair of keys to sign with
    Keygen(KeygenArgs),
    /// Sign a sealed file
    Sign(SignArgs),
    /// Announce a sealed file as the newest version of an app that updates itself
    UpdateManifest(UpdateManifestArgs),
    /// Run the Python that sealed files get
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Python {
        /// As for the `python` command
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGS"
        )]
        arguments: Vec<OsString>,
    },
    /// Print a JSON schema of [tool.pyxidium], for editors
    Schema(SchemaArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Seal Pyxidium itself with a built CPython
    #[command(hide = true)]
    SelfSeal(SelfSealArgs),
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// `-v NAME=VALUE` sets a variable, and `-v` alone says what is done: told apart by what follows, which no
/// command takes as a path.
pub(crate) fn spelled_out(arguments: Vec<OsString>) -> Vec<OsString> {
    let is_variable = |word: Option<&OsString>| {
        let name = word
            .and_then(|w| w.to_str())
            .and_then(|w| w.split_once('='));
        name.is_some_and(|(name, _)| is_name(name))
    };
    let mut words = Vec::new();
    let mut rest = arguments.into_iter().peekable();
    let mut takes = false;
    while let Some(word) = rest.next() {
        match word.to_str() {
            // What follows is not ours to read.
            Some("--" | "python") => {
                words.push(word);
                words.extend(rest.by_ref());
            }
            Some("-v") if takes && is_variable(rest.peek()) => words.push("--var".into()),
            Some("build" | "targets") => {
                takes = true;
                words.push(word);
            }
            _ => words.push(word),
        }
    }
    words
}

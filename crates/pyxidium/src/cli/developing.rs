//! What is typed while an app is written: a new one, running it from its sources, looking at how it runs; and help for
//! editors and shells.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Packages;

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The folder to make, which is also the app's name
    pub(crate) path: PathBuf,
    /// How the page is made
    #[arg(short, long, value_name = "TEMPLATE", default_value = "plain")]
    pub(crate) template: Template,
}

/// What `new` starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// HTML, CSS and JavaScript as they are: needs no Node
    Plain,
    /// TypeScript and Vite: needs Node
    Vite,
}

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// A script, or a folder with a __main__.py or a pyproject.toml
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Run this module of the folder, as `python -m` does
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// Show the page that a development server serves, as Vite's http://localhost:5173
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Run in this runtime instead of Pyxidium's
    #[arg(long, value_name = "FILE")]
    pub(crate) runtime: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

#[derive(Debug, Args)]
pub(crate) struct TypesArgs {
    /// A script, or a folder with a __main__.py or a pyproject.toml
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Look at this module of the folder
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The app runs as it would once sealed, worker processes included. Do in it what it is for; runs add up.\n\
    Examples:\n  pyxidium record app.py\n  pyxidium record app.py -- --report data.csv\n  \
    pyxidium build app.py --only-used"
)]
pub(crate) struct RecordArgs {
    /// A script, or a folder with a __main__.py
    #[arg(required_unless_present = "module")]
    pub(crate) path: Option<PathBuf>,
    /// Arguments of the app
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<OsString>,
    /// Run this module of the folder or of a package, as `python -m` does
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// The record [default: app.used.json beside the app]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Forget earlier runs
    #[arg(long)]
    pub(crate) fresh: bool,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The app runs as always, from its sources; Ctrl-C ends it and shows what was seen.\n\
    Examples:\n  pyxidium profile app.py\n  pyxidium profile app.py -o profile.html -- --size 1000\n  \
    pyxidium profile app.py --measure slow_function"
)]
pub(crate) struct ProfileArgs {
    /// A script, or a folder with a __main__.py
    #[arg(required_unless_present = "module")]
    pub(crate) path: Option<PathBuf>,
    /// Arguments of the app
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<OsString>,
    /// Run this module of the folder or of a package, as `python -m` does
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// Write the profile: a page (.html), folded stacks (.folded), or JSON
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Print the profile as JSON; what the app prints goes to standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Looks in a second
    #[arg(long, value_name = "HZ", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,
    /// How many functions are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 12)]
    pub(crate) top: usize,
    /// Instead, compare this function with what @kernel would make of it, on its real calls
    #[arg(long, value_name = "FUNCTION", conflicts_with = "output")]
    pub(crate) measure: Option<String>,
    /// On so many calls
    #[arg(long, value_name = "NUMBER", default_value_t = 5, requires = "measure", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) calls: u32,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

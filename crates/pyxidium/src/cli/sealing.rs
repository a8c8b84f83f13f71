//! What is typed to seal an app: what goes in, where it comes from, and what is made of it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::is_name;

#[derive(Debug, Args)]
#[command(
    after_help = "Without a path: the recipe pyoxidizer.bzl of this folder, else its pyproject.toml, else its \
    __main__.py.\n\
    A script's dependencies may stand in it as inline metadata (# /// script).\n\
    Examples:\n  pyxidium build app.py\n  pyxidium build app.py -r requirements.txt -o out/app\n  \
    pyxidium build myproject/ -m mypackage\n  pyxidium build --target install -v release=1"
)]
pub(crate) struct BuildArgs {
    /// A script, a folder, or a recipe (.bzl)
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) recipe: Recipe,
    /// Run this module of the folder or of a package, as `python -m` does
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// Run this script of a project with a pyproject.toml [default: the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "module")]
    pub(crate) script: Option<String>,
    /// Also install these optional dependencies of the project
    #[arg(long, value_name = "NAME", help_heading = "Packages")]
    pub(crate) extra: Vec<String>,
    /// The file to write [default: the script's name without .py]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Where shared libraries of packages are while the app runs
    #[arg(long, value_name = "WHERE")]
    pub(crate) native_libraries: Option<NativeLibraries>,
    /// Seal with this runtime instead of one of Pyxidium's
    #[arg(long, value_name = "FILE")]
    pub(crate) runtime: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Show how much of the file each package takes
    #[arg(long, help_heading = "Size")]
    pub(crate) sizes: bool,
    #[command(flatten)]
    pub(crate) size: Size,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

/// What makes the file smaller or larger.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Size {
    /// Of packages and the standard library, take only what recorded runs used [default record: the
    /// one that `pyxidium record` made beside the app]
    #[arg(
        long,
        value_name = "RECORD",
        num_args = 0..=1,
        require_equals = true,
        help_heading = "Size"
    )]
    pub(crate) only_used: Option<Option<PathBuf>>,
    /// With --only-used: take this module or package whole, used or not
    #[arg(long, value_name = "MODULE", help_heading = "Size")]
    pub(crate) keep: Vec<String>,
    /// Leave symbols and debugging sections out of packages' shared libraries
    #[arg(long, help_heading = "Size")]
    pub(crate) strip: bool,
    /// Bytecode as of python -O (1: no assert) or -OO (2: no docstrings either)
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=2), help_heading = "Size")]
    pub(crate) optimize: Option<u8>,
    /// Compress large files as far as it goes: takes minutes, once for each version of a package
    #[arg(long, conflicts_with = "no_compress", help_heading = "Size")]
    pub(crate) smallest: bool,
    /// Compress nothing
    #[arg(long, help_heading = "Size")]
    pub(crate) no_compress: bool,
}

impl Size {
    /// The first that was given, for commands to which none means anything.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let all = [
            (self.only_used.is_some(), "--only-used"),
            (!self.keep.is_empty(), "--keep"),
            (self.strip, "--strip"),
            (self.optimize.is_some(), "--optimize"),
            (self.smallest, "--smallest"),
            (self.no_compress, "--no-compress"),
        ];
        all.into_iter().find(|(given, _)| *given).map(|(_, o)| o)
    }
}

/// What is wanted of a recipe.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Recipe {
    /// Build this target instead of the default one; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Recipe")]
    pub(crate) target: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: Variables,
}

/// What a recipe gets.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Variables {
    /// Set a variable that the recipe finds in VARS; also -v NAME=VALUE
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable, help_heading = "Recipe")]
    pub(crate) variables: Vec<(String, String)>,
    /// Let the recipe use files outside of its folder
    #[arg(long, help_heading = "Recipe")]
    pub(crate) allow_outside: bool,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".into()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct TargetsArgs {
    /// The recipe, or its folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Print the list as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where packages come from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Packages {
    /// Install the packages that a requirements file names
    #[arg(
        short,
        long = "requirement",
        value_name = "FILE",
        help_heading = "Packages"
    )]
    pub(crate) requirements: Vec<PathBuf>,
    /// Also look for wheels in this folder or page
    #[arg(short, long, value_name = "PLACE", help_heading = "Packages")]
    pub(crate) find_links: Vec<String>,
    /// The package index to use
    #[arg(long, value_name = "URL", help_heading = "Packages")]
    pub(crate) index_url: Option<String>,
    /// A further package index
    #[arg(long, value_name = "URL", help_heading = "Packages")]
    pub(crate) extra_index_url: Vec<String>,
    /// Look for newer versions of the packages
    #[arg(
        short = 'U',
        long,
        conflicts_with = "offline",
        help_heading = "Packages"
    )]
    pub(crate) upgrade: bool,
    /// Use no network
    #[arg(long, help_heading = "Packages")]
    pub(crate) offline: bool,
}

/// Where shared libraries are while the app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NativeLibraries {
    /// In memory
    Memory,
    /// As files in a per-user cache
    Cache,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A script, or a folder with a __main__.py or a pyproject.toml
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Look at this module of the folder or of a package
    #[arg(short, long, value_name = "MODULE")]
    pub(crate) module: Option<String>,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// A sealed file, or what is to be sealed first: a script or a folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// What to make: deb, rpm, tar.gz, appimage; several with commas
    #[arg(
        short,
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        default_value = "deb,rpm,tar.gz",
        value_parser = format
    )]
    pub(crate) format: Vec<packager::Format>,
    /// The folder to write to
    #[arg(short, long, value_name = "FOLDER", default_value = "dist")]
    pub(crate) output: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) size: Size,
    #[command(flatten)]
    pub(crate) packages: Packages,
}

fn format(name: &str) -> Result<packager::Format, String> {
    packager::Format::of(name).ok_or_else(|| {
        let names: Vec<&str> = packager::Format::names().collect();
        format!("one of {}", names.join(", "))
    })
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A spec file of PyInstaller; it is run, as PyInstaller does
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Write this file [default: pyoxidizer.bzl beside the spec]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a recipe that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SelfSealArgs {
    /// A CPython built by `cargo xtask python`
    #[arg(long)]
    pub(crate) cpython: PathBuf,
    /// The console runtime
    #[arg(long)]
    pub(crate) console: PathBuf,
    /// The window runtime
    #[arg(long)]
    pub(crate) window: PathBuf,
    /// The folder of the Python package `pyxidium`
    #[arg(long)]
    pub(crate) package: PathBuf,
    /// What all of it is made of, with licences
    #[arg(long)]
    pub(crate) components: PathBuf,
    /// The executable that gets the payload [default: this one]
    #[arg(long)]
    pub(crate) stub: Option<PathBuf>,
    /// The file to write
    #[arg(short, long)]
    pub(crate) output: PathBuf,
}

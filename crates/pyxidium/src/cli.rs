//! What can be typed. Types and help texts only; what they mean is decided in `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Show how much of the file each package takes
    #[arg(long, help_heading = "Size")]
    pub(crate) sizes: bool,
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

/// Where shared libraries are while the app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NativeLibraries {
    /// In memory
    Memory,
    /// As files in a per-user cache
    Cache,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// List every file and module
    #[arg(long)]
    pub(crate) files: bool,
    /// Show how much of the file each package takes, and what with
    #[arg(long, conflicts_with = "files")]
    pub(crate) sizes: bool,
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
pub(crate) struct VerifyArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// It must be signed with the private half of this key
    #[arg(long, value_name = "PUBLIC")]
    pub(crate) key: Option<PathBuf>,
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
    pub(crate) packages: Packages,
}

fn format(name: &str) -> Result<packager::Format, String> {
    packager::Format::of(name).ok_or_else(|| {
        let names: Vec<&str> = packager::Format::names().collect();
        format!("one of {}", names.join(", "))
    })
}

#[derive(Debug, Args)]
#[command(
    after_help = "Put both where the apps look for them: the manifest at the `url` of [tool.pyxidium.update],\n\
    the file at --url.\n\
    Example:\n  pyxidium update-manifest words --key acme.key --url words-1.3.0 -o latest.json"
)]
pub(crate) struct UpdateManifestArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// The private key whose public half is sealed into the app
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where the file will be; an address relative to the manifest's will do
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// What is new, for people
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
    /// When it came out, as 2027-01-31T12:00:00Z
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SbomArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LicensesArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// Write everything with the texts of the licences, to be passed on with the app
    #[arg(short, long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) output: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeygenArgs {
    /// Write NAME.key, to keep, and NAME.pub, to give away
    #[arg(short, long, value_name = "NAME", default_value = "pyxidium")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Keys are PEM files: of `pyxidium keygen`, or of\n  \
    openssl genpkey -algorithm ed25519 -out priv.key\n  \
    openssl pkey -in priv.key -pubout -out pub.key")]
pub(crate) struct SignArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// The private key
    #[arg(long, value_name = "PRIVATE")]
    pub(crate) key: PathBuf,
    /// The file to write [default: the sealed file itself]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
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

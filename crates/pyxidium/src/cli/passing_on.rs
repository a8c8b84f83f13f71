//! What is typed about sealed files: what is in them, who signed them, what is announced.

use std::path::PathBuf;

use clap::Args;

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
pub(crate) struct VerifyArgs {
    /// A sealed file
    pub(crate) file: PathBuf,
    /// It must be signed with the private half of this key
    #[arg(long, value_name = "PUBLIC")]
    pub(crate) key: Option<PathBuf>,
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

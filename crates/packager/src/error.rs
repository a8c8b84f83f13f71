//! Everything that can go wrong between a plan and a sealed file: who has to act, and what to do.
//! Messages only; printing and exit codes belong to the command line.

use std::io;
use std::path::{Path, PathBuf};

pub use recipe::Fault;

use crate::bundle::BundleError;
use crate::output::is_full;
use crate::section::SectionError;
use crate::signature::SignatureError;
use crate::update::UpdateError;
use crate::window::WindowError;

/// Why no file was sealed, or a sealed file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The project.
    #[error(transparent)]
    Recipe(#[from] recipe::Error),
    /// A recipe, or what the packager could not do for it.
    #[error(transparent)]
    Bzl(Box<recipe::bzl::Error>),
    /// A target that other systems build.
    #[error("{}, line {}: {what}: {}", .at.path.display(), .at.line, elsewhere(*.system))]
    NotHere {
        /// Where the recipe makes it.
        at: recipe::Origin,
        /// What it is.
        what: &'static str,
        /// Where it can be built.
        system: Option<&'static str>,
        /// What to do here.
        instead: &'static str,
    },
    /// A target that is only used by others.
    #[error("target `{target}` gives nothing that could be built")]
    NothingToBuild {
        /// The target.
        target: String,
    },
    /// `-o` with several targets.
    #[error("-o names one result, but several targets are built")]
    OneOutput,
    /// An app that updates itself.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// The app's window.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// `pyxidium dev` of an app that has no window.
    #[error("the app has no window: no source calls px.window")]
    NoWindow,
    /// A payload that we read or write.
    #[error("{what}")]
    Payload {
        /// Which payload.
        what: String,
        /// What is wrong with it.
        source: packed_resources::Error,
    },
    /// A file that is no sealed file, or no runtime to seal with.
    #[error("{}: {source}", .path.display())]
    Section {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SectionError,
    },
    /// A signature, or a key for one.
    #[error("{}: {source}", .path.display())]
    Signature {
        /// The sealed file, or the key.
        path: PathBuf,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// A sealed file could not be made into what systems install.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file given with `--runtime` that is none.
    #[error("{} cannot be used as a runtime: {source}", .path.display())]
    BadRuntime {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SectionError,
    },
    /// A base that was sealed without the runtime that is needed.
    #[error("this Pyxidium carries no {name} runtime")]
    NoRuntime {
        /// `console` or `window`.
        name: String,
    },
    /// [`Progress::cancelled`](crate::Progress::cancelled) said so.
    #[error("cancelled; nothing was written")]
    Cancelled,
    /// Reading or writing something that is not the output.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The output is an existing folder.
    #[error("the output {} is a folder", .path.display())]
    OutputIsFolder {
        /// The output.
        path: PathBuf,
    },
    /// The output is an existing device, pipe or socket.
    #[error("the output {} is not a regular file", .path.display())]
    OutputIsDevice {
        /// The output.
        path: PathBuf,
    },
    /// The output's folder is a file.
    #[error("cannot write {}: {} is not a folder", .path.display(), .parent.display())]
    ParentIsFile {
        /// The output.
        path: PathBuf,
        /// Its folder, which is none.
        parent: PathBuf,
    },
    /// A file to look into is not there.
    #[error("{} does not exist", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The output cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The output.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No space left.
    #[error("the disk is full: cannot write {}", .path.display())]
    DiskFull {
        /// The output.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No place for the cache.
    #[error("no folder for the cache: the user has no home folder")]
    NoCache,
    /// The app's own source does not compile.
    #[error("{}, line {line}: {message}", .path.display())]
    SyntaxError {
        /// The file on disk.
        path: PathBuf,
        /// Its line, from 1.
        line: u32,
        /// The column, from 1; 0 where Python names none.
        column: u32,
        /// The line's text.
        text: String,
        /// What Python says.
        message: String,
    },
    /// The Python that compiles, or runs pip, does not work.
    #[error("the Python that compiles the sources failed: {what}")]
    Worker {
        /// What was seen.
        what: String,
    },
    /// `-m` names nothing that goes into the file.
    #[error("there is no module `{module}`, neither in the project nor in its packages")]
    NoSuchModule {
        /// The module.
        module: String,
    },
    /// A folder that should be a project.
    #[error("{} has no pyproject.toml and no setup.py", .path.display())]
    NoProject {
        /// The folder.
        path: PathBuf,
    },
    /// A project whose back end fails.
    #[error("the project in {} cannot be built", .path.display())]
    ProjectBuild {
        /// The folder.
        path: PathBuf,
        /// The end of what its back end printed.
        #[source]
        source: ToolOutput,
    },
    /// A package that exists, but not as a wheel for this Python and platform.
    #[error("{package}{at} has no wheel for Python {python} on this platform")]
    NoWheel {
        /// The requirement's package.
        package: String,
        /// " (app.py, line 3)" or nothing.
        at: String,
        /// As in "3.13".
        python: String,
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// A package that no index knows.
    #[error("no package named {package}{at} was found")]
    NoSuchPackage {
        /// The requirement's package.
        package: String,
        /// Where it stands, or nothing.
        at: String,
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// A version that does not exist.
    #[error("no version of {package} satisfies `{requirement}`{at}")]
    NoSuchVersion {
        /// The package.
        package: String,
        /// The whole requirement.
        requirement: String,
        /// Where it stands, or nothing.
        at: String,
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// A wheel file that was built for something else.
    #[error("{wheel} was built for another platform or Python")]
    OtherPlatform {
        /// The wheel.
        wheel: String,
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// Requirements that contradict one another.
    #[error("the requirements cannot be satisfied together")]
    Conflict {
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// A PyInstaller spec that cannot be run to its end.
    #[error("{}, line {line}: {message}", .path.display())]
    SpecFails {
        /// The spec.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What Python says.
        message: String,
    },
    /// A file that is not the one that a hash in a lock or requirements file names.
    #[error("what was found of {package}{at} is not what its hash says")]
    OtherHash {
        /// The requirement's package.
        package: String,
        /// " (uv.lock, line 3)" or nothing.
        at: String,
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// A requirements file that the installer cannot read.
    #[error("the requirements cannot be read")]
    BadRequirements {
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// The package index could not be reached.
    #[error("the package index cannot be reached")]
    Network {
        /// The end of what the installer printed.
        #[source]
        source: ToolOutput,
    },
    /// `--offline`, and the packages are not in the cache.
    #[error("the packages are not in the cache, and --offline was given")]
    Offline,
    /// The installer failed in a way that we do not know.
    #[error("{tool} could not install the packages")]
    Installer {
        /// `uv` or `pip`.
        tool: &'static str,
        /// The end of what it printed.
        #[source]
        source: ToolOutput,
    },
    /// A pack or resolution that another program changed.
    #[error("the cached pack {} is damaged and could not be made again", .path.display())]
    DamagedPack {
        /// The pack.
        path: PathBuf,
    },
}

/// What the packager itself could not do for a recipe.
fn inner(error: &recipe::bzl::Error) -> Option<&Error> {
    error.source.as_ref()?.downcast_ref()
}

fn elsewhere(system: Option<&str>) -> String {
    match system {
        Some(system) => format!("it is built on {system}"),
        None => "it cannot be built here".into(),
    }
}

/// The last lines that a tool printed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ToolOutput(pub String);

impl Error {
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if is_full(&source) {
            Self::DiskFull { path, source }
        } else {
            Self::Write { path, source }
        }
    }

    /// Turns an error of the payload crate into ours.
    pub(crate) fn payload(what: impl Into<String>) -> impl FnOnce(packed_resources::Error) -> Self {
        move |source| Self::Payload {
            what: what.into(),
            source,
        }
    }

    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Recipe(e) => e.fault(),
            Error::Bzl(e) => inner(e).map_or(Fault::User, Error::fault),
            Error::Payload { source, .. } => match source.fault() {
                packed_resources::Fault::Payload => Fault::User,
                packed_resources::Fault::Machine => Fault::Environment,
                packed_resources::Fault::Caller => Fault::Internal,
            },
            Error::Section { source, .. } => source.fault(),
            Error::Io(_)
            | Error::Write { .. }
            | Error::DiskFull { .. }
            | Error::NoCache
            | Error::NoRuntime { .. }
            | Error::Network { .. }
            | Error::Offline
            | Error::Installer { .. }
            | Error::DamagedPack { .. } => Fault::Environment,
            Error::Worker { .. } => Fault::Internal,
            _ => Fault::User,
        }
    }

    /// What to do next, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::Recipe(e) => return e.hint(),
            Error::Bzl(e) => {
                return e
                    .hint
                    .as_deref()
                    .map(str::to_owned)
                    .or_else(|| inner(e)?.hint());
            }
            Error::NotHere { instead, .. } => (*instead).into(),
            Error::NothingToBuild { .. } => {
                "name another target: `pyxidium targets` lists them".into()
            }
            Error::OneOutput => "build them one by one, or leave out -o".into(),
            Error::Window(e) => return e.hint(),
            Error::NoWindow => "add a window, or run the app with `pyxidium python`".into(),
            Error::Section { source, .. } => return source.hint(),
            Error::Signature { source, .. } => return source.hint().map(str::to_owned),
            Error::Bundle(e) => return e.hint().map(str::to_owned),
            Error::Update(e) => return Some(e.hint().to_owned()),
            Error::BadRuntime { .. } => {
                "a runtime is a program that was built with Pyxidium's crates and not yet sealed"
                    .into()
            }
            Error::NoRuntime { .. } => "install Pyxidium again".into(),
            Error::OutputIsFolder { path } => {
                format!("name the file to write: -o {}", path.join("app").display())
            }
            Error::OutputIsDevice { .. } | Error::ParentIsFile { .. } => {
                "choose another name with -o".into()
            }
            Error::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "choose a folder that you may write to with -o".into()
                }
                _ => return None,
            },
            Error::DiskFull { .. } => "free some space, or write elsewhere with -o".into(),
            Error::NoCache => "set PYXIDIUM_CACHE to a folder that you may write to".into(),
            Error::SyntaxError { .. } => return None,
            Error::Worker { .. } => "this is a defect of Pyxidium; please report it".into(),
            Error::NoProject { .. } => "name the folder of a Python project".into(),
            Error::ProjectBuild { path, source } if source.0.contains("Python.h") => format!(
                "code in C is built by a Python 3.13 that has its headers: `python3.13 -m pip wheel --no-deps -w wheels {}`; \
                 then name the wheel instead of the folder",
                path.display()
            ),
            Error::ProjectBuild { .. } => {
                "see what its build says above; `pip wheel --no-deps FOLDER` should say the same"
                    .into()
            }
            Error::NoSuchModule { .. } => {
                "name the folder that holds it, or add the package with -r".into()
            }
            Error::NoWheel { package, .. } => format!(
                "only wheels can be sealed; build one with `pip wheel {package}` and pass its folder \
                 with --find-links, or choose a version that has one"
            ),
            Error::NoSuchPackage { .. } => {
                "check the spelling; packages of your own come with --find-links or --index-url"
                    .into()
            }
            Error::NoSuchVersion { requirement, .. } if requirement.contains("==") => format!(
                "loosen the version, or see the versions that are named above; one that is there without a wheel is built \
                 with `pip wheel {requirement} -w wheels`, and found with --find-links wheels"
            ),
            Error::NoSuchVersion { .. } => {
                "loosen the version, or see the versions that are named above".into()
            }
            Error::SpecFails { .. } => {
                "the spec is run as PyInstaller runs it: it must go through to its EXE(...) on this machine".into()
            }
            Error::OtherHash { .. } => {
                "the file was changed after the hash was written: find out by whom before you write another hash".into()
            }
            Error::OtherPlatform { .. } => {
                "choose the wheel built for cp313 and this platform".into()
            }
            Error::Conflict { .. } => "loosen one of the versions named above".into(),
            Error::Network { .. } => {
                "check the connection and proxy; packages that were sealed before need none".into()
            }
            Error::Offline => "build once without --offline".into(),
            Error::DamagedPack { path } => format!("remove {}", path.display()),
            _ => return None,
        })
    }
}

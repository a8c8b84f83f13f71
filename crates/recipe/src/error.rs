//! What can be wrong with a project, said so that its author knows where and what to do next.
//! Messages only; exit codes and printing belong to the command line.

use std::path::PathBuf;

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The user's input or project.
    User,
    /// The machine: network, disk, permissions.
    Environment,
    /// Pyxidium itself.
    Internal,
}

/// Why no plan could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither a file nor a folder.
    #[error("{} does not exist", .path.display())]
    Missing {
        /// What was named.
        path: PathBuf,
    },
    /// No path and no module.
    #[error("nothing to build: no script, folder or module was named")]
    Nothing,
    /// A recipe, where a script or a folder is meant.
    #[error("{} is a recipe, which only `pyxidium build` carries out", .path.display())]
    Recipe {
        /// The recipe.
        path: PathBuf,
    },
    /// A program, sealed or not, where a script or a folder is meant.
    #[error("{} is a program, not a script", .path.display())]
    Program {
        /// The program.
        path: PathBuf,
    },
    /// A folder that Python could not run.
    #[error("{} has no __main__.py", .folder.display())]
    NoMain {
        /// The folder.
        folder: PathBuf,
        /// Modules in it that could be named with `-m`.
        candidates: Vec<String>,
    },
    /// `-m` together with a script.
    #[error("-m {module} needs a folder to look in, but {} is a file", .path.display())]
    ModuleOfScript {
        /// The module.
        module: String,
        /// The file.
        path: PathBuf,
    },
    /// `-m` with something that is no dotted name.
    #[error("`{module}` is not a module name")]
    BadModuleName {
        /// What was typed.
        module: String,
    },
    /// `-m` names a package that cannot be run.
    #[error("the package `{module}` in {} has no __main__.py", .folder.display())]
    PackageWithoutMain {
        /// The package.
        module: String,
        /// Where it was found.
        folder: PathBuf,
    },
    /// A file given with `-r` is not there.
    #[error("the requirements file {} does not exist", .path.display())]
    RequirementsMissing {
        /// What was named.
        path: PathBuf,
    },
    /// Inline metadata or pyproject.toml that is not TOML, or has the wrong types.
    #[error("{}, line {line}: {message}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What the TOML reader says.
        message: String,
    },
    /// Two `# /// script` blocks.
    #[error("{}, line {line}: a second `# /// script` block (the first is at line {first})", .path.display())]
    SecondBlock {
        /// The script.
        path: PathBuf,
        /// The line of the second.
        line: usize,
        /// The line of the first.
        first: usize,
    },
    /// A block without its end.
    #[error("{}, line {line}: the `# /// script` block is not closed by a line `# ///`", .path.display())]
    OpenBlock {
        /// The script.
        path: PathBuf,
        /// Where the block begins.
        line: usize,
    },
    /// The project asks for another Python.
    #[error("{}, line {line}: the project requires Python {wanted}, but sealed apps get Python {have}", .path.display())]
    RequiresPython {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// The specifier.
        wanted: String,
        /// Ours.
        have: String,
    },
    /// A `requires-python` that is no version specifier.
    #[error("{}, line {line}: `{text}` is not a version specifier", .path.display())]
    BadSpecifier {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What it says.
        text: String,
    },
    /// A dependency that is none.
    #[error("{}, line {line}: `{text}` is not a requirement", .path.display())]
    BadRequirement {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What it says.
        text: String,
    },
    /// A key of `[tool.pyxidium]` that means nothing.
    #[error("{}, line {line}: unknown key `{key}` in [tool.pyxidium]", .path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// The key.
        key: String,
    },
    /// A value of `[tool.pyxidium]` that cannot be used.
    #[error("{}, line {line}: {message}", .path.display())]
    BadSetting {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A `uv.lock` of a format to come.
    #[error("{} has format {version}, which this Pyxidium does not know", .path.display())]
    LockVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// A `uv.lock` without the project beside it.
    #[error("{} does not have the project of this folder", .path.display())]
    LockOfAnother {
        /// The file.
        path: PathBuf,
    },
    /// A `uv.lock` that was made of another pyproject.toml.
    #[error("{} was made before pyproject.toml said `{requirement}`", .path.display())]
    LockStale {
        /// The file.
        path: PathBuf,
        /// What it does not know.
        requirement: String,
    },
    /// `include` that finds nothing is more often a typo than a wish.
    #[error("{}, line {line}: `{pattern}` in `include` matches no file", .path.display())]
    IncludesNothing {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// The pattern.
        pattern: String,
    },
    /// `--extra` with a name that is none.
    #[error("{} has no optional dependencies named `{extra}`", .folder.display())]
    NoExtra {
        /// What was typed.
        extra: String,
        /// The project.
        folder: PathBuf,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No script of that name, or several and none was named.
    #[error("{}", match asked { Some(name) => format!("{} has no script `{name}`", folder.display()), None => format!("{} has several scripts", folder.display()) })]
    WhichScript {
        /// The project.
        folder: PathBuf,
        /// What was typed.
        asked: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A script that names no function.
    #[error("the script `{text}` of {} is not written as `module:function`", .folder.display())]
    BadScript {
        /// The project.
        folder: PathBuf,
        /// What it says.
        text: String,
    },
    /// `--only-used` and no record.
    #[error("there is no record at {}", .path.display())]
    NoRecord {
        /// Where it would be.
        path: PathBuf,
    },
    /// A record that is none.
    #[error("{}, line {line}: not a record: {message}", .path.display())]
    BadRecord {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What the reader says.
        message: String,
    },
    /// A file whose name the payload cannot hold.
    #[error("the file name {} is not valid UTF-8", .path.display())]
    NameNotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// The file to write is one of those to read.
    #[error("the output {} is the script itself", .path.display())]
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// The output has no name of its own.
    #[error("no output name can be made from {}", .path.display())]
    NoName {
        /// What was named.
        path: PathBuf,
    },
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Io(e) if e.kind() != std::io::ErrorKind::NotFound => Fault::Environment,
            _ => Fault::User,
        }
    }

    /// What to do next, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::Nothing => "name a script or a folder: `pyxidium build app.py`".into(),
            Error::Program { .. } => {
                "name the script or folder that it was made of; `pyxidium inspect`, `licenses`, `sbom` and `verify` look \
                 into sealed files"
                    .into()
            }
            Error::Recipe { .. } => {
                "name a script or a folder; packages are targets of the recipe, which return `exe.to_deb()` or \
                 `exe.to_rpm()`: `pyxidium build --target NAME`"
                    .into()
            }
            Error::NoMain { candidates, .. } => match candidates.as_slice() {
                [] => "add a __main__.py, or name the script to run".into(),
                names => format!("name the module to run: -m {}", names.join(", or -m ")),
            },
            Error::ModuleOfScript { path, .. } => format!(
                "name the folder instead: {}",
                path.parent()
                    .filter(|p| !p.as_os_str().is_empty())
                    .map_or_else(|| ".".into(), |p| p.display().to_string())
            ),
            Error::BadModuleName { .. } => {
                "a module is named as in Python's `import`: -m package.module".into()
            }
            Error::PackageWithoutMain { module, .. } => {
                format!(
                    "add {}/__main__.py, or name a module of it",
                    module.replace('.', "/")
                )
            }
            Error::OpenBlock { .. } => {
                "every line of the block begins with `#`, and the last is `# ///`".into()
            }
            Error::SecondBlock { .. } => "keep one block and move its lines there".into(),
            Error::RequiresPython { .. } => {
                "widen `requires-python` if the project also runs there".into()
            }
            Error::BadSpecifier { .. } => "write it as in `requires-python = \">=3.11\"`".into(),
            Error::BadRequirement { .. } => {
                "write it as in `dependencies = [\"numpy>=2\"]`; options go to the command line"
                    .into()
            }
            Error::UnknownKey { .. } => {
                format!("known keys: {}", crate::settings::KEYS.join(", "))
            }
            Error::LockVersion { .. } => {
                "name what to install in a requirements file: `uv export -o requirements.txt`, then -r requirements.txt".into()
            }
            Error::LockOfAnother { .. } | Error::LockStale { .. } => {
                "run `uv lock`, or remove the file".into()
            }
            Error::IncludesNothing { .. } => {
                "patterns are relative to the file's folder: \"data/*.csv\", \"assets/**\"".into()
            }
            Error::NoExtra { known, .. } | Error::WhichScript { known, .. } if known.is_empty() => {
                return None;
            }
            Error::NoExtra { known, .. } => format!("there are: {}", known.join(", ")),
            Error::WhichScript { known, .. } => {
                format!("name one: --script {}", known.join(", or --script "))
            }
            Error::BadScript { .. } => "write it as in `myapp = \"mypackage.cli:main\"`".into(),
            Error::NoRecord { .. } => {
                "make it with `pyxidium record`, with the same path, and do in the app what it is for".into()
            }
            Error::BadRecord { .. } => "make it again with `pyxidium record --fresh`".into(),
            Error::OutputIsInput { .. } => "choose another name with -o".into(),
            Error::NoName { .. } => "choose one with -o".into(),
            Error::RequirementsMissing { .. } | Error::Missing { .. } => return None,
            _ => return None,
        })
    }
}

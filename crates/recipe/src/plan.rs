//! What was typed ([`Request`]) and what it means ([`BuildPlan`]), and the way from one to the other.

use std::path::{Path, PathBuf};

use crate::discover::{self, Found};
use crate::pyproject::{self, Project};
use crate::wheel::Wheel;
use crate::{About, Desktop, Error, InterpreterSettings, Record, Selection, Update, imports, lock};

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The script or folder.
    pub path: Option<PathBuf>,
    /// `-m`.
    pub module: Option<String>,
    /// `-r`, as often as given.
    pub requirements: Vec<PathBuf>,
    /// `-o`.
    pub output: Option<PathBuf>,
    /// `--native-libraries`.
    pub native_libraries: Option<NativeLibraries>,
    /// `--runtime`.
    pub runtime: Option<PathBuf>,
    /// `--script`: which of the project's scripts is run.
    pub script: Option<String>,
    /// `--extra`, as often as given.
    pub extras: Vec<String>,
    /// `--only-used`.
    pub only_used: OnlyUsed,
    /// `--keep`, as often as given.
    pub keep: Vec<String>,
    /// `--strip`.
    pub strip: bool,
    /// `--smallest`.
    pub smallest: bool,
    /// `--no-compress`.
    pub no_compress: bool,
    /// `--optimize`.
    pub optimize: Option<u8>,
}

/// Whether only what recorded runs used goes in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OnlyUsed {
    /// Everything goes in, whatever the project says: it is to be run from its sources, or recorded.
    #[default]
    Never,
    /// As the project says.
    AsProject,
    /// Yes, by this record, or the one beside the app.
    Record(Option<PathBuf>),
}

/// Where shared libraries of packages live while the app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NativeLibraries {
    /// In memory, from where they are mapped.
    #[default]
    Memory,
    /// As files in a per-user cache.
    Cache,
}

/// What the sealed app runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A script at this payload path.
    Script {
        /// Payload path.
        path: String,
    },
    /// A module, as with `python -m`.
    Module {
        /// Dotted name.
        name: String,
    },
    /// The payload's root, which holds a `__main__.py`.
    Folder,
    /// A function without arguments, as the `scripts` of a package name it.
    Function {
        /// Dotted name of its module.
        module: String,
        /// Its name there.
        function: String,
    },
    /// Lines of Python, as with `python -c`.
    Command {
        /// The lines.
        code: String,
    },
    /// The `python` command itself: the app's command line says what is run.
    Python,
}

/// A file of the project and its path in the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppFile {
    /// Payload path, `/`-separated, relative to the payload's root.
    pub path: String,
    /// The file on disk.
    pub source: PathBuf,
}

/// A file of the app that somebody made up: a recipe's own module, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Payload path, like that of an [`AppFile`].
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// Its line, from 1.
    pub line: usize,
}

/// A requirement that the project itself states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// As in `numpy>=2`.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
}

/// Everything that sealing needs to know.
#[derive(Debug, Clone)]
pub struct BuildPlan {
    /// The app's name.
    pub name: String,
    /// The app's version, where the project states one.
    pub version: Option<String>,
    /// The file to write.
    pub output: PathBuf,
    /// What it runs.
    pub entry: Entry,
    /// The app's own files, in order of payload paths.
    pub files: Vec<AppFile>,
    /// Files of the app that are on no disk, in order of payload paths.
    pub generated: Vec<Generated>,
    /// Requirements that the project states.
    pub requirements: Vec<Requirement>,
    /// Requirements files to pass on.
    pub requirement_files: Vec<PathBuf>,
    /// Whether the requirements are complete, out of a lock file: what they need in turn is among them.
    pub locked: bool,
    /// Where the project's own back end says what its files are: those above are only what lies there.
    pub wheel: Option<Wheel>,
    /// Packs of packages that are installed already.
    pub packs: Vec<PathBuf>,
    /// Where shared libraries live at run time.
    pub native_libraries: NativeLibraries,
    /// How CPython is started.
    pub interpreter: InterpreterSettings,
    /// What of the packages and the standard library stays out.
    pub selection: Selection,
    /// Whether symbols and debugging sections of packages' shared libraries stay out.
    pub strip: bool,
    /// Whether what goes in is compressed.
    pub compress: bool,
    /// Whether large files are compressed as far as it goes, however long that takes.
    pub smallest: bool,
    /// A runtime of the author's own.
    pub runtime: Option<PathBuf>,
    /// What the project says of its window and the desktop.
    pub desktop: Desktop,
    /// What the project says of itself to those who install it.
    pub about: About,
    /// How it updates itself.
    pub update: Option<Update>,
    /// Whether `pyxidium.compute` goes in although no source names it.
    pub kernels: bool,
    /// Whether `oxidized_importer` goes in, and is imported first of all. Unless the project says so, it goes in
    /// where a source names it, and is imported there.
    pub oxidized_importer: Option<bool>,
    /// Whether what seals apps goes in, too: for a runtime of its own that has the packager.
    pub packager: bool,
    /// The folder of the project: that of the script, or the one that was named.
    pub project: PathBuf,
    /// The folder that the app's files lie in, which is another where there is a `src`.
    pub root: PathBuf,
    /// What was included or left out and why, for `--verbose`.
    pub notes: Vec<String>,
    /// What the user should look at although the build goes on.
    pub warnings: Vec<String>,
}

/// Makes a plan of what was typed.
pub fn plan(request: &Request) -> Result<BuildPlan, Error> {
    for path in &request.requirements {
        if !path.is_file() {
            return Err(Error::RequirementsMissing { path: path.clone() });
        }
    }
    if let Some(module) = request.module.as_ref().filter(|m| !imports::is_dotted(m)) {
        return Err(Error::BadModuleName {
            module: module.clone(),
        });
    }
    match (&request.path, &request.module) {
        (Some(path), _) if path.is_dir() => plan_folder(request, path),
        (Some(path), _) if !path.exists() => Err(Error::Missing { path: path.clone() }),
        (Some(path), Some(module)) => Err(Error::ModuleOfScript {
            module: module.clone(),
            path: path.clone(),
        }),
        (Some(path), None) => plan_script(request, path),
        (None, Some(module)) => plan_module(request, module),
        (None, None) => Err(Error::Nothing),
    }
}

fn plan_script(request: &Request, path: &Path) -> Result<BuildPlan, Error> {
    if path.extension().is_some_and(|e| e == "bzl") {
        return Err(Error::Recipe { path: path.into() });
    }
    let no_name = || Error::NoName { path: path.into() };
    let file_name = path.file_name().ok_or_else(no_name)?;
    let Some(file_name) = file_name.to_str() else {
        return Err(Error::NameNotUtf8 { path: path.into() });
    };
    let bytes = fs_err::read(path)?;
    // Of Linux, Windows and macOS.
    if [&b"\x7fELF"[..], b"MZ\x90\0", b"\xcf\xfa\xed\xfe"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
    {
        return Err(Error::Program { path: path.into() });
    }
    let project = pyproject::of_script(path, &bytes)?;
    let mut found = discover::script(path, file_name, &bytes)?;
    discover::include(&discover::parent(path), &project.include, &mut found)?;
    let stem = file_name
        .strip_suffix(".py")
        .or(file_name.strip_suffix(".pyw"))
        .unwrap_or(file_name);
    let name = project.name.clone().unwrap_or_else(|| stem.to_owned());
    let output = request
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(&name));
    if same_file(&output, path) {
        return Err(Error::OutputIsInput { path: output });
    }
    let entry = Entry::Script {
        path: file_name.to_owned(),
    };
    let folder = discover::parent(path);
    let read = Read {
        project,
        found,
        folder: &folder,
        root: &folder,
    };
    finish(request, read, name, output, entry)
}

fn plan_folder(request: &Request, folder: &Path) -> Result<BuildPlan, Error> {
    let mut project = pyproject::of_folder(folder)?;
    let name = match &project.name {
        Some(name) => name.clone(),
        None => folder_name(folder)?,
    };
    let output = match &request.output {
        Some(output) => output.clone(),
        // `pyxidium build myproject/` run beside the folder: the plain name is taken by the folder.
        None if Path::new(&name).is_dir() => Path::new("dist").join(&name),
        None => PathBuf::from(&name),
    };
    let locked = match lock::read(
        folder,
        project.name.as_deref(),
        &project.requirements,
        &request.extras,
    )? {
        Some(_) if !request.requirements.is_empty() => {
            let text = format!(
                "{} is not used where requirements files are named",
                folder.join(lock::NAME).display()
            );
            project.warnings.push(text);
            None
        }
        locked => locked,
    };
    let is_locked = locked.is_some();
    for extra in &request.extras {
        let Some(more) = project.extras.get(&pyproject::plain(extra)) else {
            return Err(Error::NoExtra {
                extra: extra.clone(),
                folder: folder.into(),
                known: project.extras.keys().cloned().collect(),
            });
        };
        project.requirements.extend(more.clone());
    }
    project.requirements = locked.unwrap_or(project.requirements);
    let named = request.module.is_some() || project.module.is_some();
    let plain = folder.join("__main__.py").is_file();
    let chosen = match request.script {
        None if named || plain => None,
        _ => script(request, &project, folder)?,
    };
    let module = match &chosen {
        Some(script) => Some(script.module.clone()),
        None => request.module.clone().or_else(|| project.module.clone()),
    };
    // Projects with a `src` folder keep their import root there.
    let first = module.as_deref().and_then(|m| m.split('.').next());
    let has =
        |root: &Path, m: &str| root.join(m).is_dir() || root.join(format!("{m}.py")).is_file();
    let src = folder.join("src");
    let root = match first {
        Some(first) if !has(folder, first) && has(&src, first) => src,
        _ => folder.to_owned(),
    };
    // A `__main__.py` beside pyproject.toml is no part of what a back end builds.
    let built = project.built && !(module.is_none() && plain);
    let entry = match module {
        Some(module) if let Some(script) = chosen => {
            project.about.graphical = project.about.graphical.or(script.graphical.then_some(true));
            Entry::Function {
                module,
                function: script.function,
            }
        }
        Some(module) => {
            if !built {
                check_module(&root, &module)?;
            }
            Entry::Module { name: module }
        }
        None if root.join("__main__.py").is_file() => Entry::Folder,
        None => {
            let candidates = runnable(folder)?;
            let path = folder.join("pyoxidizer.bzl");
            if candidates.is_empty() && path.is_file() {
                return Err(Error::Recipe { path });
            }
            return Err(Error::NoMain {
                folder: folder.into(),
                candidates,
            });
        }
    };
    let mut found = discover::folder(&root, &output)?;
    let mut included = Found::default();
    discover::include(&root, &project.include, &mut included)?;
    found.files.extend(included.files.clone());
    found.notes.append(&mut included.notes);
    if request.requirements.is_empty() && project.requirements.is_empty() {
        let file = folder.join("requirements.txt");
        if file.is_file() {
            project.warnings.push(format!(
                "{} is not used unless named: -r {}",
                file.display(),
                file.display()
            ));
        }
    }
    let wheel = built.then(|| Wheel {
        included: included.files,
        exclude: project.exclude.clone(),
    });
    let read = Read {
        project,
        found,
        folder,
        root: &root,
    };
    Ok(BuildPlan {
        locked: is_locked,
        wheel,
        ..finish(request, read, name, output, entry)?
    })
}

/// One of a project's scripts.
struct Script {
    module: String,
    function: String,
    /// Whether it is one of the `gui-scripts`.
    graphical: bool,
}

/// The script that was asked for, or the only one that there is.
fn script(request: &Request, project: &Project, folder: &Path) -> Result<Option<Script>, Error> {
    let scripts = &project.scripts;
    let named = || {
        project
            .name
            .as_ref()
            .and_then(|name| scripts.get_key_value(name))
    };
    let wanted = match &request.script {
        Some(name) => scripts.get_key_value(name),
        None if scripts.len() == 1 => scripts.first_key_value(),
        None => named(),
    };
    let Some((name, wanted)) = wanted else {
        if request.script.is_none() && scripts.is_empty() {
            return Ok(None);
        }
        return Err(Error::WhichScript {
            folder: folder.into(),
            asked: request.script.clone(),
            known: scripts.keys().cloned().collect(),
        });
    };
    // What follows in brackets are extras, which installers have long ignored.
    let plain = wanted.split('[').next().unwrap_or(wanted);
    let parts = plain.split_once(':').map(|(m, f)| (m.trim(), f.trim()));
    match parts {
        Some((module, function)) if imports::is_dotted(module) && imports::is_dotted(function) => {
            Ok(Some(Script {
                module: module.to_owned(),
                function: function.to_owned(),
                graphical: project.gui_scripts.contains(name),
            }))
        }
        _ => Err(Error::BadScript {
            folder: folder.into(),
            text: wanted.clone(),
        }),
    }
}

/// `-m` alone: a module of one of the packages.
fn plan_module(request: &Request, module: &str) -> Result<BuildPlan, Error> {
    let name = module.split('.').next().unwrap_or(module).to_owned();
    let output = request
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(&name));
    let entry = Entry::Module {
        name: module.to_owned(),
    };
    let here = Path::new(".");
    let read = Read {
        project: Project::default(),
        found: Found::default(),
        folder: here,
        root: here,
    };
    finish(request, read, name, output, entry)
}

/// What the project says, what lies in it, and where.
struct Read<'a> {
    project: Project,
    found: Found,
    folder: &'a Path,
    root: &'a Path,
}

fn finish(
    request: &Request,
    read: Read<'_>,
    name: String,
    output: PathBuf,
    entry: Entry,
) -> Result<BuildPlan, Error> {
    let Read {
        project,
        mut found,
        folder,
        root,
    } = read;
    // A script stays in whatever is excluded.
    let script = match &entry {
        Entry::Script { path } => found.files.get(path).map(|s| (path.clone(), s.clone())),
        _ => None,
    };
    discover::exclude(&project.exclude, &mut found)?;
    found.files.extend(script);
    let record = Record::place(request.path.as_deref().unwrap_or(folder));
    found.files.retain(|_, source| *source != record);
    let selection = selection(request, &project, record)?;
    let notes = std::mem::take(&mut found.notes);
    Ok(BuildPlan {
        name,
        version: project.version,
        output,
        entry,
        files: found.into_list(),
        generated: Vec::new(),
        requirements: project.requirements,
        requirement_files: request.requirements.clone(),
        locked: false,
        wheel: None,
        packs: Vec::new(),
        native_libraries: request
            .native_libraries
            .or(project.native_libraries)
            .unwrap_or_default(),
        interpreter: InterpreterSettings {
            optimization_level: request
                .optimize
                .unwrap_or(project.interpreter.optimization_level),
            ..project.interpreter
        },
        selection,
        strip: request.strip || project.strip,
        smallest: request.smallest || (project.smallest && !request.no_compress),
        compress: !request.no_compress && project.compress.unwrap_or(true),
        runtime: request.runtime.clone().or(project.runtime),
        desktop: project.desktop,
        about: project.about,
        update: project.update,
        kernels: false,
        oxidized_importer: project.oxidized_importer,
        packager: false,
        project: folder.to_owned(),
        root: root.to_owned(),
        notes,
        warnings: project.warnings,
    })
}

/// What a record leaves of the packages and the standard library.
fn selection(request: &Request, project: &Project, beside: PathBuf) -> Result<Selection, Error> {
    let bad = request.keep.iter().find(|m| !imports::is_dotted(m));
    if let Some(module) = bad {
        return Err(Error::BadModuleName {
            module: module.clone(),
        });
    }
    let place = match &request.only_used {
        OnlyUsed::Record(place) => place.clone().unwrap_or(beside),
        OnlyUsed::AsProject if project.only_used => beside,
        OnlyUsed::AsProject | OnlyUsed::Never => return Ok(Selection::default()),
    };
    let keep = project.keep.iter().chain(&request.keep).cloned().collect();
    let only = Record::read(&place)?.only(keep, &place);
    Ok(Selection {
        only: Some(only),
        ..Selection::default()
    })
}

/// A module that lies in `root` must be one that `python -m` can run. One that does not lie there
/// may come from a package, which is known only once the packages are.
fn check_module(root: &Path, module: &str) -> Result<(), Error> {
    let path = root.join(module.replace('.', "/"));
    if path.is_dir() && path.join("__init__.py").is_file() && !path.join("__main__.py").is_file() {
        return Err(Error::PackageWithoutMain {
            module: module.into(),
            folder: root.into(),
        });
    }
    Ok(())
}

/// Packages of a folder that `-m` could run.
fn runnable(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for root in [folder.to_owned(), folder.join("src")] {
        if !root.is_dir() {
            continue;
        }
        for entry in fs_err::read_dir(&root)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && imports::is_dotted(&name)
                && entry.path().join("__main__.py").is_file()
            {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

fn folder_name(folder: &Path) -> Result<String, Error> {
    let real = fs_err::canonicalize(folder)?;
    let name = real.file_name().ok_or_else(|| Error::NoName {
        path: folder.into(),
    })?;
    name.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::NameNotUtf8 {
            path: folder.into(),
        })
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs_err::canonicalize(a), fs_err::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

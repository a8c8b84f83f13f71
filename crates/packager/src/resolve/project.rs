//! Projects in folders: built to wheels by their own back end (PEP 517), which our Python runs. What the back
//! end needs is installed into a folder of its own; the wheel is kept by its contents.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use recipe::{Origin, Requirement};
use serde::Deserialize;

use super::installer::{Installer, run, unzip};
use super::{Options, explain, key};
use crate::digits::sha256;
use crate::interrupt::WorkFolder;
use crate::{Cache, Error, Progress, Python, SITE_PACKAGES, ToolOutput, Unit, progress};

/// Calls the hooks of a back end. Its arguments: the folder for wheels, the back end, folders for `sys.path`.
/// Prints what else it needs, or the name of the wheel, in a last line of its own.
const HOOKS: &str = r#"
import importlib, json, os, sys
out, backend, *paths = sys.argv[1:]
sys.path[:0] = paths
sys.argv[1:] = []
name, _, attribute = backend.partition(":")
module = importlib.import_module(name)
for part in filter(None, attribute.split(".")):
    module = getattr(module, part)
if out:
    answer = module.build_wheel(out)
else:
    answer = getattr(module, "get_requires_for_build_wheel", lambda: [])()
print()
print(json.dumps(answer))
"#;

/// The folder that a requirement is, and its extras.
pub(super) fn folder(requirement: &str) -> Option<(&Path, &str)> {
    let (path, extras) = match requirement.find('[') {
        Some(at) => requirement.split_at(at),
        None => (requirement, ""),
    };
    let path = Path::new(path);
    (path.is_absolute() && path.is_dir()).then_some((path, extras))
}

/// A requirement that is a project in a folder, as one that is a wheel; with its hash where others have theirs, which
/// pip then wants of all.
pub(super) fn built(
    python: &Python,
    cache: &Cache,
    requirement: &Requirement,
    hashed: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Requirement, Error> {
    let Some((folder, extras)) = folder(&requirement.text) else {
        return Ok(requirement.clone());
    };
    let wheel = wheel(python, cache, folder, options, progress)?;
    let name = wheel
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default();
    let text = match extras {
        "" => wheel.display().to_string(),
        extras => {
            let name = name.split('-').next().unwrap_or(name);
            format!("{name}{extras} @ file://{}", wheel.display())
        }
    };
    let text = if hashed {
        format!("{text} --hash=sha256:{}", sha256(&fs_err::read(&wheel)?))
    } else {
        text
    };
    Ok(Requirement {
        text,
        origin: requirement.origin.clone(),
    })
}

/// `[build-system]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct BuildSystem {
    requires: Option<Vec<String>>,
    build_backend: Option<String>,
    backend_path: Vec<String>,
}

fn system(folder: &Path) -> Result<BuildSystem, Error> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "kebab-case", default)]
    struct Whole {
        build_system: BuildSystem,
    }
    let path = folder.join("pyproject.toml");
    let setup = folder.join("setup.py").is_file() || folder.join("setup.cfg").is_file();
    if !path.is_file() && !setup {
        return Err(Error::NoProject {
            path: folder.into(),
        });
    }
    if !path.is_file() {
        return Ok(BuildSystem::default());
    }
    let text = fs_err::read_to_string(&path)?;
    let whole: Whole = toml::from_str(&text).map_err(|e| {
        Error::Recipe(recipe::Error::Syntax {
            line: 1 + text[..e.span().map_or(0, |s| s.start).min(text.len())]
                .matches('\n')
                .count(),
            path,
            message: e.message().to_owned(),
        })
    })?;
    Ok(whole.build_system)
}

fn wheel(
    python: &Python,
    cache: &Cache,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let system = system(folder)?;
    let work = cache.work()?;
    let mut paths: Vec<PathBuf> = system.backend_path.iter().map(|p| folder.join(p)).collect();
    // What PEP 517 says of a project that says nothing.
    let requires = system
        .requires
        .unwrap_or_else(|| vec!["setuptools>=61".into()]);
    let backend = system
        .build_backend
        .unwrap_or_else(|| "setuptools.build_meta:__legacy__".into());
    let laid = |requires: &[String]| lay(python, cache, &work, requires, folder, options, progress);
    paths.extend(laid(&requires)?);
    let mut hooks = Hooks {
        python,
        folder,
        backend: &backend,
        paths,
        options,
        temporary: work.path(),
        progress,
    };
    let more: Vec<String> = hooks.call(None)?;
    hooks.paths.extend(laid(&more)?);
    let out = work.path().join("wheel");
    fs_err::create_dir_all(&out)?;
    progress.begin(&format!("building {}", folder.display()), None, Unit::Items);
    let name: Result<String, Error> = hooks.call(Some(&out));
    progress.end();
    progress::check(progress)?;
    let name = name?;
    let bytes = fs_err::read(out.join(&name))?;
    let hash = blake3::hash(&bytes).to_hex();
    let kept = cache.root().join("built").join(&hash[..20]).join(&name);
    if !kept.is_file() {
        crate::cache::write_file(&kept, &bytes, 0o644)?;
    }
    Ok(kept)
}

/// A folder with what a back end needs. It is kept, so that a project can be built again without a network.
fn lay(
    python: &Python,
    cache: &Cache,
    work: &WorkFolder,
    requires: &[String],
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Option<PathBuf>, Error> {
    if requires.is_empty() {
        return Ok(None);
    }
    let origin = Origin {
        path: folder.join("pyproject.toml"),
        line: 1,
    };
    let stated: Vec<Requirement> = requires
        .iter()
        .map(|text| Requirement {
            text: text.clone(),
            origin: origin.clone(),
        })
        .collect();
    // Options of a recipe are about the project's packages, not about those that build it.
    let options = Options {
        extra: Vec::new(),
        ..options.clone()
    };
    let asked = key::read(&stated, &[])?;
    let key = asked.key(python, &options);
    let kept = cache.root().join("backends").join(&key);
    if kept.is_dir() && asked.fixed && !options.upgrade {
        return Ok(Some(kept.join(SITE_PACKAGES)));
    }
    let prefix = work.path().join("backends").join(&key);
    let list = work.path().join("requires.txt");
    fs_err::write(&list, requires.join("\n"))?;
    Installer::choose(python, cache, &options)?.install(
        &prefix,
        &[&list],
        &options,
        &asked,
        progress,
    )?;
    let prefix = if asked.fixed {
        keep(&prefix, &kept)?
    } else {
        prefix
    };
    Ok(Some(prefix.join(SITE_PACKAGES)))
}

/// Moves a folder that is finished to where it is kept. One that is there already, of another build, stays.
fn keep(folder: &Path, kept: &Path) -> Result<PathBuf, Error> {
    if let Some(parent) = kept.parent() {
        fs_err::create_dir_all(parent)?;
    }
    match fs_err::rename(folder, kept) {
        Err(error) if !kept.is_dir() => Err(error.into()),
        _ => Ok(kept.to_owned()),
    }
}

/// The files of the wheel that a project is built to, as an installer would lay them down beside other packages.
pub(crate) fn project_files(
    python: &Python,
    cache: &Cache,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let folder = fs_err::canonicalize(folder)?;
    let wheel = wheel(python, cache, &folder, options, progress)?;
    let kept = wheel.with_file_name("files");
    if kept.is_dir() {
        return Ok(kept);
    }
    let work = cache.work()?;
    let files = work.path().join("files");
    unzip(python, &wheel, &files, progress)?;
    for entry in fs_err::read_dir(&files)? {
        let data = entry?.path();
        if data.extension() != Some(OsStr::new("data")) {
            continue;
        }
        // What belongs beside packages; programs, headers and files of the machine have no place in a sealed file.
        for part in ["purelib", "platlib"].map(|part| data.join(part)) {
            if part.is_dir() {
                merge(&part, &files)?;
            }
        }
        fs_err::remove_dir_all(&data)?;
    }
    keep(&files, &kept)
}

fn merge(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if place.is_dir() {
            merge(&entry.path(), &place)?;
        } else {
            fs_err::rename(entry.path(), place)?;
        }
    }
    Ok(())
}

/// A back end that can be called.
struct Hooks<'a> {
    python: &'a Python,
    folder: &'a Path,
    backend: &'a str,
    paths: Vec<PathBuf>,
    options: &'a Options,
    temporary: &'a Path,
    progress: &'a dyn Progress,
}

impl Hooks<'_> {
    fn call<T: for<'de> Deserialize<'de>>(&self, out: Option<&Path>) -> Result<T, Error> {
        let mut command = self.python.command();
        command.args(["-s", "-P", "-B", "-c", HOOKS]);
        command.arg(out.unwrap_or(Path::new(""))).arg(self.backend);
        command.args(&self.paths).current_dir(self.folder);
        command
            .env("TMPDIR", self.temporary)
            .envs(&self.options.environment);
        let failed = |said: &str| Error::ProjectBuild {
            path: self.folder.into(),
            source: ToolOutput(explain::tail(said)),
        };
        let (success, said) = run(command, self.progress).map_err(|e| failed(&e.to_string()))?;
        progress::check(self.progress)?;
        // Errors come last in what was said, so the answer is looked for from there.
        let answer = said
            .lines()
            .rev()
            .find_map(|l| serde_json::from_str(l).ok());
        answer.filter(|_| success).ok_or_else(|| failed(&said))
    }
}

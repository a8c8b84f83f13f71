//! Projects in folders: built to wheels by their own back end (PEP 517), which our Python runs. What the back
//! end needs is installed into a folder of its own; the wheel is kept by its contents.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use recipe::{Origin, Requirement};
use serde::Deserialize;

use super::installer::{Installer, run};
use super::{Options, explain, key};
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

/// A requirement that is a project in a folder, as one that is a wheel.
pub(super) fn built(
    python: &Python,
    cache: &Cache,
    requirement: &Requirement,
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
    let prefix = work.path().join("prefix");
    let mut paths: Vec<PathBuf> = system.backend_path.iter().map(|p| folder.join(p)).collect();
    paths.push(prefix.join(SITE_PACKAGES));
    // What PEP 517 says of a project that says nothing.
    let requires = system
        .requires
        .unwrap_or_else(|| vec!["setuptools>=61".into()]);
    let backend = system
        .build_backend
        .unwrap_or_else(|| "setuptools.build_meta:__legacy__".into());
    let hooks = Hooks {
        python,
        folder,
        backend: &backend,
        paths: &paths,
        options,
        temporary: work.path(),
        progress,
    };
    lay(python, cache, &prefix, &requires, folder, options, progress)?;
    let more: Vec<String> = hooks.call(None)?;
    lay(python, cache, &prefix, &more, folder, options, progress)?;
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

/// Installs what a back end needs.
fn lay(
    python: &Python,
    cache: &Cache,
    prefix: &Path,
    requires: &[String],
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(), Error> {
    if requires.is_empty() {
        return Ok(());
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
    let list = prefix.with_file_name("requires.txt");
    fs_err::write(&list, requires.join("\n"))?;
    // Options of a recipe are about the project's packages, not about those that build it.
    let options = Options {
        extra: Vec::new(),
        ..options.clone()
    };
    let asked = key::read(&stated, &[])?;
    Installer::choose(python, cache, &options)?.install(
        prefix,
        &[&list],
        &options,
        &asked,
        progress,
    )
}

/// A back end that can be called.
struct Hooks<'a> {
    python: &'a Python,
    folder: &'a Path,
    backend: &'a str,
    paths: &'a [PathBuf],
    options: &'a Options,
    temporary: &'a Path,
    progress: &'a dyn Progress,
}

impl Hooks<'_> {
    fn call<T: for<'de> Deserialize<'de>>(&self, out: Option<&Path>) -> Result<T, Error> {
        let mut command = self.python.command();
        command.args(["-s", "-P", "-B", "-c", HOOKS]);
        command.arg(out.unwrap_or(Path::new(""))).arg(self.backend);
        command.args(self.paths).current_dir(self.folder);
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

//! Recipes carried out: what [`recipe::bzl`] evaluates a `pyoxidizer.bzl` to is made here, target by target.
//! Packages that a recipe asks for become packs on the way; files are written beside their places and renamed.

mod files;
mod host;
mod wheel;

use std::path::{Path, PathBuf};

use recipe::bzl::{self, Bundle, Evaluated, Message, MessageKind, Product, Program, Write};

use crate::build::{self, BuildOptions, Sealed};
use crate::bundle::Stated;
use crate::seal::TARGET;
use crate::{Error, Progress, SealedFile};
use host::PackagerHost;

/// What to build of which recipe.
#[derive(Debug, Clone, Default)]
pub struct RecipeRequest {
    /// The file.
    pub recipe: PathBuf,
    /// `VARS`.
    pub variables: std::collections::BTreeMap<String, Option<String>>,
    /// The target; the recipe's default one where none is named.
    pub targets: Vec<String>,
    /// Whether paths may leave the recipe's folder.
    pub allow_outside: bool,
    /// Where the result goes: a file, or a folder for a target that is one.
    pub output: Option<PathBuf>,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The target.
    pub target: String,
    /// The file or folder.
    pub path: PathBuf,
    /// What it is, as people call it.
    pub what: String,
    /// Sealed files in it.
    pub sealed: Vec<Sealed>,
}

/// A target, and whether it can be built here.
#[derive(Debug, Clone, serde::Serialize)]
pub struct TargetInfo {
    /// Its name.
    pub name: String,
    /// Whether it is built where none is named.
    pub default: bool,
    /// The targets that its function gets.
    pub depends: Vec<String>,
    /// What it comes to, if that can be told.
    pub what: Option<String>,
    /// Why it cannot be built here.
    pub not_here: Option<String>,
}

/// Builds targets of a recipe.
pub fn build_recipe(
    request: &RecipeRequest,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Vec<Made>, Error> {
    let requested = if request.targets.is_empty() {
        bzl::Requested::Default
    } else {
        bzl::Requested::Named(request.targets.clone())
    };
    let host = PackagerHost::new(options, progress)?;
    let settings = settings(request, requested, Some(host.reader()));
    let evaluated = said(bzl::evaluate(&settings, &host), progress)?;
    let maker = Maker {
        options,
        progress,
        evaluated: &evaluated,
    };
    maker.check(request)?;
    for write in &evaluated.writes {
        maker.write(write)?;
    }
    let mut made = Vec::new();
    for (target, product) in &evaluated.products {
        // Errors of one target end the evaluation of named ones.
        if let Ok(product) = product {
            made.push(maker.make(target, product, request.output.as_deref())?);
        }
    }
    Ok(made)
}

/// What targets a recipe has. Nothing is installed for that, so targets that look into their packages may be told
/// less of.
pub fn recipe_targets(
    request: &RecipeRequest,
    progress: &dyn Progress,
) -> Result<Vec<TargetInfo>, Error> {
    let settings = settings(request, bzl::Requested::All, None);
    let evaluated = said(bzl::evaluate(&settings, &bzl::NoHost), progress)?;
    let info = |target: &bzl::Target| {
        let product = evaluated
            .products
            .iter()
            .find(|(name, _)| *name == target.name)
            .map(|(_, product)| product);
        let (what, not_here) = match product {
            Some(Ok(product)) => (
                Some(product.describe()),
                impossible(product).map(|e| e.to_string()),
            ),
            Some(Err(e)) => (None, Some(e.to_string())),
            None => (None, None),
        };
        TargetInfo {
            name: target.name.clone(),
            default: evaluated.default.as_deref() == Some(&target.name),
            depends: target.depends.clone(),
            what,
            not_here,
        }
    };
    Ok(evaluated.targets.iter().map(info).collect())
}

fn settings(
    request: &RecipeRequest,
    requested: bzl::Requested,
    reader: Option<bzl::Reader>,
) -> bzl::Settings {
    bzl::Settings {
        recipe: request.recipe.clone(),
        variables: request.variables.clone(),
        allow_outside: request.allow_outside,
        requested,
        target_triple: TARGET.into(),
        reader,
    }
}

/// Hands on what a recipe has to say.
fn said(
    (messages, result): (Vec<Message>, Result<Evaluated, bzl::Error>),
    progress: &dyn Progress,
) -> Result<Evaluated, Error> {
    for message in messages {
        let at = format!("{}, line {}", message.at.path.display(), message.at.line);
        match message.kind {
            MessageKind::Print => progress.say(&message.text),
            MessageKind::Explained => progress.warn(&format!("{at}: {}", message.text)),
            MessageKind::Note => progress.note(&format!("{at}: {}", message.text)),
        }
    }
    result.map_err(|e| Error::Bzl(Box::new(e)))
}

/// Why a product cannot be made on this machine, if it cannot.
fn impossible(product: &Product) -> Option<Error> {
    match product {
        Product::Bundle(bundle) => refused(bundle),
        Product::Files(files) => refused_in(files),
        Product::Wheel(wheel) => refused_in(&wheel.files),
        Product::Executable(_) | Product::Nothing => None,
    }
}

fn refused_in(files: &bzl::Files) -> Option<Error> {
    files.0.values().find_map(|entry| match &entry.content {
        bzl::Content::Bundle(bundle) => refused(bundle),
        bzl::Content::Wheel(wheel) => refused_in(&wheel.files),
        _ => None,
    })
}

fn refused(bundle: &Bundle) -> Option<Error> {
    if bundle.format == bzl::Format::SelfInstall {
        return None;
    }
    if let Some(format) = ours(bundle.format) {
        return format.available().err().map(Error::Bundle);
    }
    Some(Error::NotHere {
        at: bundle.at.clone(),
        what: bundle.format.name(),
        system: bundle.format.elsewhere(),
        instead: bundle.format.instead(),
    })
}

/// The format of ours that a recipe means.
fn ours(format: bzl::Format) -> Option<crate::bundle::Format> {
    match format {
        bzl::Format::Deb => Some(crate::bundle::Format::Deb),
        bzl::Format::Rpm => Some(crate::bundle::Format::Rpm),
        bzl::Format::AppImage => Some(crate::bundle::Format::AppImage),
        _ => None,
    }
}

/// Makes products.
struct Maker<'a> {
    options: &'a BuildOptions<'a>,
    progress: &'a dyn Progress,
    evaluated: &'a Evaluated,
}

impl Maker<'_> {
    /// What cannot be made is said before anything is.
    fn check(&self, request: &RecipeRequest) -> Result<(), Error> {
        for (_, product) in &self.evaluated.products {
            if let Ok(product) = product
                && let Some(error) = impossible(product)
            {
                return Err(error);
            }
        }
        if request.output.is_some() && self.evaluated.products.len() > 1 {
            return Err(Error::OneOutput);
        }
        Ok(())
    }

    /// Where results of a target go: as in PyOxidizer, whose users have this in their scripts.
    fn folder(&self, target: &str) -> PathBuf {
        let base = &self.evaluated.build_path;
        base.join(TARGET).join("release").join(target)
    }

    fn make(&self, target: &str, product: &Product, output: Option<&Path>) -> Result<Made, Error> {
        let mut made = Made {
            target: target.to_owned(),
            path: self.folder(target),
            what: product.describe(),
            sealed: Vec::new(),
        };
        let file = |name: &str| match output {
            Some(path) if path.is_dir() => path.join(name),
            Some(path) => path.to_owned(),
            None => self.folder(target).join(name),
        };
        match product {
            Product::Nothing => {
                return Err(Error::NothingToBuild {
                    target: target.to_owned(),
                });
            }
            Product::Executable(program) => {
                made.path = file(&program.plan.name);
                made.sealed.push(self.seal(program, &made.path)?);
            }
            Product::Files(files) => {
                let folder = output.map_or_else(|| made.path.clone(), Path::to_owned);
                // A folder that somebody names may hold what is not ours.
                self.install(&folder, files, output.is_none(), &mut made.sealed)?;
                made.path = folder;
            }
            Product::Wheel(wheel) => {
                made.path = file(&wheel.file_name());
                self.wheel(wheel, &made.path, &mut made.sealed)?;
            }
            Product::Bundle(bundle) => {
                let folder = match output {
                    Some(path) if path.is_dir() => path.to_owned(),
                    Some(path) => path.parent().unwrap_or(Path::new("")).to_owned(),
                    None => self.folder(target),
                };
                made.path = self.bundle(bundle, &folder, &mut made.sealed)?;
                // Its format has named it; somebody may want another name.
                if let Some(path) = output.filter(|p| !p.is_dir()) {
                    fs_err::rename(&made.path, path)?;
                    made.path = path.to_owned();
                }
            }
        }
        Ok(made)
    }

    fn seal(&self, program: &Program, path: &Path) -> Result<Sealed, Error> {
        let mut plan = program.plan.clone();
        plan.output = path.to_owned();
        let sealed = build::build(&plan, self.options, self.progress)?;
        if let Some(name) = &program.licenses {
            self.licenses(&sealed, &path.with_file_name(name))?;
        }
        Ok(sealed)
    }

    fn write(&self, write: &Write) -> Result<(), Error> {
        let mut sealed = Vec::new();
        match write {
            Write::Folder {
                path,
                files,
                replace,
            } => {
                if let Some(error) = refused_in(files) {
                    return Err(error);
                }
                self.install(path, files, *replace, &mut sealed)
            }
            Write::Licenses { path, program } => {
                let work = self.options.cache.work()?;
                let file = work.path().join(&program.plan.name);
                let sealed = self.seal(program, &file)?;
                self.licenses(&sealed, path)
            }
            Write::Product { target, product } => {
                if let Some(error) = impossible(product) {
                    return Err(error);
                }
                self.make(target, product, None).map(drop)
            }
        }
    }

    /// Makes an installer in a folder, under the name that its format gives it; where it is.
    fn bundle(
        &self,
        bundle: &Bundle,
        folder: &Path,
        sealed: &mut Vec<Sealed>,
    ) -> Result<PathBuf, Error> {
        if let Some(error) = refused(bundle) {
            return Err(error);
        }
        let mut path = folder.join(&bundle.file_name);
        for entry in bundle.files.0.values() {
            let bzl::Content::Program(program) = &entry.content else {
                continue;
            };
            match ours(bundle.format) {
                None => sealed.push(self.seal(program, &path)?),
                Some(format) => {
                    let work = self.options.cache.work()?;
                    let file = work.path().join(&program.plan.name);
                    self.seal(program, &file)?;
                    let made = crate::bundle::bundle(
                        &file,
                        &[format],
                        folder,
                        Stated::Recipe,
                        self.progress,
                    )?;
                    path = made.into_iter().next().map_or(path, |b| b.path);
                }
            }
        }
        Ok(path)
    }

    /// What `pyxidium licenses` says of a sealed file: every part, and every licence's text.
    fn licenses(&self, sealed: &Sealed, path: &Path) -> Result<(), Error> {
        let bom = crate::sbom(&SealedFile::open(&sealed.path)?)?;
        crate::write_text(path, &crate::licence_text(&bom))
    }
}

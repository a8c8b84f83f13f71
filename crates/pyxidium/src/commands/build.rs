//! `pyxidium build`: one file out of a script or a folder, or what a recipe says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use packager::{Cache, Made, Progress as _, RecipeRequest, Sealed, SealedFile};
use serde_json::json;

use super::project;
use super::sizes::PartSize;
use crate::cli::{BuildArgs, NativeLibraries};
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &BuildArgs, printer: &Printer) -> Result<(), Error> {
    let start = Instant::now();
    super::leave_on_interrupt()?;
    if let Some(recipe) = recipe_of(args)? {
        return build_recipe(args, recipe, printer, start);
    }
    let plan = recipe::plan(&recipe::Request {
        path: project_of(args)?,
        module: args.module.clone(),
        output: args.output.clone(),
        native_libraries: args.native_libraries.map(|n| match n {
            NativeLibraries::Memory => recipe::NativeLibraries::Memory,
            NativeLibraries::Cache => recipe::NativeLibraries::Cache,
        }),
        runtime: args.runtime.clone(),
        script: args.script.clone(),
        extras: args.extra.clone(),
        ..project::request(&args.size, &args.packages)
    })?;
    let cache = Cache::of_user()?;
    let options = project::options(&args.packages, &cache)?;
    let sealed = packager::build(&plan, &options, printer)?;
    let seconds = start.elapsed().as_secs_f64();
    let sizes = args.sizes.then(|| sizes_of(&sealed)).transpose()?;
    if args.json {
        printer.out(&as_json(&sealed, seconds, sizes.as_deref()));
        return Ok(());
    }
    name_left_out(&sealed, printer);
    printer.result(&format!(
        "{} {}  {}, {}, {seconds:.1} s",
        printer.styled_out(Style::Good, "Sealed"),
        printer.styled_out(Style::Strong, &sealed.path.display().to_string()),
        human::size(sealed.len),
        human::count(sealed.packages.len(), "package", "packages"),
    ));
    if !sealed.missing.is_empty() {
        printer.result(&left_out(&sealed));
    }
    if let Some(sizes) = sizes {
        super::sizes::show(&sizes, sealed.len, false, printer);
    }
    Ok(())
}

/// The recipe that is meant, if one is.
fn recipe_of(args: &BuildArgs) -> Result<Option<PathBuf>, Error> {
    let path = args.path.as_deref();
    let is_recipe = path.is_some_and(|p| p.extension().is_some_and(|e| e == "bzl"));
    // A module is one of a folder, whatever recipe lies there.
    let found = match path {
        Some(path) if is_recipe => Some(path.to_owned()),
        Some(folder) if folder.is_dir() => super::targets::in_folder(folder),
        None => super::targets::in_folder(Path::new("")),
        Some(_) => None,
    }
    .filter(|_| args.module.is_none());
    let wanted = !args.recipe.target.is_empty() || !args.recipe.variables.variables.is_empty();
    if found.is_none() && wanted {
        return Err(Error::NoRecipe);
    }
    Ok(found)
}

/// The project that is meant where nothing is named.
fn project_of(args: &BuildArgs) -> Result<Option<PathBuf>, Error> {
    let here = |name: &str| Path::new(name).is_file();
    if args.path.is_some() || args.module.is_some() {
        return Ok(args.path.clone());
    }
    if here("pyproject.toml") || here("__main__.py") {
        return Ok(Some(".".into()));
    }
    Err(Error::NothingHere)
}

fn build_recipe(
    args: &BuildArgs,
    recipe: PathBuf,
    printer: &Printer,
    start: Instant,
) -> Result<(), Error> {
    let given = args.size.given();
    if let Some(option) = given.or_else(|| args.sizes.then_some("--sizes")) {
        return Err(Error::NotWithRecipe { option });
    }
    let cache = Cache::of_user()?;
    let options = project::options(&args.packages, &cache)?;
    let request = RecipeRequest {
        targets: args.recipe.target.clone(),
        output: args.output.clone(),
        ..super::targets::request(recipe, &args.recipe.variables)
    };
    let made = packager::build_recipe(&request, &options, printer)?;
    let seconds = start.elapsed().as_secs_f64();
    if args.json {
        printer.out(&made_as_json(&made, seconds));
        return Ok(());
    }
    for one in &made {
        let sizes: u64 = one.sealed.iter().map(|s| s.len).sum();
        let size = match sizes {
            0 => String::new(),
            sizes => format!(", {}", human::size(sizes)),
        };
        printer.result(&format!(
            "{} {}  {}{size}, {seconds:.1} s",
            printer.styled_out(Style::Good, "Built"),
            printer.styled_out(Style::Strong, &shown(&one.path)),
            one.what,
        ));
    }
    Ok(())
}

/// A path as a person would type it here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let inner = here.as_deref().and_then(|h| path.strip_prefix(h).ok());
    inner.unwrap_or(path).display().to_string()
}

fn made_as_json(made: &[Made], seconds: f64) -> String {
    let one = |m: &Made| {
        let sealed: Vec<_> = m
            .sealed
            .iter()
            .map(|s| json!({"path": s.path, "size": s.len, "packages": s.packages}))
            .collect();
        json!({"target": m.target, "path": m.path, "what": m.what, "sealed": sealed})
    };
    let targets: Vec<_> = made.iter().map(one).collect();
    format!("{:#}", json!({"targets": targets, "seconds": seconds}))
}

/// For those who want to know: each file that was left out.
pub(super) fn name_left_out(sealed: &Sealed, printer: &Printer) {
    for missing in &sealed.missing {
        printer.note(&format!(
            "left out: {} ({})",
            missing.path,
            human::size(missing.stored)
        ));
    }
}

/// One line about what was left out: how much, and of what most.
pub(super) fn left_out(sealed: &Sealed) -> String {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for missing in &sealed.missing {
        *parts.entry(&missing.part).or_default() += missing.stored;
    }
    let total = parts.values().sum();
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> = parts
        .iter()
        .take(4)
        .map(|(name, bytes)| format!("{} of {name}", human::size(*bytes)))
        .collect();
    let more = if parts.len() > 4 { ", ..." } else { "" };
    format!(
        "Left out {}, {}: {}{more}; --verbose names each",
        human::count(sealed.missing.len(), "file", "files"),
        human::size(total),
        named.join(", "),
    )
}

fn sizes_of(sealed: &Sealed) -> Result<Vec<PartSize>, Error> {
    let file = SealedFile::open(&sealed.path)?;
    Ok(super::sizes::of(&packager::inspect(&file)?))
}

fn as_json(sealed: &Sealed, seconds: f64, sizes: Option<&[PartSize]>) -> String {
    let mut value = json!({
        "path": sealed.path,
        "size": sealed.len,
        "seconds": seconds,
        "packages": sealed.packages,
        "payload": sealed.summary,
        "left_out": sealed.missing,
    });
    if let Some(sizes) = sizes {
        value["sizes"] = json!(sizes);
    }
    format!("{value:#}")
}

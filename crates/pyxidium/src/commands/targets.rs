//! `pyxidium targets`: what a recipe can build here, and why not the rest.

use std::path::{Path, PathBuf};

use packager::{RecipeRequest, TargetInfo};

use crate::Error;
use crate::cli::{TargetsArgs, Variables};
use crate::printer::{Printer, Style};
use crate::table::Table;

/// Name of a recipe.
pub(super) const RECIPE: &str = "pyoxidizer.bzl";

pub(crate) fn run(args: &TargetsArgs, printer: &Printer) -> Result<(), Error> {
    let recipe = match args.path.is_dir() {
        true => in_folder(&args.path).ok_or(Error::NoRecipe)?,
        false => args.path.clone(),
    };
    let list = packager::recipe_targets(&request(recipe, &args.variables), printer)?;
    if args.json {
        let json = serde_json::to_value(&list).unwrap_or_default();
        printer.out(&format!("{json:#}"));
        return Ok(());
    }
    show(&list, printer);
    Ok(())
}

/// The recipe of a folder.
pub(super) fn in_folder(folder: &Path) -> Option<PathBuf> {
    // As a person names it here: without a dot in front.
    let folder = folder.strip_prefix(".").unwrap_or(folder);
    let path = folder.join(RECIPE);
    path.is_file().then_some(path)
}

/// What is asked of a recipe.
pub(super) fn request(recipe: PathBuf, variables: &Variables) -> RecipeRequest {
    let given = variables.variables.iter();
    RecipeRequest {
        recipe,
        variables: given
            .map(|(name, value)| (name.clone(), Some(value.clone())))
            .collect(),
        allow_outside: variables.allow_outside,
        ..RecipeRequest::default()
    }
}

fn show(list: &[TargetInfo], printer: &Printer) {
    let mut table = Table::new(&["Target", "Builds", ""]);
    for target in list {
        let name = match target.default {
            true => format!("{} (default)", target.name),
            false => target.name.clone(),
        };
        table.row([
            name,
            target.what.clone().unwrap_or_default(),
            target.not_here.clone().unwrap_or_default(),
        ]);
    }
    for (i, line) in table.lines().iter().enumerate() {
        match i {
            0 => printer.out(&printer.styled_out(Style::Faint, line)),
            _ => printer.out(line.trim_end()),
        }
    }
}

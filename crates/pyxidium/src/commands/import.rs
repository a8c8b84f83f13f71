//! `pyxidium import`: a PyInstaller spec becomes a recipe.

use packager::{Cache, Progress as _};

use super::{project, targets};
use crate::Error;
use crate::cli::{ImportArgs, Packages};
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &ImportArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    if !args.spec.is_file() {
        return Err(recipe::Error::Missing {
            path: args.spec.clone(),
        }
        .into());
    }
    let cache = Cache::of_user()?;
    let options = project::options(&Packages::default(), &cache)?;
    let imported = packager::import_spec(&args.spec, &options, printer)?;
    let beside = match std::fs::canonicalize(&args.spec) {
        Ok(spec) if spec.parent() != Some(&imported.folder) => {
            imported.folder.join(targets::RECIPE)
        }
        _ => args.spec.with_file_name(targets::RECIPE),
    };
    let output = args.output.as_ref().unwrap_or(&beside);
    if output.exists() && !args.force {
        return Err(Error::RecipeExists {
            path: output.clone(),
        });
    }
    packager::write_text(output, &imported.recipe)?;
    for note in &imported.notes {
        printer.warn(note);
    }
    printer.result(&format!(
        "{} {}",
        printer.styled_out(Style::Good, "Wrote"),
        output.display()
    ));
    Ok(())
}

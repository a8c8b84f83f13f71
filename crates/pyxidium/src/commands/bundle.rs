//! `pyxidium bundle`: a sealed file, or an app that is sealed first, as what systems install.

use std::path::Path;

use packager::{Cache, SealedFile, Stated};

use super::{build, project};
use crate::cli::BundleArgs;
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &BundleArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    // Before anything that takes time.
    for format in &args.format {
        format.available().map_err(packager::Error::from)?;
    }
    let into =
        |file: &Path, stated| packager::bundle(file, &args.format, &args.output, stated, printer);
    let made = if args.path.is_file() && SealedFile::open(&args.path).is_ok() {
        if let Some(option) = args.size.given() {
            let path = args.path.clone();
            return Err(Error::SealedAlready { option, path });
        }
        into(&args.path, Stated::Somewhere)?
    } else {
        let cache = Cache::of_user()?;
        let work = cache.work()?;
        let plan = recipe::plan(&recipe::Request {
            path: Some(args.path.clone()),
            output: Some(work.path().join("app")),
            ..project::request(&args.size, &args.packages)
        })?;
        let options = project::options(&args.packages, &cache)?;
        let sealed = packager::build(&plan, &options, printer)?;
        build::name_left_out(&sealed, printer);
        if !sealed.missing.is_empty() && !args.json {
            printer.result(&build::left_out(&sealed));
        }
        into(&sealed.path, Stated::Project)?
    };
    if args.json {
        // Plain data of ours: no key that is not text, nothing that fails to serialise.
        printer.out(&serde_json::to_string_pretty(&made).unwrap_or_default());
        return Ok(());
    }
    for file in &made {
        printer.result(&format!(
            "{} {}  {}",
            printer.styled_out(Style::Good, "Bundled"),
            printer.styled_out(Style::Strong, &file.path.display().to_string()),
            human::size(file.size),
        ));
    }
    Ok(())
}

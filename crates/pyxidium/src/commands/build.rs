//! `pyxidium build`: one file out of a script or a folder.

use std::time::Instant;

use packager::{BuildOptions, Cache, Sealed};
use serde_json::json;

use super::project;
use crate::cli::{BuildArgs, NativeLibraries};
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &BuildArgs, printer: &Printer) -> Result<(), Error> {
    let start = Instant::now();
    super::leave_on_interrupt()?;
    let plan = recipe::plan(&recipe::Request {
        path: args.path.clone(),
        module: args.module.clone(),
        requirements: args.packages.requirements.clone(),
        output: args.output.clone(),
        native_libraries: args.native_libraries.map(|n| match n {
            NativeLibraries::Memory => recipe::NativeLibraries::Memory,
            NativeLibraries::Cache => recipe::NativeLibraries::Cache,
        }),
        runtime: args.runtime.clone(),
    })?;
    let cache = Cache::of_user()?;
    let options = BuildOptions {
        carry_packager: args.carry_packager,
        ..project::options(&args.packages, &cache)?
    };
    let sealed = packager::build(&plan, &options, printer)?;
    let seconds = start.elapsed().as_secs_f64();
    if args.json {
        printer.out(&as_json(&sealed, seconds));
    } else {
        printer.result(&format!(
            "{} {}  {}, {}, {seconds:.1} s",
            printer.styled_out(Style::Good, "Sealed"),
            printer.styled_out(Style::Strong, &sealed.path.display().to_string()),
            human::size(sealed.len),
            human::count(sealed.packages.len(), "package", "packages"),
        ));
    }
    Ok(())
}

fn as_json(sealed: &Sealed, seconds: f64) -> String {
    let value = json!({
        "path": sealed.path,
        "size": sealed.len,
        "seconds": seconds,
        "packages": sealed.packages,
        "payload": sealed.summary,
    });
    format!("{value:#}")
}

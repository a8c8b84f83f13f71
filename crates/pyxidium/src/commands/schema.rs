//! `pyxidium schema`: what may stand in `[tool.pyxidium]`, for editors.

use crate::Error;
use crate::cli::SchemaArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &SchemaArgs, printer: &Printer) -> Result<(), Error> {
    let Some(output) = &args.output else {
        printer.out(packager::SCHEMA.trim_end());
        return Ok(());
    };
    packager::write_text(output, packager::SCHEMA)?;
    printer.result(&format!(
        "{} {}",
        printer.styled_out(Style::Good, "Wrote"),
        output.display()
    ));
    Ok(())
}

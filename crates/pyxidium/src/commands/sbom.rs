//! `pyxidium sbom`: what a sealed file is made of, as CycloneDX.

use packager::SealedFile;

use crate::Error;
use crate::cli::SbomArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &SbomArgs, printer: &Printer) -> Result<(), Error> {
    let bom = packager::sbom(&SealedFile::open(&args.file)?)?;
    let document = bom.to_cyclonedx();
    let Some(output) = &args.output else {
        printer.out(document.trim_end());
        return Ok(());
    };
    packager::write_text(output, &document)?;
    printer.result(&format!(
        "{} {}  {}",
        printer.styled_out(Style::Good, "Wrote"),
        output.display(),
        crate::human::count(bom.parts.len(), "component", "components"),
    ));
    Ok(())
}

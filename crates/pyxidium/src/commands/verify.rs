//! `pyxidium verify`: every byte of a payload against its hashes.

use packager::{Progress as _, SealedFile, Unit};

use crate::cli::VerifyArgs;
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &VerifyArgs, printer: &Printer) -> Result<(), Error> {
    let file = SealedFile::open(&args.file)?;
    let total = file.payload()?.total_len();
    printer.begin("verifying", Some(total), Unit::Bytes);
    let result = file.verify(&|bytes| printer.advance(bytes));
    printer.end();
    let summary = result?;
    printer.result(&format!(
        "{} {}  {}, {}",
        printer.styled_out(Style::Good, "Verified"),
        args.file.display(),
        human::size(summary.total_len),
        human::count(summary.entries, "entry", "entries"),
    ));
    Ok(())
}

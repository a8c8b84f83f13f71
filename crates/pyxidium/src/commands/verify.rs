//! `pyxidium verify`: every byte of a payload against its hashes, and who vouches for the file.

use packager::{Progress as _, SealedFile, Unit};

use crate::cli::VerifyArgs;
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &VerifyArgs, printer: &Printer) -> Result<(), Error> {
    let key = args.key.as_deref().map(packager::public_key).transpose()?;
    let file = SealedFile::open(&args.file)?;
    let total = file.payload()?.total_len();
    printer.begin("verifying", Some(total), Unit::Bytes);
    let result = file.verify(&|bytes| printer.advance(bytes));
    printer.end();
    let summary = result?;
    let signed = packager::check_signature(&file, key.as_ref())?;
    let signed = match (signed, &key) {
        (None, _) => "not signed".into(),
        (Some(id), Some(_)) => format!("signed with key {id}"),
        // Anybody can sign with a key of their own.
        (Some(id), None) => format!("signed with key {id}, which --key would check"),
    };
    printer.result(&format!(
        "{} {}  {}, {}, {signed}",
        printer.styled_out(Style::Good, "Verified"),
        args.file.display(),
        human::size(summary.total_len),
        human::count(summary.entries, "entry", "entries"),
    ));
    Ok(())
}

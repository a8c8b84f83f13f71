//! `pyxidium sign`: an author vouches for a sealed file.

use packager::SealedFile;

use crate::Error;
use crate::cli::SignArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &SignArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    let key = packager::private_key(&args.key)?;
    let file = SealedFile::open(&args.file)?;
    // Nobody should vouch for a file that is damaged.
    file.verify(&|_| ())?;
    let output = args.output.as_deref().unwrap_or(&args.file);
    let id = packager::sign(&file, &key, output)?;
    printer.result(&format!(
        "{} {} with key {id}",
        printer.styled_out(Style::Good, "Signed"),
        output.display(),
    ));
    Ok(())
}

//! `pyxidium keygen`: a pair of keys to sign sealed files with.

use crate::Error;
use crate::cli::KeygenArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &KeygenArgs, printer: &Printer) -> Result<(), Error> {
    let pair = packager::write_keys(&args.output)?;
    printer.result(&format!(
        "{} key {}\n  {}  keep it to yourself: it signs\n  {}  give it away: it checks",
        printer.styled_out(Style::Good, "Made"),
        printer.styled_out(Style::Strong, &pair.id.to_string()),
        pair.private.display(),
        pair.public.display(),
    ));
    Ok(())
}

//! `pyxidium self-seal`: how dist/pyxidium is made. For `cargo xtask dist`, not for people.

use packager::{Cache, SelfSeal};

use crate::cli::SelfSealArgs;
use crate::printer::Printer;
use crate::{Error, VERSION, human, own};

pub(crate) fn run(args: &SelfSealArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    let stub = match &args.stub {
        Some(stub) => stub.clone(),
        None => own::program()?,
    };
    let request = SelfSeal {
        cpython: &args.cpython,
        stub: &stub,
        console: &args.console,
        window: &args.window,
        package: &args.package,
        components: &args.components,
        frozen: &own::FROZEN,
        output: &args.output,
        version: VERSION,
    };
    let summary = packager::self_seal(&request, &Cache::of_user()?, printer)?;
    printer.result(&format!(
        "Sealed {}  payload {}",
        args.output.display(),
        human::size(summary.total_len)
    ));
    Ok(())
}

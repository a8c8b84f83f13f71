//! One command, one file. Each asks the packager for something and shows the answer.

pub(crate) mod build;
pub(crate) mod completions;
pub(crate) mod inspect;
pub(crate) mod self_seal;
pub(crate) mod verify;

use crate::Error;

/// On Ctrl-C: children ended, unfinished files gone, exit code 130. Old output stays as it was.
fn leave_on_interrupt() -> Result<(), Error> {
    const INTERRUPTED: i32 = 130;
    ctrlc::set_handler(|| {
        packager::abandon(INTERRUPTED, || {
            use std::io::Write as _;
            // The printer may be locked by the thread that was interrupted.
            let _ = writeln!(
                std::io::stderr(),
                "\rerror: interrupted; nothing was written"
            );
        })
    })?;
    Ok(())
}

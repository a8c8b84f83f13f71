//! One command, one file. Each asks the packager for something and shows the answer.

pub(crate) mod build;
pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod keygen;
pub(crate) mod licenses;
pub(crate) mod new;
pub(crate) mod profile;
mod project;
pub(crate) mod record;
pub(crate) mod sbom;
pub(crate) mod schema;
pub(crate) mod self_seal;
pub(crate) mod sign;
mod sizes;
pub(crate) mod targets;
pub(crate) mod types;
pub(crate) mod update_manifest;
pub(crate) mod verify;

use crate::Error;

/// Exit code of a command that was interrupted.
const INTERRUPTED: i32 = 130;

/// On Ctrl-C: children ended, unfinished files gone, exit code 130. Old output stays as it was.
fn leave_on_interrupt() -> Result<(), Error> {
    ctrlc::set_handler(|| leave("error: interrupted; nothing was written"))?;
    Ok(())
}

/// Leaves the process as on Ctrl-C.
fn leave(say: &str) -> ! {
    packager::abandon(INTERRUPTED, || {
        use std::io::Write as _;
        // The printer may be locked by the thread that was interrupted.
        let _ = writeln!(std::io::stderr(), "\r{say}");
    })
}

//! `bench`: side by side with the peers. Its place; the measurements are another room's work.

use std::path::Path;

use crate::Context;
use crate::error::Result;

pub fn run(context: &Context, _dist: &Path, _peers: bool) -> Result<()> {
    context.printer.warn("no benchmark is written yet");
    Ok(())
}

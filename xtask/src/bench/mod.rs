//! `bench`: side by side with the peers. Its place; the measurements are another room's work.

use crate::Context;
use crate::dist::Dist;
use crate::error::Result;

pub fn run(context: &Context, dist: &Dist, _peers: bool) -> Result<()> {
    context.printer.warn(format!(
        "no benchmark is written yet: {} against {}",
        dist.pyxidium.display(),
        dist.cpython.executable().display()
    ));
    Ok(())
}

//! stub
use crate::{Context, error::Result};
#[derive(clap::Args)]
pub struct Args {}
pub fn run(_c: &Context, _a: &Args) -> Result<()> { Ok(()) }

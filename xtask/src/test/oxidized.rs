//! The tests of `oxidized_importer`: under the sealed Python, whose importer it replaces, and under a plain one.

use std::process::Command;

use crate::error::Result;
use crate::{Context, package, process, python};

const TESTS: &str = "python/tests/oxidized_importer";

pub fn check(context: &Context) -> Result<()> {
    let tests = context.workspace.path(TESTS);
    let arguments = ["-W", "error", "-m", "unittest", "discover", "-q", "-s"];
    let mut sealed = Command::new(context.workspace.dist("pyxidium"));
    process::hushed(sealed.arg("python").args(arguments).arg(&tests))?;
    let base = python::run(context, &python::Args::default())?.executable();
    let package = package::folder(context);
    let mut plain = Command::new(base);
    plain.env("PYTHONPATH", package.parent().unwrap_or(&package));
    plain.env("PYTHONDONTWRITEBYTECODE", "1");
    process::hushed(plain.args(arguments).arg(&tests))
}

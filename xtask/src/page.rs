//! Studio's page (`ui/`): its packages, its tests, its build. Node is taken from the machine.

use std::path::PathBuf;
use std::process::Command;

use crate::error::{Error, Result};
use crate::inputs::{Stamp, digest};
use crate::{Context, process};

/// What the packages in `ui/package.json` run on.
const NODE: (u32, u32) = (20, 19);

/// Makes `ui/dist`, if it is not there or its sources changed.
pub fn build(context: &Context) -> Result<PathBuf> {
    let out = context.workspace.path("ui/dist");
    let stamp = stamp(context, "page-built")?;
    if stamp.holds() && out.join("index.html").is_file() {
        return Ok(out);
    }
    install(context)?;
    stamp.lift();
    context.printer.step("Building", "ui/dist");
    process::hushed(&mut npm(context, &["run", "--silent", "build"]))?;
    stamp.set()?;
    Ok(out)
}

/// The page's own tests, and those of the client that pages use.
pub fn test(context: &Context) -> Result<()> {
    let stamp = stamp(context, "page-tested")?;
    if stamp.holds() {
        return Ok(());
    }
    install(context)?;
    stamp.lift();
    process::hushed(&mut npm(context, &["run", "--silent", "test"]))?;
    stamp.set()
}

/// Everything that the page and its tests are made of.
fn stamp(context: &Context, name: &str) -> Result<Stamp> {
    let workspace = &context.workspace;
    let sources = ["ui", "python/pyxidium/client"].map(|path| workspace.path(path));
    Ok(Stamp::new(
        workspace.path("target/xtask").join(name),
        digest(&sources)?,
    ))
}

fn install(context: &Context) -> Result<()> {
    let version = process::ask(Command::new("node").arg("--version")).unwrap_or_default();
    if !is_new_enough(&version) || !process::on_path("npm") {
        return Err(Error::MissingTool {
            tool: "Node.js 20.19 or newer, with npm,",
            install: "the packages `nodejs` and `npm` of your system if they are new enough, else from nodejs.org",
        });
    }
    let workspace = &context.workspace;
    let lock = digest(&[workspace.path("ui/package-lock.json")])?;
    let stamp = Stamp::new(workspace.path("ui/node_modules/.complete"), lock + &version);
    if stamp.holds() {
        return Ok(());
    }
    context.printer.step("Installing", "packages of ui/");
    let quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    process::capture(&mut npm(context, &quiet))?;
    stamp.set()
}

fn npm(context: &Context, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(context.workspace.path("ui"))
        .args(arguments);
    command
}

/// Of what `node --version` says: `v20.19.1`.
fn is_new_enough(version: &str) -> bool {
    let numbers = version.trim().trim_start_matches('v').split('.');
    let numbers: Vec<u32> = numbers.map_while(|number| number.parse().ok()).collect();
    matches!(numbers[..], [major, minor, ..] if (major, minor) >= NODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_must_be_new_enough() {
        assert!(is_new_enough("v20.19.0\n") && is_new_enough("v22.1.0"));
        assert!(!is_new_enough("v20.18.3") && !is_new_enough("v18.20.4"));
        assert!(!is_new_enough("") && !is_new_enough("node: not found"));
    }
}

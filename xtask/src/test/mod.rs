//! `test`: everything that the tests need, then every check; all of them run even if one fails.
//!
//! One check, one entry in `steps`. All use the same cargo profile, so that nothing is built twice.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::printer::duration;
use crate::{Context, dist, page, process, studio};

pub mod compute;
mod oxidized;
mod python;
mod runner;

#[derive(clap::Args)]
pub struct Args {
    /// Only tests whose name contains this; leaves out the other checks
    filter: Option<String>,
}

type Step = (&'static str, fn(&Context) -> Result<()>);

const STEPS: &[Step] = &[
    ("format", format),
    ("lints", lints),
    ("Python: format, lints, types", python::check),
    ("page: types, tests", page::test),
    ("tests", |context| tests(context, None)),
    ("documentation tests", doc_tests),
    ("compute", compute::check),
    ("oxidized_importer", oxidized::check),
];

pub fn run(context: &Context, args: &Args) -> Result<()> {
    let dist = dist::run(context, &dist::Args::default())?;
    studio::seal(context, &dist)?;
    if let Some(filter) = &args.filter {
        return tests(context, Some(filter));
    }
    let mut rows = vec![["step", "outcome", "time"].map(String::from).to_vec()];
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        context.printer.step("Checking", name);
        let started = Instant::now();
        let outcome = step(context);
        rows.push(row(name, outcome.is_ok(), started.elapsed()));
        if let Err(error) = outcome {
            context.printer.error(&error);
            failed.push(name.to_string());
        }
    }
    context.printer.table(&rows);
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::Tests {
        what: "steps",
        failed: failed.len(),
        total: STEPS.len(),
        names: failed,
    })
}

fn row(name: &str, passed: bool, time: Duration) -> Vec<String> {
    let outcome = if passed { "passed" } else { "FAILED" };
    [name.to_string(), outcome.to_string(), duration(time)].to_vec()
}

/// Parts of the toolchain that a minimal installation lacks.
fn component(context: &Context, subcommand: &str, component: &'static str) -> Result<()> {
    let version = process::capture(context.workspace.cargo().args([subcommand, "--version"]));
    if version.is_ok() {
        return Ok(());
    }
    if !process::on_path("rustup") {
        let install = "rustup component add rustfmt clippy";
        return Err(Error::MissingTool {
            tool: component,
            install,
        });
    }
    context
        .printer
        .note(format!("{component} is missing from the toolchain"));
    process::inherit(Command::new("rustup").args(["component", "add", component]))
}

fn format(context: &Context) -> Result<()> {
    component(context, "fmt", "rustfmt")?;
    let mut cargo = context.workspace.cargo();
    // Which files, not how: `cargo fmt` knows that.
    process::inherit(cargo.args(["fmt", "--all", "--", "--check", "--files-with-diff"]))
}

fn lints(context: &Context) -> Result<()> {
    component(context, "clippy", "clippy")?;
    let mut cargo = context.workspace.cargo();
    cargo.args([
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    process::inherit(&mut cargo)
}

/// One process per test, since a process can hold one interpreter: with cargo-nextest where it is
/// installed, else with our own runner.
fn tests(context: &Context, filter: Option<&str>) -> Result<()> {
    if !process::on_path("cargo-nextest") {
        return runner::run(context, filter);
    }
    let mut cargo = context.workspace.cargo();
    cargo.args([
        "nextest",
        "run",
        "--release",
        "--workspace",
        "--no-fail-fast",
    ]);
    process::inherit(cargo.args(filter))
}

fn doc_tests(context: &Context) -> Result<()> {
    let mut cargo = context.workspace.cargo();
    // Most crates have none and would say so at length: stdout is shown only when something fails.
    process::hushed(cargo.args(["test", "--release", "--workspace", "--doc", "--quiet"]))
}

//! `fuzz`: for a given time, the payload reader under `cargo fuzz`, or random kernels beside CPython.

use std::process::Command;

use crate::error::{Error, Result};
use crate::test::compute;
use crate::{Context, dist, process};

#[derive(clap::Args)]
pub struct Args {
    #[arg(value_enum, default_value = "payload")]
    what: What,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    minutes: f64,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// The reader of payloads
    Payload,
    /// The compiler of kernels; what differs is made small and kept in target/fuzz-kernels
    Kernels,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
    match args.what {
        What::Payload => payload(context, args.minutes),
        What::Kernels => kernels(context, args.minutes),
    }
}

fn kernels(context: &Context, minutes: f64) -> Result<()> {
    dist::run(context, &dist::Args::default())?;
    let mut python = compute::python_with_numpy(context)?;
    python.current_dir(context.workspace.path(compute::TESTS));
    python.args(["-m", "fuzzing", "--minutes", &minutes.to_string(), "--out"]);
    python.arg(context.workspace.path("target/fuzz-kernels"));
    process::inherit(&mut python)
}

fn payload(context: &Context, minutes: f64) -> Result<()> {
    let seconds = (minutes * 60.0).ceil();
    if !process::on_path("cargo-fuzz") {
        let install = "rustup toolchain install nightly && cargo install cargo-fuzz --locked";
        return Err(Error::MissingTool {
            tool: "cargo-fuzz",
            install,
        });
    }
    let room = context.workspace.path("crates/packed-resources");
    let cargo_fuzz = |words: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .arg("+nightly")
            .arg("fuzz")
            .args(words)
            .current_dir(&room);
        // What cargo set for us would override the `+nightly`.
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
        command
    };
    for target in process::capture(&mut cargo_fuzz(&["list"]))?.lines() {
        context
            .printer
            .step("Fuzzing", format!("{target} for {seconds} s"));
        let time = format!("-max_total_time={seconds}");
        process::inherit(&mut cargo_fuzz(&["run", target, "--", &time]))?;
    }
    Ok(())
}

//! `fuzz`: the payload reader under `cargo fuzz`, for a fixed time.

use std::process::Command;

use crate::Context;
use crate::error::{Error, Result};
use crate::process;

#[derive(clap::Args)]
pub struct Args {
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
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
            .step("Fuzzing", format!("{target} for {} s", args.seconds));
        let time = format!("-max_total_time={}", args.seconds);
        process::inherit(&mut cargo_fuzz(&["run", target, "--", &time]))?;
    }
    Ok(())
}

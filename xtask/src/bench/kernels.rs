//! `@kernel` beside the same arithmetic in hand-written Rust, and beside Numba.
//!
//! `apps/kernels_run.py` measures all of them in one process; here its figures get their budgets.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::{package, process};

use super::report::{Measured, Report, Unit};
use super::{Bench, NUMPY_REQUIREMENT, bare, measure};

const FOLDER: &str = "xtask/src/bench/apps";
const NUMBA_REQUIREMENT: &str = "numba==0.68.1";
const RUST: &str = "librust_kernels.so";
/// More rounds would take minutes: the ladder alone is seconds.
const ROUNDS: usize = 9;
/// The two workloads; the ten classic kernels follow them.
const OWN: [&str; 2] = [LADDER, "poly-match"];
const LADDER: &str = "ladder";

/// A kernel as `kernels_run.py` reports it.
#[derive(Deserialize)]
struct Kernel {
    name: String,
    ours_s: f64,
    peer: String,
    peer_s: f64,
    ratio: f64,
    first_s: f64,
    numba_s: Option<f64>,
    numba_ratio: Option<f64>,
    numba_first_s: Option<f64>,
    numba_answer: Option<String>,
}

/// A ready-made kernel beside the wheel that a user would pick.
#[derive(Deserialize)]
struct Ready {
    name: String,
    ours_s: f64,
    peer: String,
    peer_s: f64,
}

pub fn run(bench: &Bench<'_>, peers: bool, report: &mut Report) -> Result<()> {
    first(bench, report)?;
    let kernels = measured(bench, peers)?;
    let mut classic = Vec::new();
    for kernel in &kernels {
        let own = OWN.contains(&kernel.name.as_str());
        let budget = if kernel.name == LADDER { 1.1 } else { 2.0 };
        report.add(
            Measured::new(&kernel.name, Unit::Seconds, kernel.ours_s)
                .against(&kernel.peer, kernel.peer_s, kernel.ratio)
                .budget(budget),
        );
        if !own {
            classic.push(kernel.ratio);
        }
    }
    let mean = geometric_mean(&classic);
    report.add(Measured::new("ten kernels, geometric mean", Unit::Ratio, mean).budget(1.3));
    for kernel in &kernels {
        let numba = kernel
            .numba_first_s
            .map(|seconds| format!(" (Numba: {:.0} ms)", seconds * 1e3));
        let name = format!("{}, first call{}", kernel.name, numba.unwrap_or_default());
        report.add(Measured::new(name, Unit::Seconds, kernel.first_s).budget(0.010));
    }
    for kernel in &kernels {
        let (Some(numba), Some(ratio)) = (kernel.numba_s, kernel.numba_ratio) else {
            continue;
        };
        let answer = kernel.numba_answer.as_deref().unwrap_or("same");
        let name = format!("{}, beside Numba (its answer: {answer})", kernel.name);
        report
            .add(Measured::new(name, Unit::Seconds, kernel.ours_s).against("Numba", numba, ratio));
    }
    if peers {
        ready(bench, report)?;
    }
    Ok(())
}

/// An app's first kernel, measured by the app itself, in a new process each time.
fn first(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let app = bench.seal("first_kernel", include_str!("apps/first_kernel.py"))?;
    let once = || {
        let text = process::capture(&mut bare(&app))?;
        let times: Option<Vec<f64>> = text.split_whitespace().map(|t| t.parse().ok()).collect();
        times
            .filter(|t| t.len() == 4)
            .ok_or_else(|| unexpected(&text))
    };
    let times = (0..bench.runs)
        .map(|_| once())
        .collect::<Result<Vec<_>>>()?;
    let rows = [
        ("import pyxidium.compute", Some(0.005)),
        ("first call of an app's first kernel", Some(0.010)),
        ("from import to that kernel's answer", None),
        ("a later call, of two floats", Some(1e-6)),
    ];
    for (at, (name, budget)) in rows.into_iter().enumerate() {
        let seconds = measure::median(times.iter().map(|t| t[at]));
        let measured = Measured::new(name, Unit::Seconds, seconds);
        report.add(match budget {
            Some(budget) => measured.budget(budget),
            None => measured,
        });
    }
    Ok(())
}

/// Runs all kernels, and says where it is: it takes a while.
fn measured(bench: &Bench<'_>, peers: bool) -> Result<Vec<Kernel>> {
    let folder = bench.context.workspace.path(FOLDER);
    let rust = bench.context.workspace.release(RUST);
    let mut packages = vec![NUMPY_REQUIREMENT];
    if peers {
        packages.push(NUMBA_REQUIREMENT);
    }
    let venv = if peers { "numba-venv" } else { "numpy-venv" };
    let python = bench.venv(venv, &bench.python(), &packages)?;
    let command = |arguments: &[&str]| {
        let mut command = with_package(bench, &python);
        command.arg(folder.join("kernels_run.py")).arg(&rust);
        command.args(arguments);
        command
    };
    let printer = &bench.context.printer;
    printer.step("Checking", "kernels against plain Python and Rust");
    process::capture(&mut command(&["--check"]))?;
    printer.step("Measuring", "kernels beside Rust with rayon");
    let rounds = ROUNDS.min(bench.runs).to_string();
    let mut arguments = vec![rounds.as_str()];
    if peers {
        arguments.push("--numba");
    }
    lines(&process::capture(&mut command(&arguments))?)
}

/// Ready-made kernels beside the field's best wheels.
fn ready(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let script = bench
        .context
        .workspace
        .path(FOLDER)
        .join("compute_ready.py");
    let python = bench.venv("ready-venv", &bench.python(), READY)?;
    let printer = &bench.context.printer;
    printer.step("Measuring", "ready-made kernels");
    let text = process::capture(with_package(bench, &python).arg(script))?;
    for kernel in lines::<Ready>(&text)? {
        let ratio = kernel.ours_s / kernel.peer_s;
        report.add(
            Measured::new(kernel.name, Unit::Seconds, kernel.ours_s)
                .against(&kernel.peer, kernel.peer_s, ratio)
                .budget(1.0),
        );
    }
    Ok(())
}

/// The wheels that `apps/compute_ready.py` compares with.
const READY: &[&str] = &[
    NUMPY_REQUIREMENT,
    "scipy==1.18.1",
    "rapidfuzz==3.14.6",
    "shapely==2.2.0",
    "blake3==1.0.11",
    "xxhash==4.1.0",
];

fn geometric_mean(ratios: &[f64]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}

/// A Python of a venv that finds the package as it is sealed.
fn with_package(bench: &Bench<'_>, python: &Path) -> Command {
    let mut command = bare(python);
    let package = package::folder(bench.context);
    command.env("PYTHONPATH", package.parent().unwrap_or(&package));
    command
}

/// One JSON object a line.
fn lines<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Vec<T>> {
    let line = |line: &str| serde_json::from_str(line).map_err(|_| unexpected(line));
    text.lines().map(line).collect()
}

fn unexpected(output: &str) -> Error {
    Error::Unexpected {
        what: format!("the benchmark's output `{}`", output.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_as_fast_and_twice_as_slow_are_even() {
        assert!((geometric_mean(&[2.0, 0.5, 1.0]) - 1.0).abs() < 1e-12);
        assert!(geometric_mean(&[]).is_nan(), "no kernels, no figure");
    }

    #[test]
    fn figures_come_a_line_each() {
        let text = "{\"name\":\"a\",\"ours_s\":1,\"peer\":\"b\",\"peer_s\":2}\n";
        let found: Vec<Ready> = lines(text).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].peer_s), ("a", 2.0));
        let error = lines::<Ready>("Traceback").err().unwrap();
        assert!(error.to_string().contains("`Traceback`"), "{error}");
    }
}

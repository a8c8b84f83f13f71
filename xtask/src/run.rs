//! `run`: everything from a fresh machine to sealed example apps: two that run, with their figures, and
//! three in their windows, then Pyxidium Studio in its own.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::printer::{duration, megabytes};
use crate::{Context, dist, process, studio};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    dist: dist::Args,
}

struct Example {
    name: &'static str,
    /// `OUT` stands for a folder that the app may write into.
    arguments: &'static [&'static str],
    /// How often it is started for the median.
    starts: usize,
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "hello",
        arguments: &[],
        starts: 15,
    },
    Example {
        name: "science",
        arguments: &["--out", "OUT"],
        starts: 3,
    },
];

/// Examples with a window: their sources, and the runtime that they need.
const WINDOWS: &[(&str, &str, Option<&str>)] = &[
    ("eckel", "examples/eckel/app/app.py", Some("eckel")),
    ("polymatch", "examples/polymatch/app.py", None),
    ("tables", "examples/tables", None),
];

pub fn run(context: &Context, args: &Args) -> Result<()> {
    let dist = dist::run(context, &args.dist)?;
    let pyxidium = &dist.pyxidium;
    let folder = context.workspace.dist("examples");
    fs_err::create_dir_all(&folder)?;
    let header = ["file", "size", "built in", "runs in (median)"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for example in EXAMPLES {
        rows.push(example.show(context, pyxidium, &folder)?);
    }
    let mut windows = Vec::new();
    for (name, source, runtime) in WINDOWS {
        let out = folder.join(name);
        let mut build = Command::new(pyxidium);
        build.arg("build").arg(context.workspace.path(source));
        if let Some(runtime) = runtime {
            let runtime = dist::stripped(context, runtime)?;
            build.arg("--runtime").arg(runtime);
        }
        let started = Instant::now();
        process::inherit(build.arg("-o").arg(&out))?;
        let row = sealed_row(context, &out, started.elapsed())?;
        rows.push([&row[..], &["a window".into()]].concat());
        windows.push(out);
    }
    let studio = studio::seal(context, &dist)?;
    context.printer.table(&rows);
    for window in &windows {
        studio::open(context, window)?;
    }
    studio::open(context, &studio)
}

impl Example {
    /// Seals it, runs it once for everyone to see, then a few times for the figures.
    fn show(&self, context: &Context, pyxidium: &Path, folder: &Path) -> Result<Vec<String>> {
        let app = context
            .workspace
            .path(&format!("examples/{}/app.py", self.name));
        let out = folder.join(self.name);
        let mut build = Command::new(pyxidium);
        build.arg("build").arg(app).arg("-o").arg(&out);
        let started = Instant::now();
        process::inherit(&mut build)?;
        let built = started.elapsed();
        context.printer.step("Running", out.display().to_string());
        process::inherit(&mut self.command(&out, folder))?;
        let mut times = Vec::new();
        for _ in 0..self.starts {
            let mut command = self.command(&out, folder);
            let started = Instant::now();
            process::inherit(command.stdout(Stdio::null()))?;
            times.push(started.elapsed());
        }
        let row = sealed_row(context, &out, built)?;
        Ok([&row[..], &[duration(median(times))]].concat())
    }

    /// In an environment as bare as an end user's: cargo adds variables to ours.
    fn command(&self, sealed: &Path, folder: &Path) -> Command {
        let mut command = Command::new(sealed);
        command.env_clear();
        for name in ["HOME", "LANG", "PATH", "TERM"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for argument in self.arguments {
            match *argument {
                "OUT" => command.arg(folder.join(format!("{}-output", self.name))),
                other => command.arg(other),
            };
        }
        command
    }
}

/// Its name, size and the time that sealing took.
fn sealed_row(context: &Context, out: &Path, built: Duration) -> Result<[String; 3]> {
    let shown = out.strip_prefix(context.workspace.root()).unwrap_or(out);
    let size = fs_err::metadata(out)?.len();
    Ok([
        shown.display().to_string(),
        megabytes(size),
        duration(built),
    ])
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_start_does_not_move_the_median() {
        let times = [9, 1, 500].map(Duration::from_millis).to_vec();
        assert_eq!(median(times), Duration::from_millis(9));
    }
}

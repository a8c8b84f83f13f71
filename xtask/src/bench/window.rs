//! A sealed app with a window against a Tauri app without Python (`tests/bare-window`). Both run the
//! same page, on a display of our own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::display::Display;
use crate::error::{Error, Result};
use crate::process;

use super::measure::{self, Comparison};
use super::report::{Measured, Report, Unit};
use super::{Bench, ratio, size};

const APP: &str = include_str!("apps/window/app.py");
const PAGE: &[(&str, &str)] = &[
    ("index.html", include_str!("apps/window/index.html")),
    ("main.js", include_str!("apps/window/main.js")),
    (
        "bench.js",
        include_str!("../../../tests/bare-window/ui/bench.js"),
    ),
];
const PEER: &str = "bare Tauri";

/// How long an app that was just opened is left alone before its memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);

/// What `bench.js` measures, in seconds.
#[derive(Deserialize)]
struct Figures {
    round_trip: f64,
    many: f64,
    copy: f64,
    blob_out: f64,
    blob_in: f64,
}

pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let display = Display::start()?;
    let peers = Peers {
        ours: seal(bench)?,
        bare: bench.context.workspace.release("bare-window"),
        display: &display,
    };
    let measuring = |what: &str| bench.context.printer.step("Measuring", what);
    measuring("start of a window");
    let found = peers.compare(bench.runs, &|app| Ok(app.ready.as_secs_f64()), "")?;
    report.add(ratio("window: start to an answer", PEER, found, 1.1));
    measuring("calls between page and Python");
    peers.calls(bench.runs.div_ceil(4), report)?;
    measuring("memory of an idle window");
    let idle = |app: &mut App| {
        thread::sleep(SETTLE);
        app.memory()
    };
    let found = peers.compare(bench.runs.div_ceil(7), &idle, "")?;
    let memory = Measured::new("window: idle memory (PSS)", Unit::Bytes, found.ours);
    report.add(memory.against(PEER, found.peer, found.ratio));
    report.add(size("size of a windowed hello", &peers.ours, 20)?);
    Ok(())
}

/// Writes the app and seals it.
fn seal(bench: &Bench) -> Result<PathBuf> {
    let folder = bench.folder.join("window-app");
    fs_err::create_dir_all(folder.join("ui"))?;
    fs_err::write(folder.join("app.py"), APP)?;
    for (name, text) in PAGE {
        fs_err::write(folder.join("ui").join(name), text)?;
    }
    let out = bench.folder.join("window");
    process::capture(&mut bench.build(&folder.join("app.py"), &out))?;
    Ok(out)
}

struct Peers<'a> {
    ours: PathBuf,
    bare: PathBuf,
    display: &'a Display,
}

impl Peers<'_> {
    /// One figure of both, in turn.
    fn compare(
        &self,
        runs: usize,
        figure: &dyn Fn(&mut App) -> Result<f64>,
        job: &str,
    ) -> Result<Comparison> {
        let one = |program: &Path| figure(&mut App::start(program, job, self.display)?);
        measure::compare_by(runs, &|| one(&self.ours), &|| one(&self.bare))
    }

    fn calls(&self, runs: usize, report: &mut Report) -> Result<()> {
        let mut pairs = Vec::with_capacity(runs);
        for _ in 0..runs {
            let one = |program: &Path| App::start(program, "measure", self.display)?.figures();
            pairs.push((one(&self.ours)?, one(&self.bare)?));
        }
        let by = |ours: &dyn Fn(&Figures) -> f64, peer: &dyn Fn(&Figures) -> f64| {
            Comparison::of(pairs.iter().map(|(a, b)| (ours(a), peer(b))))
        };
        let same = |figure: &dyn Fn(&Figures) -> f64| by(figure, figure);
        let round_trip = same(&|figures| figures.round_trip);
        report.add(ratio("window: call and answer", PEER, round_trip, 1.3));
        let many = same(&|figures| figures.many);
        let many_calls = Measured::new(
            "window: 10,000 calls, 100 at once",
            Unit::Seconds,
            many.ours,
        );
        report.add(many_calls.against(PEER, many.peer, many.ratio));
        // The budget: a bare raw response, and twice the time of a memcpy.
        let allowed = "bare Tauri + 2 memcpy";
        let out = by(&|ours| ours.blob_out, &|peer| {
            peer.blob_out + 2.0 * peer.copy
        });
        report.add(ratio("window: 100 MB to the page", allowed, out, 1.0));
        let into = by(&|ours| ours.blob_in, &|peer| peer.blob_in + 2.0 * peer.copy);
        report.add(ratio("window: 100 MB from the page", allowed, into, 1.0));
        Ok(())
    }
}

/// A running app whose page has had its first answer.
struct App {
    child: Child,
    output: BufReader<ChildStdout>,
    ready: Duration,
}

impl App {
    fn start(program: &Path, job: &str, display: &Display) -> Result<Self> {
        let mut command = super::with(program, &[job]);
        display.take(&mut command);
        // A group of its own: WebKit's helper processes belong to it.
        command.process_group(0);
        let started = Instant::now();
        let mut child = spawn(&mut command)?;
        let output = child.stdout.take().ok_or_else(|| unexpected("no output"))?;
        let mut app = App {
            child,
            output: BufReader::new(output),
            ready: Duration::ZERO,
        };
        match app.line()?.as_str() {
            "READY" => app.ready = started.elapsed(),
            other => return Err(unexpected(other)),
        }
        Ok(app)
    }

    fn figures(&mut self) -> Result<Figures> {
        let line = self.line()?;
        serde_json::from_str(&line).map_err(|_| unexpected(&line))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// The memory of all its processes in bytes; what they share is counted once.
    fn memory(&self) -> Result<f64> {
        let mut kilobytes = 0.0;
        for entry in fs_err::read_dir("/proc")? {
            let folder = entry?.path();
            // Processes may end while they are looked at.
            let stat = fs_err::read_to_string(folder.join("stat")).unwrap_or_default();
            if group(&stat) != Some(self.child.id()) {
                continue;
            }
            let rollup = fs_err::read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
            kilobytes += proportional(&rollup).unwrap_or_default();
        }
        Ok(kilobytes * 1024.0)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    spawned.map_err(|source| Error::Spawn {
        program: process::shown(command),
        source,
    })
}

fn unexpected(line: &str) -> Error {
    Error::Unexpected {
        what: format!("the window's output `{line}`"),
    }
}

/// The process group in `/proc/ID/stat`. The name before it may contain anything.
fn group(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(2)?.parse().ok()
}

/// Kilobytes of PSS in `/proc/ID/smaps_rollup`.
fn proportional(rollup: &str) -> Option<f64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_group_whatever_its_name() {
        assert_eq!(group("7 (a) b) S 1 42 42 0 -1"), Some(42));
        assert_eq!(group(""), None);
    }

    #[test]
    fn memory_is_the_proportional_share() {
        let rollup =
            "55-7f ---p 0 00:00 0 [rollup]\nRss:   900 kB\nPss:   300 kB\nPss_Anon: 1 kB\n";
        assert_eq!(proportional(rollup), Some(300.0));
    }
}

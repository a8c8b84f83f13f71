//! Runs every test in a process of its own, as cargo-nextest does, with nothing to install.
//!
//! Asks cargo for the test executables and each of them for its tests; knows no test by name.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Context;
use crate::error::{Error, Result};
use crate::process;

/// Longer than the slowest build of a case; a test that hangs must not hang the machine.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// How many tests that open windows run at once, as in `.config/nextest.toml`: each has a web engine
/// and a display.
const WINDOWS_AT_ONCE: usize = 2;

/// How many lines of a failed test's output are shown.
const SHOWN: usize = 80;

/// A test executable.
#[derive(Debug, PartialEq, Eq)]
struct Binary {
    name: String,
    path: PathBuf,
    /// The package's folder, in which cargo runs tests.
    folder: PathBuf,
}

struct Test<'a> {
    binary: &'a Binary,
    name: String,
}

struct Failure {
    test: String,
    output: String,
}

pub fn run(context: &Context, filter: Option<&str>) -> Result<()> {
    let mut cargo = context.workspace.cargo();
    cargo.args([
        "test",
        "--release",
        "--workspace",
        "--no-run",
        "--message-format=json",
    ]);
    // Cargo's JSON goes to stdout, what it says to people to stderr.
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        let (command, status) = (process::shown(&cargo), output.status.to_string());
        return Err(Error::Command {
            command,
            status,
            tail: Vec::new(),
            log: None,
        });
    }
    let binaries = binaries(&String::from_utf8_lossy(&output.stdout));
    let mut tests = Vec::new();
    for binary in &binaries {
        tests.extend(binary.tests(filter)?);
    }
    let (windows, others): (Vec<_>, Vec<_>) =
        tests.iter().partition(|test| test.binary.opens_windows());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut failures = run_all(context, &others, threads)?;
    failures.extend(run_all(context, &windows, threads.min(WINDOWS_AT_ONCE))?);
    for failure in &failures {
        let said = last_lines(&failure.output);
        context.printer.failed(format!("{}\n{said}", failure.test));
    }
    if failures.is_empty() {
        return Ok(());
    }
    let names = failures
        .into_iter()
        .map(|failure| failure.test)
        .collect::<Vec<_>>();
    Err(Error::Tests {
        what: "tests",
        failed: names.len(),
        total: tests.len(),
        names,
    })
}

/// What a person reads of a failure: a recursion error may fill thousands of lines.
fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN)..];
    let left_out = match lines.len() - shown.len() {
        0 => String::new(),
        count => format!("({count} lines before)\n"),
    };
    left_out + &shown.join("\n")
}

/// From cargo's messages, one JSON object a line.
fn binaries(messages: &str) -> Vec<Binary> {
    let binary = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let path = PathBuf::from(message.get("executable")?.as_str()?);
        if message["profile"]["test"] != true {
            return None;
        }
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let folder = manifest.parent()?.to_path_buf();
        let package = folder.file_name()?.to_string_lossy().into_owned();
        let name = format!("{package}::{}", message["target"]["name"].as_str()?);
        Some(Binary { name, path, folder })
    };
    messages.lines().filter_map(binary).collect()
}

impl Binary {
    fn opens_windows(&self) -> bool {
        self.name == "tests::windows"
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }

    fn tests(&self, filter: Option<&str>) -> Result<Vec<Test<'_>>> {
        let list = |more: &[&str]| {
            process::capture(
                self.command()
                    .args(["--list", "--format", "terse"])
                    .args(more),
            )
        };
        let ignored = names(&list(&["--ignored"])?);
        let mut names = names(&list(&[])?);
        names.retain(|name| !ignored.contains(name));
        names.retain(|name| filter.is_none_or(|filter| self.title(name).contains(filter)));
        Ok(names
            .into_iter()
            .map(|name| Test { binary: self, name })
            .collect())
    }

    fn title(&self, test: &str) -> String {
        format!("{} {test}", self.name)
    }
}

/// Lines of `name: test`; benchmarks are listed too.
fn names(list: &str) -> Vec<String> {
    let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
    tests.map(ToString::to_string).collect()
}

fn run_all(context: &Context, tests: &[&Test<'_>], threads: usize) -> Result<Vec<Failure>> {
    if tests.is_empty() {
        return Ok(Vec::new());
    }
    let bar = Mutex::new(context.printer.bar(
        "Testing",
        format!("{} tests", tests.len()),
        tests.len() as u64,
    ));
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let worker = || -> Result<()> {
        while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            let failure = test.run()?;
            // A poisoned lock means that a worker panicked; the scope below hands that on.
            if let Ok(mut bar) = bar.lock() {
                bar.advance(1);
            }
            if let (Some(failure), Ok(mut failures)) = (failure, failures.lock()) {
                failures.push(failure);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(outcome) => outcome,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })?;
    if let Ok(bar) = bar.into_inner() {
        bar.finish("Tested");
    }
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort_by(|a: &Failure, b| a.test.cmp(&b.test));
    Ok(failures)
}

impl Test<'_> {
    fn run(&self) -> Result<Option<Failure>> {
        let (reader, writer) = std::io::pipe()?;
        let mut command = self.binary.command();
        command.args(["--exact", &self.name, "--nocapture"]);
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut child = command.spawn()?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let output = thread::spawn(move || std::io::read_to_string(reader).unwrap_or_default());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status.to_string();
            }
            if started.elapsed() > LIMIT {
                child.kill()?;
                child.wait()?;
                break format!("no end after {} s", LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        };
        if status == "exit status: 0" {
            return Ok(None);
        }
        // A grandchild that outlives the test may hold the pipe open: then go without its output.
        let deadline = Instant::now() + Duration::from_secs(2);
        while !output.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        let text = if output.is_finished() {
            output.join().unwrap_or_default()
        } else {
            String::new()
        };
        Ok(Some(Failure {
            test: self.binary.title(&self.name),
            output: format!("{text}{status}"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_executables_are_run() {
        let messages = r#"
{"reason":"compiler-artifact","manifest_path":"/w/crates/a/Cargo.toml","target":{"name":"a"},"profile":{"test":true},"executable":"/t/a-1"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/a/Cargo.toml","target":{"name":"a"},"profile":{"test":false},"executable":"/t/a"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/a/Cargo.toml","target":{"name":"b"},"profile":{"test":true},"executable":null}
{"reason":"build-finished","success":true}
"#;
        let expected = Binary {
            name: "a::a".into(),
            path: "/t/a-1".into(),
            folder: "/w/crates/a".into(),
        };
        assert_eq!(binaries(messages), [expected]);
    }

    #[test]
    fn lists_hold_benchmarks_too() {
        assert_eq!(
            names("a::b: test\nc: benchmark\nd e: test\n"),
            ["a::b", "d e"]
        );
    }

    #[test]
    fn a_long_output_is_cut_at_its_start() {
        assert_eq!(last_lines("a\nb"), "a\nb");
        let long = "x\n".repeat(SHOWN + 5) + "end";
        let shown = last_lines(&long);
        assert!(shown.starts_with("(6 lines before)\nx\n") && shown.ends_with("x\nend"));
    }

    fn shell(script: &str) -> Option<Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.sh");
        fs_err::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mut permissions = fs_err::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        fs_err::set_permissions(&path, permissions).unwrap();
        let binary = Binary {
            name: "x".into(),
            path,
            folder: folder.path().to_path_buf(),
        };
        Test {
            binary: &binary,
            name: "y".into(),
        }
        .run()
        .unwrap()
    }

    #[test]
    fn a_failure_shows_what_the_test_said() {
        assert!(shell("exit 0").is_none());
        let failure = shell("echo out; echo err >&2; exit 3").unwrap();
        assert_eq!(failure.test, "x y");
        assert_eq!(failure.output, "out\nerr\nexit status: 3");
    }
}

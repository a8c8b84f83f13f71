//! A case: a folder with an app and, where the defaults do not fit, a `case.toml`. See `tests/README.md`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::context::{TestContext, offline, workspace};
use crate::matcher::Matcher;
use crate::process::{Outcome, Spec};

/// The contents of a `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// Arguments of `pyxidium build`, relative to the case's folder.
    build: Vec<String>,
    /// Another folder to build in, relative to the checkout.
    folder: Option<String>,
    /// What must be there: `network` (a package registry), `root` (may mount in a namespace).
    requires: Vec<String>,
    /// Why plain CPython rightly behaves differently; such a case is left out when checked against it.
    differs: Option<String>,
    /// One or more runs of the sealed file, in order, in one work folder.
    run: Vec<Run>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            build: vec!["app.py".into()],
            folder: None,
            requires: Vec::new(),
            differs: None,
            run: vec![Run {
                stdout: Matcher::Exact("ok\n".into()),
                ..Run::default()
            }],
        }
    }
}

/// One run of the sealed file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Run {
    args: Vec<String>,
    env: BTreeMap<String, String>,
    stdin: String,
    /// A shell line to run instead; `$APP` is the sealed file, `$CASE` the case's folder.
    shell: Option<String>,
    /// Run in a mount namespace of its own, as root in it.
    namespace: bool,
    /// Send this signal once the output contains `when`.
    send: Option<String>,
    when: String,
    exit: i32,
    /// The signal that must end the process.
    signal: Option<String>,
    stdout: Matcher,
    stderr: Matcher,
    /// Files that the run leaves in its work folder, with the text they start with.
    writes: BTreeMap<String, String>,
    seconds: u64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: BTreeMap::new(),
            stdin: String::new(),
            shell: None,
            namespace: false,
            send: None,
            when: String::new(),
            exit: 0,
            signal: None,
            stdout: Matcher::Exact(String::new()),
            stderr: Matcher::Exact(String::new()),
            writes: BTreeMap::new(),
            seconds: 90,
        }
    }
}

/// All cases below a folder, by name.
///
/// # Panics
/// When a `case.toml` cannot be read: a case must not be lost silently.
#[must_use]
pub fn all(folder: &Path) -> BTreeMap<String, Case> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let name = path
                .file_name()
                .expect("an entry has a name")
                .to_string_lossy()
                .into_owned();
            let file = path.join("case.toml");
            let case = match fs::read_to_string(&file) {
                Ok(text) => toml::from_str(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", file.display())),
                Err(_) => Case::default(),
            };
            (name, case)
        })
        .collect()
}

impl Case {
    /// Why this case cannot run here, if it cannot.
    #[must_use]
    pub fn left_out(&self) -> Option<&'static str> {
        for need in &self.requires {
            match need.as_str() {
                "network" if offline() => return Some("offline"),
                "network" => {}
                "root" if !can_mount() => return Some("no mount namespaces"),
                "root" => {}
                other => panic!("case.toml: unknown requirement {other:?}"),
            }
        }
        (self.differs.is_some() && oracle().is_some()).then_some("differs from plain CPython")
    }

    /// Builds and runs it.
    ///
    /// # Panics
    /// When anything differs from what the case says.
    pub fn check(&self, name: &str) {
        let context = TestContext::new(name);
        let case = workspace().join("tests/cases").join(name);
        let folder = self
            .folder
            .as_ref()
            .map_or_else(|| case.clone(), |folder| workspace().join(folder));
        let app = context.work().parent().expect("it has one").join("app");
        match oracle() {
            Some(python) => write_oracle(&app, &python, &folder, &self.build),
            None => {
                let mut command = context.pyxidium();
                command
                    .current_dir(&folder)
                    .arg("build")
                    .args(&self.build)
                    .arg("-o")
                    .arg(&app);
                Spec::of(command).within(900).run().expect_success();
            }
        }
        for run in &self.run {
            run.check(&context, &app, &case);
        }
    }
}

impl Run {
    fn check(&self, context: &TestContext, app: &Path, case: &Path) {
        let words = self.words(app);
        let mut command = context.command(&words[0]);
        command.args(&words[1..]);
        command.env("APP", app).env("CASE", case).envs(&self.env);
        if self.shell.is_none() && !self.namespace {
            command.env_remove("APP").env_remove("CASE");
        }
        let mut spec = Spec::of(command)
            .stdin(self.stdin.as_str())
            .within(self.seconds);
        if let Some(name) = &self.send {
            spec = spec.signal(signal_number(name), &self.when);
        }
        let outcome = spec.run();
        self.compare(&outcome, app, case);
        for (file, start) in &self.writes {
            let path = context.join(file);
            let bytes = fs::read(&path)
                .unwrap_or_else(|error| panic!("{}: {error}\n{outcome}", path.display()));
            assert!(
                bytes.starts_with(start.as_bytes()),
                "{file} starts otherwise\n{outcome}"
            );
        }
    }

    fn words(&self, app: &Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        if self.namespace {
            let flags = if is_root() { "-m" } else { "-rm" };
            words.extend(["unshare".into(), flags.into()]);
        }
        match &self.shell {
            Some(line) => words.extend(["sh".into(), "-c".into(), line.into(), "sh".into()]),
            None => words.push(app.into()),
        }
        words.extend(self.args.iter().map(OsString::from));
        words
    }

    fn compare(&self, outcome: &Outcome, app: &Path, case: &Path) {
        let shown = outcome.to_string();
        match &self.signal {
            Some(name) => assert_eq!(outcome.signal, Some(signal_number(name)), "signal\n{shown}"),
            None => assert_eq!(outcome.code, Some(self.exit), "exit code\n{shown}"),
        }
        self.stdout
            .check("stdout", &outcome.stdout(), app, case, &shown);
        self.stderr
            .check("stderr", &outcome.stderr(), app, case, &shown);
    }
}

/// A Python to hold the cases against instead of Pyxidium: most of them say what plain CPython does.
fn oracle() -> Option<PathBuf> {
    std::env::var_os("PYXIDIUM_TESTS_ORACLE").map(PathBuf::from)
}

/// A shell script in the sealed file's place that runs the same app with the oracle.
fn write_oracle(app: &Path, python: &Path, folder: &Path, build: &[String]) {
    let quote = |path: PathBuf| format!("'{}'", path.display());
    let target = quote(folder.join(&build[0]));
    let what = match build.iter().position(|word| word == "-m") {
        Some(at) => format!(
            "env PYTHONPATH={target} {} -B -m {}",
            python.display(),
            build[at + 1]
        ),
        None => format!("{} -B {target}", python.display()),
    };
    fs::write(app, format!("#!/bin/sh\nexec {what} \"$@\"\n")).expect("the context can be written");
    fs::set_permissions(app, fs::Permissions::from_mode(0o755)).expect("our own file");
}

fn signal_number(name: &str) -> i32 {
    match name {
        "SIGINT" => libc::SIGINT,
        "SIGTERM" => libc::SIGTERM,
        "SIGABRT" => libc::SIGABRT,
        "SIGSEGV" => libc::SIGSEGV,
        "SIGPIPE" => libc::SIGPIPE,
        "SIGUSR1" => libc::SIGUSR1,
        other => panic!("case.toml: unknown signal {other:?}"),
    }
}

fn is_root() -> bool {
    // SAFETY: geteuid() takes nothing, cannot fail and touches no memory.
    unsafe { libc::geteuid() == 0 }
}

/// True when this user may make a mount namespace.
#[must_use]
pub fn can_mount() -> bool {
    let flags = if is_root() { "-m" } else { "-rm" };
    let probe = "mount -t tmpfs none /mnt";
    std::process::Command::new("unshare")
        .args([flags, "sh", "-c", probe])
        .output()
        .is_ok_and(|output| output.status.success())
}

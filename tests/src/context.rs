//! One isolated place per test: own home, own temporary folder, an empty environment.
//!
//! Only the cache of processed packages is shared between tests, so that numpy is downloaded and compiled once.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, Spec};

/// Variables that a build may need to reach a package registry. A sealed app gets none of them.
const FOR_BUILDS: &[&str] = &[
    "PIP_",
    "UV_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
];

/// An isolated folder; removed when the test ends, unless it failed.
pub struct TestContext {
    name: String,
    root: Option<tempfile::TempDir>,
    path: PathBuf,
}

impl TestContext {
    /// A fresh context. `name` only makes the folder recognisable.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let base = e2e_root();
        fs::create_dir_all(&base).expect("the target folder can be written");
        let root = tempfile::Builder::new()
            .prefix(&format!("{}-", name.replace('/', "-")))
            .tempdir_in(&base)
            .expect("the target folder can be written");
        let path = root.path().to_path_buf();
        for folder in ["home", "tmp", "work"] {
            fs::create_dir(path.join(folder)).expect("a fresh folder is empty");
        }
        Self {
            name: name.to_owned(),
            root: Some(root),
            path,
        }
    }

    /// The name it was made with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder that commands run in.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.path.join("work")
    }

    /// The home folder that commands see; empty at the start.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// A path in the work folder.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.work().join(name)
    }

    /// Writes a file into the work folder, with the folders it needs.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the work folder can be written");
        }
        fs::write(&path, text).expect("the work folder can be written");
        path
    }

    /// A command in the work folder with nothing of the caller's environment but a plain PATH.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", self.home())
            .env("TMPDIR", self.path.join("tmp"))
            .env("XDG_CACHE_HOME", self.home().join(".cache"))
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("XDG_DATA_HOME", self.home().join(".local/share"));
        command
    }

    /// The command line under test, with what it may need to reach a registry.
    #[must_use]
    pub fn pyxidium(&self) -> Command {
        let mut command = self.command(pyxidium_binary());
        for (key, value) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if FOR_BUILDS.iter().any(|allowed| name.starts_with(allowed)) {
                command.env(key, value);
            }
        }
        let shared = e2e_root().join("cache");
        command.env("PYXIDIUM_CACHE", shared.join("pyxidium"));
        command.env("XDG_CACHE_HOME", shared.join("xdg"));
        command
    }

    /// `pyxidium ARGS`, run to its end.
    pub fn run_pyxidium<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Outcome {
        let mut command = self.pyxidium();
        command.args(args);
        Spec::of(command).within(600).run()
    }

    /// `pyxidium build ARGS -o app`, which must succeed; the path of the sealed file.
    pub fn seal<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> PathBuf {
        let output = self.join("app");
        let mut command = self.pyxidium();
        command.arg("build").args(args).arg("-o").arg(&output);
        Spec::of(command).within(600).run().expect_success();
        output
    }

    /// Seals one file of this text.
    pub fn seal_text(&self, text: &str) -> PathBuf {
        self.write("app.py", text);
        self.seal(["app.py"])
    }

    /// Runs a sealed file to its end.
    pub fn run<S: AsRef<OsStr>>(&self, app: &Path, args: impl IntoIterator<Item = S>) -> Outcome {
        let mut command = self.command(app);
        command.args(args);
        Spec::of(command).run()
    }
}

impl Drop for TestContext {
    fn drop(&mut self) {
        // A failed test leaves its folder to be looked at.
        if std::thread::panicking()
            && let Some(root) = self.root.take()
        {
            let _kept = root.keep();
        }
    }
}

/// Where tests work: below the target folder, so that `cargo clean` removes it.
#[must_use]
pub fn e2e_root() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| workspace().join("target"))
        .join("e2e")
}

/// The checkout.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in a workspace")
        .to_path_buf()
}

/// `dist/pyxidium`, the file that users get.
#[must_use]
pub fn pyxidium_binary() -> PathBuf {
    dist("pyxidium")
}

/// A file in `dist`.
///
/// # Panics
/// When it has not been made.
#[must_use]
pub fn dist(name: &str) -> PathBuf {
    let path = workspace().join("dist").join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo xtask test`, which makes it first",
        path.display()
    );
    path
}

/// A program of this workspace that is no part of what users get.
///
/// # Panics
/// When the test that runs was not started where cargo put it.
#[must_use]
pub fn release(name: &str) -> PathBuf {
    // Cargo puts them beside the tests' own folder.
    let own = std::env::current_exe().expect("a running test");
    let folder = own.ancestors().nth(2).expect("target/release");
    folder.join(name)
}

/// True when tests that download packages must be left out.
#[must_use]
pub fn offline() -> bool {
    std::env::var_os("PYXIDIUM_TESTS_OFFLINE")
        .is_some_and(|value| !value.is_empty() && value != "0")
}

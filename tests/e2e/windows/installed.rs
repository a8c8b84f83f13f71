//! An app with a window as a system package: installed by the real dpkg, started as a menu starts it, removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyxidium_tests::TestContext;
use pyxidium_tests::process::{Outcome, Spec};
use pyxidium_tests::window::{Window, case, seal};

/// A system of its own: dpkg installs into it, and knows of the packages that this machine has, so that
/// what the package depends on is really looked for.
pub struct System {
    root: PathBuf,
}

impl System {
    fn new(context: &TestContext) -> Self {
        let root = context.join("system");
        let database = root.join("var/lib/dpkg");
        fs::create_dir_all(database.join("info")).unwrap();
        fs::create_dir_all(database.join("updates")).unwrap();
        fs::copy("/var/lib/dpkg/status", database.join("status")).unwrap();
        Self { root }
    }

    fn dpkg(&self, context: &TestContext, args: &[&str]) -> Outcome {
        let mut command = context.command("dpkg");
        command
            // Root and everybody else install here.
            .arg("--force-not-root")
            .arg("--log=/dev/null")
            .arg(format!("--root={}", self.root.display()))
            .args(args);
        Spec::of(command).run()
    }

    /// One that has this package.
    pub fn with(context: &TestContext, package: &Path) -> Self {
        let system = Self::new(context);
        let package = package.to_str().expect("a plain path");
        system.dpkg(context, &["-i", package]).expect_success();
        system
    }

    /// Its one entry in menus, and the program that this starts.
    pub fn entry(&self) -> (String, PathBuf) {
        let mut entries = fs::read_dir(self.path("usr/share/applications")).unwrap();
        let entry = entries.next().expect("an entry").unwrap().path();
        assert!(entries.next().is_none(), "one entry");
        let entry = fs::read_to_string(entry).unwrap();
        let program = value(&entry, "Exec").split(' ').next();
        let program = self.path("usr/bin").join(program.expect("a program"));
        assert!(program.is_file(), "{entry}");
        (entry, program)
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Files and links outside of dpkg's own database.
    fn files(&self) -> Vec<String> {
        let mut command = Command::new("find");
        command.current_dir(&self.root);
        command.args([
            ".",
            "-path",
            "./var/lib/dpkg",
            "-prune",
            "-o",
            "-not",
            "-type",
            "d",
            "-print",
        ]);
        lines(&command.output().unwrap().stdout)
    }
}

fn lines(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// The value of a key of a desktop entry.
fn value<'e>(entry: &'e str, key: &str) -> &'e str {
    let found = entry
        .lines()
        .find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{key} in {entry}"))
}

fn bundle(context: &TestContext) -> (PathBuf, PathBuf) {
    let app = case("hello").join("app.py");
    let outcome = context.run_pyxidium([
        "bundle",
        app.to_str().unwrap(),
        "--format",
        "deb,rpm",
        "-o",
        "out",
    ]);
    outcome.expect_success();
    let made = |extension: &str| {
        let mut entries = fs::read_dir(context.join("out"))
            .unwrap()
            .map(|e| e.unwrap().path());
        entries
            .find(|p| p.extension().is_some_and(|e| e == extension))
            .unwrap()
    };
    (made("deb"), made("rpm"))
}

#[test]
fn dpkg_installs_it_the_menu_starts_it_and_nothing_is_left() {
    let context = TestContext::new("installed-deb");
    let (deb, rpm) = bundle(&context);
    let system = System::new(&context);
    refused_where_what_it_needs_is_missing(&context, &system, &deb);
    system
        .dpkg(&context, &["-i", deb.to_str().unwrap()])
        .expect_success();
    let status = system.dpkg(&context, &["-s", "app"]);
    assert!(
        status.stdout().contains("Status: install ok installed"),
        "{status}"
    );

    // From the menu: what its entry says, with the programs of that system on PATH.
    let applications = system.path("usr/share/applications");
    let entry = fs::read_dir(&applications)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    validate(&context, &entry);
    let entry = fs::read_to_string(entry).unwrap();
    assert_eq!(value(&entry, "Name"), "Hello window");
    let mut command = context.command(value(&entry, "Exec"));
    let path = format!("{}:/usr/bin:/bin", system.path("usr/bin").display());
    command.env("PATH", path);
    let window = Window::start(&context, command);
    window.expect("#answer", "Hello, world!");
    window.desktop().wait_title("Hello window");
    window.picture("installed-deb");
    window
        .close()
        .expect_success()
        .expect_stdout("greets world\n");

    let installed = system.files();
    assert!(
        installed.contains(&"./usr/bin/app".to_owned()),
        "{installed:?}"
    );
    // The other format brings the same.
    assert_eq!(files_of_rpm(&rpm), installed);

    system.dpkg(&context, &["--purge", "app"]).expect_success();
    assert_eq!(system.files(), [""; 0]);
    system.dpkg(&context, &["-s", "app"]).expect_code(1);
}

#[test]
fn it_installs_itself_and_the_menu_starts_it() {
    let context = TestContext::new("installed-itself");
    let app = seal(&context, "hello");
    // There is no display: whoever tried to open a window would fail.
    let outcome = context.run(&app, ["--install"]);
    outcome.expect_success().expect_stderr(&[]);
    let said = outcome.stdout();
    assert!(said.starts_with("Installed Hello window\n"), "{outcome}");

    let applications = context.home().join(".local/share/applications");
    let entries = fs::read_dir(applications).unwrap();
    let mut entries = entries.map(|e| e.unwrap().path());
    let entry = entries.find(|p| p.extension().is_some_and(|e| e == "desktop"));
    let entry = fs::read_to_string(entry.unwrap()).unwrap();
    let program = PathBuf::from(value(&entry, "Exec").trim_matches('"'));
    assert_eq!(program, context.home().join(".local/bin/app"));
    let window = Window::open(&context, &program);
    window.expect("#answer", "Hello, world!");
    window.close().expect_success();

    context.run(&program, ["--uninstall"]).expect_success();
    assert!(!program.exists());
}

fn refused_where_what_it_needs_is_missing(context: &TestContext, system: &System, deb: &Path) {
    let status = system.path("var/lib/dpkg/status");
    let packages = fs::read(&status).unwrap();
    fs::write(&status, "").unwrap();
    let outcome = system.dpkg(context, &["-i", deb.to_str().unwrap()]);
    outcome.expect_code(1).expect_stderr(&[
        "app depends on libc6 (>= 2.",
        "app depends on libwebkit2gtk-4.1-0",
    ]);
    system.dpkg(context, &["--purge", "app"]).expect_success();
    fs::write(&status, packages).unwrap();
}

/// By the desktops' own program where it is there; the unit tests look at each line.
fn validate(context: &TestContext, entry: &Path) {
    let mut command = context.command("desktop-file-validate");
    if let Ok(output) = command.arg(entry).output() {
        assert!(output.status.success(), "{output:?}");
    }
}

fn files_of_rpm(path: &Path) -> Vec<String> {
    let package = rpm::Package::open(path).unwrap();
    let entries = package.metadata.get_file_entries().unwrap();
    let paths = entries.iter().map(|e| format!(".{}", e.path().display()));
    let mut paths: Vec<String> = paths.collect();
    paths.sort();
    paths
}

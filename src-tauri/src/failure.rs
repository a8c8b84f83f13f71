//! An app that cannot start, or whose main module failed: a page that says so, with a report to
//! copy, and the same report as a file in the app's data folder.

use std::{
    borrow::Cow,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use packed_resources::Manifest;
use serde::Serialize;

/// The page, below `/@pyxidium/`.
pub(crate) const PAGE: &str = "/@pyxidium/failure.html";

/// What went wrong, as the page shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Failure {
    /// One line: what happened.
    pub(crate) summary: String,
    /// What can be done about it.
    pub(crate) hint: Option<String>,
    /// The traceback, or the chain of causes.
    pub(crate) details: String,
    /// Whether the author is looking: then the page waits for a change instead of a report.
    pub(crate) development: bool,
}

/// What the page shows, complete with the surroundings.
#[derive(Serialize)]
struct Shown {
    app: String,
    #[serde(flatten)]
    failure: Failure,
    report: String,
    log: Option<PathBuf>,
}

static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

/// How many reports are kept.
const KEPT: usize = 10;

/// Keeps a failure for the page, and writes it to a file in `folder`.
pub(crate) fn record(failure: Failure, manifest: Option<&Manifest>, folder: Option<&Path>) {
    let report = report(&failure, manifest);
    let log = folder
        .filter(|_| !failure.development)
        .and_then(|folder| write_log(&folder.join("logs"), &report).ok());
    let shown = Shown {
        app: manifest.map_or_else(|| "This app".into(), |manifest| manifest.name.clone()),
        failure,
        report,
        log,
    };
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
}

/// The failure page's files.
pub(crate) fn page(name: &str) -> Option<Cow<'static, [u8]>> {
    Some(match name {
        "failure.html" => Cow::Borrowed(include_bytes!("pages/failure.html")),
        "failure.css" => Cow::Borrowed(include_bytes!("pages/failure.css")),
        "failure.js" => Cow::Borrowed(include_bytes!("pages/failure.js")),
        "failure.json" => {
            let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
            Cow::Owned(serde_json::to_vec(shown.as_ref()?).ok()?)
        }
        _ => return None,
    })
}

/// The text that a user sends to the app's author.
fn report(failure: &Failure, manifest: Option<&Manifest>) -> String {
    let mut lines = vec![failure.summary.clone(), String::new()];
    let mut row = |name: &str, value: &str| lines.push(format!("{name:<10}{value}"));
    if let Some(manifest) = manifest {
        let version = manifest.version.as_deref().unwrap_or("(no version)");
        row("App", &format!("{} {version}", manifest.name));
        row("Python", &manifest.python);
        row("Pyxidium", &manifest.build.pyxidium);
    }
    row("System", &system());
    row("WebKit", &tauri::webview_version().unwrap_or_default());
    row("Time", &now());
    lines.push(String::new());
    lines.push(failure.details.trim_end().to_owned());
    lines.join("\n") + "\n"
}

/// The system's own name for itself.
fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name} ({})", std::env::consts::ARCH)
}

/// UTC to the second.
fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    let (year, month, day) = now.to_calendar_date();
    let (hour, minute, second) = now.to_hms();
    format!(
        "{year}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC",
        u8::from(month)
    )
}

/// Writes a report that only this user can read; old ones go.
fn write_log(folder: &Path, report: &str) -> std::io::Result<PathBuf> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let name = format!("failure-{}.log", now().replace([' ', ':'], "-"));
    let path = folder.join(name);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(report.as_bytes())?;
    let mut old: Vec<_> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    old.sort();
    for path in old.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(path);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_report_is_private_and_old_ones_go() {
        let folder = std::env::temp_dir().join(format!("pyxidium-log-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for number in 0..KEPT + 3 {
            fs::write(folder.join(format!("failure-2000-{number:02}.log")), "").unwrap();
        }
        let path = write_log(&folder, "what happened").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "what happened");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), KEPT);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_report_says_what_and_where() {
        let failure = Failure {
            summary: "ValueError: no".into(),
            details: "Traceback …".into(),
            ..Failure::default()
        };
        let report = report(&failure, None);
        assert!(report.starts_with("ValueError: no\n"));
        assert!(report.contains("\nSystem    "));
        assert!(report.ends_with("Traceback …\n"));
    }
}

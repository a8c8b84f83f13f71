//! `pyxidium record`: an app runs as it would once sealed, and what it used of its packages and of the
//! standard library is noted beside it, for `build --only-used`. Runs add up.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use packager::{BuildOptions, Cache};
use recipe::Record;

use super::project;
use crate::cli::RecordArgs;
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &RecordArgs, printer: &Printer) -> Result<ExitCode, Error> {
    let place = place(args);
    let mut record = if args.fresh || !place.exists() {
        Record::default()
    } else {
        Record::read(&place)?
    };
    let before = record.files.len();
    let (code, new) = run_app(args, printer)?;
    record.merge(new);
    std::fs::write(&place, record.to_json()).map_err(|source| Error::Write {
        path: place.clone(),
        source,
    })?;
    let runs = usize::try_from(record.runs).unwrap_or(usize::MAX);
    printer.status(&format!(
        "{} {}  {} used, {} new, in {}",
        printer.styled_err(Style::Good, "Recorded"),
        printer.styled_err(Style::Strong, &place.display().to_string()),
        human::count(record.files.len(), "file", "files"),
        record.files.len() - before,
        human::count(runs, "run", "runs"),
    ));
    Ok(code)
}

fn place(args: &RecordArgs) -> PathBuf {
    let app = args.path.as_deref().unwrap_or(Path::new("."));
    args.output.clone().unwrap_or_else(|| Record::place(app))
}

/// Seals the app whole, runs it to its end; its exit code, and what it used.
fn run_app(args: &RecordArgs, printer: &Printer) -> Result<(ExitCode, Record), Error> {
    let cache = Cache::of_user()?;
    let work = cache.work()?;
    let mut plan = recipe::plan(&recipe::Request {
        path: args.path.clone(),
        module: args.module.clone(),
        requirements: args.packages.requirements.clone(),
        output: Some(work.path().join("app")),
        ..recipe::Request::default()
    })?;
    // The app sees its own name as `sys.executable`.
    plan.output = work.path().join("run").join(&plan.name);
    let lines = work.path().join("used");
    std::fs::write(&lines, "").map_err(|source| Error::Write {
        path: lines.clone(),
        source,
    })?;
    let options = BuildOptions {
        record: Some(lines.clone()),
        ..project::options(&args.packages, &cache)?
    };
    let sealed = packager::build(&plan, &options, printer)?;
    // Ctrl-C is the app's; what it used until then counts.
    ctrlc::set_handler(|| ())?;
    let status = Command::new(&sealed.path)
        .args(&args.arguments)
        .status()
        .map_err(Error::CannotRun)?;
    let code = status.code().or_else(|| status.signal().map(|s| 128 + s));
    let code = code.and_then(|c| u8::try_from(c).ok()).unwrap_or(1);
    let record = packager::recorded(&lines, &sealed.packages)?;
    Ok((ExitCode::from(code), record))
}

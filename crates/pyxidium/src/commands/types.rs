//! `pyxidium types`: declarations of an app's commands, for the page's type checker. The app is imported
//! with its packages, by `pyxidium.types`, in a file that is sealed for that and gone afterwards.

use std::path::Path;
use std::process::{Command, Stdio};

use packager::{BuildOptions, Cache, Development};

use super::project;
use crate::Error;
use crate::cli::TypesArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &TypesArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    let cache = Cache::of_user()?;
    let work = cache.work()?;
    let plan = recipe::plan(&recipe::Request {
        path: Some(args.path.clone()),
        module: args.module.clone(),
        requirements: args.packages.requirements.clone(),
        output: Some(work.path().join("types")),
        ..recipe::Request::default()
    })?;
    let options = BuildOptions {
        development: Some(Development::Tool {
            module: "pyxidium.types".into(),
        }),
        ..project::options(&args.packages, &cache)?
    };
    let sealed = packager::build(&plan, &options, printer)?;
    let mut command = Command::new(&sealed.path);
    match &plan.entry {
        recipe::Entry::Script { path } => command.arg(absolute(&plan.root.join(path))?),
        recipe::Entry::Folder => command.arg(absolute(&plan.root)?),
        recipe::Entry::Module { name: module } | recipe::Entry::Function { module, .. } => {
            command.arg("-m").arg(module)
        }
        recipe::Entry::Command { .. } | recipe::Entry::Python => {
            return Err(Error::CannotImport {
                path: args.path.clone(),
            });
        }
    };
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Error::CannotRun)?;
    if !done.status.success() {
        return Err(Error::CannotImport {
            path: args.path.clone(),
        });
    }
    let text = String::from_utf8_lossy(&done.stdout);
    match &args.output {
        None => printer.out(text.trim_end()),
        Some(output) => {
            write(output, &text)?;
            printer.result(&format!(
                "{} {}",
                printer.styled_out(Style::Good, "Wrote"),
                output.display()
            ));
        }
    }
    Ok(())
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, Error> {
    std::path::absolute(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    // A watching bundler need not hear of a file that is as it was.
    if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    parent
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
}

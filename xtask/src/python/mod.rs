//! `python`: the CPython that apps are sealed with, built once and cached outside the checkout.
//!
//! The result is named by a hash of everything that goes into it; `target/cpython` links to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::process::{self, Log};
use crate::workspace::{Workspace, env};
use crate::{Context, system};

mod apt;
mod build;
mod layout;
mod link;
mod makefile;
mod payload;
mod recipe;
mod source;

use recipe::Variant;

#[derive(clap::Args, Default)]
pub struct Args {
    /// Python-3.13.5.tar.xz, or a folder with it, instead of a download
    /// [environment: PYXIDIUM_CPYTHON_SOURCE]
    #[arg(long, value_name = "PATH")]
    pub source: Option<PathBuf>,
    /// Build with profile-guided optimisation (slow to build, faster to run)
    #[arg(long)]
    pub pgo: bool,
}

/// A CPython that is ready to be used.
pub struct Cpython {
    pub home: PathBuf,
    pub key: String,
}

impl Cpython {
    pub fn executable(&self) -> PathBuf {
        self.home.join(format!("bin/python{}", recipe::SERIES))
    }
}

pub fn run(context: &Context, args: &Args) -> Result<Cpython> {
    let system = system::run(context)?;
    // Read here, as other commands come through here too and have no such flag.
    let given = || std::env::var_os(env::CPYTHON_SOURCE).map(PathBuf::from);
    let given = args.source.clone().or_else(given);
    let source = source::find(context, given.as_deref())?;
    let compiler = compiler()?;
    let describe = |variant| {
        let inputs = recipe::inputs(variant, &compiler, &system, &source.patches);
        let key = recipe::key(&inputs);
        let folder = Workspace::cache().join("cpython");
        (
            folder.join(format!("{}-{key}", recipe::VERSION)),
            key,
            inputs,
        )
    };
    // A profiled build of the very same inputs is the better one: use it once it is there, so that
    // `dist --release` and `run` do not take turns in relinking everything.
    let profiled = describe(Variant::Pgo);
    let variant = if args.pgo || is_complete(&profiled.0) {
        Variant::Pgo
    } else {
        Variant::Plain
    };
    let (home, key, inputs) = if variant == Variant::Pgo {
        profiled
    } else {
        describe(variant)
    };
    if !is_complete(&home) {
        if source.patches.is_empty() {
            context
                .printer
                .warn("building CPython WITHOUT Debian's security patches: not found");
        }
        build(context, &source, variant, &home, &key, &inputs)?;
    }
    link(&context.workspace.cpython_link(), &home)?;
    Ok(Cpython { home, key })
}

/// A folder gets its name only when it is complete; the file guards against an emptied one.
fn is_complete(home: &Path) -> bool {
    home.join("link.json").is_file()
}

fn build(
    context: &Context,
    source: &source::Source,
    variant: Variant,
    home: &Path,
    key: &str,
    inputs: &str,
) -> Result<()> {
    let folder = Workspace::cache().join("cpython");
    fs_err::create_dir_all(&folder)?;
    let lock = fs_err::File::create(folder.join(format!(".lock-{key}")))?;
    if lock.file().try_lock().is_err() {
        context
            .printer
            .step("Waiting", "for another build of the same CPython");
        lock.file().lock()?;
    }
    if is_complete(home) {
        return Ok(());
    }
    let work = folder.join(format!(".work-{key}"));
    for leftover in [work.as_path(), home] {
        if leftover.exists() {
            fs_err::remove_dir_all(leftover)?;
        }
    }
    fs_err::create_dir_all(&work)?;
    let log_path = Workspace::cache().join(format!("logs/cpython-{}-{key}.log", recipe::VERSION));
    let mut log = Log::create(&log_path)?;
    context.printer.step("Log", log_path.display().to_string());
    let profiled = if variant == Variant::Pgo {
        ", profile-guided"
    } else {
        ""
    };
    let what = format!("CPython {}{profiled}", recipe::VERSION);
    let mut bar = context
        .printer
        .bar("Building", what, variant.expected_progress());
    let build = build::Build {
        source,
        variant,
        key,
        inputs,
        home,
        work: &work,
    };
    let root = build.run(&context.printer, &mut log, &mut bar)?;
    fs_err::rename(root, home)?;
    fs_err::remove_dir_all(&work)?;
    bar.finish("Built");
    Ok(())
}

/// What the compiler says of itself.
fn compiler() -> Result<String> {
    let version = process::capture(Command::new("gcc").arg("--version"))?;
    let target = process::capture(Command::new("gcc").arg("-dumpmachine"))?;
    Ok(format!(
        "{} {}",
        version.lines().next().unwrap_or_default(),
        target.trim()
    ))
}

/// Points `target/cpython` at the result. An unchanged link is not touched.
fn link(path: &Path, home: &Path) -> Result<()> {
    match fs_err::read_link(path) {
        Ok(current) if current == home => return Ok(()),
        Err(_) if path.exists() => {
            let what = format!("{} (it should be a link)", path.display());
            return Err(Error::Unexpected { what });
        }
        _ => {}
    }
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let _ = fs_err::remove_file(&part);
    fs_err::os::unix::fs::symlink(home, &part)?;
    Ok(fs_err::rename(part, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_made_and_moved_but_never_over_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("target/cpython");
        link(&path, Path::new("/first")).unwrap();
        link(&path, Path::new("/second")).unwrap();
        assert_eq!(fs_err::read_link(&path).unwrap(), Path::new("/second"));
        fs_err::remove_file(&path).unwrap();
        fs_err::create_dir(&path).unwrap();
        assert!(link(&path, Path::new("/third")).is_err());
    }
}

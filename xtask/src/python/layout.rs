//! The installed folder as the rest of the workspace expects it: nothing that no one needs, no
//! path of this machine, the licence texts, and proof that it works.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::link::Linked;
use super::recipe;
use crate::error::{Error, Result};
use crate::process::{self, Log};

/// Below `lib/python3.13`: needs Tk, which is not built.
const NOT_SHIPPED: &[&str] = &["idlelib", "tkinter", "turtledemo", "turtle.py"];

pub fn stdlib(root: &Path) -> PathBuf {
    root.join(format!("lib/python{}", recipe::SERIES))
}

fn executable(root: &Path) -> PathBuf {
    root.join(format!("bin/python{}", recipe::SERIES))
}

/// Removes what no one needs, and every trace of the work folder.
pub fn tidy(log: &mut Log, root: &Path, src: &Path, work: &Path) -> Result<()> {
    let keep = [format!("python{}", recipe::SERIES), "python3".to_string()];
    for entry in fs_err::read_dir(root.join("bin"))? {
        let entry = entry?;
        if !keep.iter().any(|name| entry.file_name() == name.as_str()) {
            fs_err::remove_file(entry.path())?;
        }
    }
    for folder in ["share", "lib/pkgconfig"] {
        fs_err::remove_dir_all(root.join(folder))?;
    }
    log.run(
        Command::new("strip").arg("-s").arg(executable(root)),
        |_| {},
    )?;
    let stdlib = stdlib(root);
    for name in NOT_SHIPPED {
        let path = stdlib.join(name);
        if path.is_dir() {
            fs_err::remove_dir_all(path)?
        } else {
            fs_err::remove_file(path)?
        }
    }
    // configure's and Setup.local's work folder stands in what `sysconfig` reads.
    let from = work.display().to_string();
    walk(&stdlib, &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let in_config = path
            .parent()
            .is_some_and(|parent| parent.ends_with_config());
        let sysconfig = name.starts_with("_sysconfigdata");
        let object = name.ends_with(".a") || name.ends_with(".o");
        if name.contains(".opt-") || sysconfig && name.ends_with(".pyc") || in_config && object {
            fs_err::remove_file(path)?;
        } else if in_config || sysconfig {
            let text = fs_err::read_to_string(path)?;
            if text.contains(&from) {
                fs_err::write(
                    path,
                    text.replace(&from, &format!("{}/work", recipe::PREFIX)),
                )?;
            }
        }
        Ok(())
    })?;
    let bundled = src.join("Lib/ensurepip/_bundled");
    for entry in fs_err::read_dir(bundled)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("pip-") {
            fs_err::copy(entry.path(), root.join("pip.whl"))?;
        }
    }
    Ok(())
}

/// `config-3.13-x86_64-linux-gnu`, the folder of build files inside the standard library.
trait ConfigFolder {
    fn ends_with_config(&self) -> bool;
}

impl ConfigFolder for Path {
    fn ends_with_config(&self) -> bool {
        let name = self.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("config-{}", recipe::SERIES))
    }
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), visit)?;
        } else {
            visit(&entry.path())?;
        }
    }
    Ok(())
}

/// CPython's licence, those of the parts it carries, and those of the linked system libraries.
pub fn licences(root: &Path, src: &Path, linked: &[Linked]) -> Result<()> {
    fs_err::copy(src.join("LICENSE"), root.join("LICENSE"))?;
    let folder = root.join("licenses");
    fs_err::create_dir_all(&folder)?;
    fs_err::copy(
        src.join("Doc/license.rst"),
        folder.join("cpython-parts.rst"),
    )?;
    for item in linked {
        let Linked::Archive(path) = item else {
            continue;
        };
        for package in owners(path)? {
            let text = Path::new("/usr/share/doc").join(&package).join("copyright");
            if text.is_file() {
                fs_err::copy(text, folder.join(format!("{package}.txt")))?;
            }
        }
    }
    Ok(())
}

/// The packages that a file belongs to; nothing for files of the build itself.
fn owners(path: &Path) -> Result<Vec<String>> {
    if !process::on_path("dpkg-query") {
        return Ok(Vec::new());
    }
    let answer = process::ask(Command::new("dpkg-query").arg("-S").arg(path))?;
    let package = |line: &str| Some(line.split([':', ',']).next()?.trim().to_string());
    Ok(answer.lines().filter_map(package).collect())
}

/// Every module that needs a library can be imported, and the payload modules from where they
/// should be.
pub fn try_out(log: &mut Log, root: &Path) -> Result<()> {
    let payload: Vec<String> = recipe::payload_names()
        .map(|name| format!("{name:?}"))
        .collect();
    let program = format!(
        "import sys, importlib\n\
         for name in ({},): assert 'lib-dynload' in importlib.import_module(name).__file__, name\n\
         for name in {}: importlib.import_module(name)\n\
         assert not set(sys.builtin_module_names) & {{{}}}\n\
         import hashlib, sqlite3, ssl\n\
         hashlib.sha256(b'').digest(); ssl.create_default_context()\n\
         sqlite3.connect(':memory:').execute('create virtual table t using fts5(x)')\n\
         '\\u00e4'.encode('gb18030').decode('gb18030'); '\\N{{SEEDLING}}'\n",
        payload.join(", "),
        "('ctypes', 'lzma', 'bz2', 'zlib', 'curses', 'curses.panel', 'readline', 'uuid', 'pyexpat',\
         'decimal', 'asyncio', 'multiprocessing', 'zoneinfo', 'xml.etree.ElementTree')",
        payload.join(", "),
    );
    let mut command = Command::new(executable(root));
    command.args(["-I", "-B", "-c", &program]);
    log.run(&mut command, |_| {}).map_err(|error| match error {
        Error::Command { tail, .. } => Error::BrokenPython {
            what: tail.join("; "),
            log: log.path().to_path_buf(),
        },
        other => other,
    })
}

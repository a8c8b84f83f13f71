//! The source of CPython: from the caller, from python.org, or from Debian's source package.
//!
//! Whatever it came through, the archive is used only when its SHA-256 is the pinned one. What was
//! once fetched stays in the cache.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{apt, recipe};
use crate::Context;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

pub struct Source {
    pub archive: PathBuf,
    pub patches: Patches,
}

/// Debian's security patches for this version, in the order in which they apply.
#[derive(Default)]
pub struct Patches(Vec<(String, Vec<u8>)>);

impl Patches {
    #[cfg(test)]
    pub fn new(patches: Vec<(String, Vec<u8>)>) -> Self {
        Patches(patches)
    }

    pub fn all(&self) -> &[(String, Vec<u8>)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From a folder with a `series` file: the lines which name a CVE, and only those (Debian's
    /// other patches move folders about).
    fn read(folder: &Path) -> Result<Self> {
        let series = fs_err::read_to_string(folder.join("series"))?;
        let names = series
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("CVE-"));
        let patches = names.map(|name| Ok((name.to_string(), fs_err::read(folder.join(name))?)));
        Ok(Patches(patches.collect::<Result<_>>()?))
    }

    fn store(&self, folder: &Path) -> Result<()> {
        let work = folder.with_extension("part");
        let _ = fs_err::remove_dir_all(&work);
        fs_err::create_dir_all(&work)?;
        let mut series = String::new();
        for (name, content) in &self.0 {
            fs_err::write(work.join(name), content)?;
            series += &format!("{name}\n");
        }
        fs_err::write(work.join("series"), series)?;
        if folder.is_dir() {
            fs_err::remove_dir_all(folder)?;
        }
        Ok(fs_err::rename(work, folder)?)
    }
}

/// Finds the source and the patches, from the cache if they were fetched before.
pub fn find(context: &Context, given: Option<&Path>) -> Result<Source> {
    let folder = Workspace::cache().join("sources");
    let archive = folder.join(recipe::SOURCE_FILE);
    let kept = folder.join(format!("python{}-patches", recipe::SERIES));
    if given.is_none()
        && archive.is_file()
        && let Some(patches) = known(&kept)?
    {
        return Ok(Source { archive, patches });
    }
    fs_err::create_dir_all(&folder)?;
    let lock = fs_err::File::create(folder.join(".lock"))?;
    lock.file().lock()?;

    let mut tried = Vec::new();
    let mut patches = None;
    if let Some(given) = given {
        let (given_archive, control) = from_given(given)?;
        accept(&given_archive, &archive)?;
        patches = control.map(|file| unpack_patches(&file)).transpose()?;
    }
    if !archive.is_file()
        && let Err(error) = from_python_org(context, &archive)
    {
        tried.push(format!("python.org: {error}"));
    }
    if patches.is_none() {
        patches = known(&kept)?;
    }
    if patches.is_none() || !archive.is_file() {
        match from_apt(context, &archive) {
            Ok(found) => patches = Some(found),
            Err(error) => tried.push(format!("the package manager's source package: {error}")),
        }
    }
    if !archive.is_file() {
        let version = recipe::VERSION;
        return Err(Error::NoSource { version, tried });
    }
    if patches.is_none() {
        tried.iter().for_each(|line| context.printer.note(line));
    }
    let patches = patches.unwrap_or_default();
    patches.store(&kept)?;
    Ok(Source { archive, patches })
}

/// The patches that were fetched before. That there were none to be had is believed for a day.
fn known(kept: &Path) -> Result<Option<Patches>> {
    let series = kept.join("series");
    if !series.is_file() {
        return Ok(None);
    }
    let patches = Patches::read(kept)?;
    let age = fs_err::metadata(series)?
        .modified()?
        .elapsed()
        .unwrap_or_default();
    let believed = !patches.is_empty() || age < Duration::from_secs(24 * 3600);
    Ok(believed.then_some(patches))
}

/// A path that the caller gave: the archive, or a folder with it (and Debian's patches beside it).
fn from_given(path: &Path) -> Result<(PathBuf, Option<PathBuf>)> {
    if !path.is_dir() {
        return Ok((path.to_path_buf(), None));
    }
    let mut archive = path.join(recipe::SOURCE_FILE);
    let mut control = None;
    for entry in fs_err::read_dir(path)? {
        let entry = entry?.path();
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".orig.tar.xz") {
            archive = entry;
        } else if name.ends_with(".debian.tar.xz") {
            control = Some(entry);
        }
    }
    Ok((archive, control))
}

/// Copies the archive into the cache if it is the pinned one.
fn accept(from: &Path, to: &Path) -> Result<()> {
    let content = fs_err::read(from)?;
    let found = recipe::hex(&Sha256::digest(&content));
    if found != recipe::SOURCE_SHA256 {
        let expected = recipe::SOURCE_SHA256.to_string();
        return Err(Error::WrongHash {
            path: from.to_path_buf(),
            found,
            expected,
        });
    }
    let part = to.with_extension("part");
    fs_err::write(&part, content)?;
    Ok(fs_err::rename(part, to)?)
}

/// From python.org, giving up quickly where it cannot be reached.
fn from_python_org(context: &Context, archive: &Path) -> Result<()> {
    let part = archive.with_extension("download");
    let mut command = if process::on_path("curl") {
        let mut command = Command::new("curl");
        command.args(["-fsSL", "--connect-timeout", "5", "--max-time", "600", "-o"]);
        command
    } else if process::on_path("wget") {
        let mut command = Command::new("wget");
        command.args([
            "-q",
            "--tries=1",
            "--connect-timeout=5",
            "--read-timeout=60",
            "-O",
        ]);
        command
    } else {
        return Err(Error::MissingTool {
            tool: "curl or wget",
            install: "curl",
        });
    };
    context.printer.step("Downloading", recipe::SOURCE_URL);
    let fetched = process::capture(command.arg(&part).arg(recipe::SOURCE_URL));
    let outcome = fetched.and_then(|_| accept(&part, archive));
    // There may be nothing to remove.
    let _ = fs_err::remove_file(&part);
    outcome
}

/// From Debian's source package; the archive only if it is not there yet.
fn from_apt(context: &Context, archive: &Path) -> Result<Patches> {
    let folder = TemporaryFolder::new()?;
    let wanted = if archive.is_file() {
        apt::Wanted::Patches
    } else {
        apt::Wanted::All
    };
    context.printer.step(
        "Downloading",
        format!("Debian's source package python{}", recipe::SERIES),
    );
    let (downloaded, control) = from_given(&apt::download(&folder.0, wanted)?)?;
    if !archive.is_file() {
        accept(&downloaded, archive)?;
    }
    let what = "the source package without its patches".to_string();
    unpack_patches(&control.ok_or(Error::Unexpected { what })?)
}

fn unpack_patches(control: &Path) -> Result<Patches> {
    let folder = TemporaryFolder::new()?;
    let mut tar = Command::new("tar");
    tar.arg("-xJf")
        .arg(control)
        .arg("-C")
        .arg(&folder.0)
        .arg("debian/patches");
    process::capture(&mut tar)?;
    Patches::read(&folder.0.join("debian/patches"))
}

/// Outside the cache: apt gives up its privileges and must still be able to write here.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self> {
        let mut attempt = 0;
        loop {
            let name = format!("pyxidium-source-{}-{attempt}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs_err::create_dir(&path) {
                Ok(()) => return Ok(TemporaryFolder(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What stays in the temporary folder does no harm.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_security_patches_and_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
        write(
            "series",
            "deb-setup.diff\nCVE-2.patch\n# CVE-3.patch\nCVE-1.patch\n",
        );
        write("CVE-1.patch", "one");
        write("CVE-2.patch", "two");
        let patches = Patches::read(folder.path()).unwrap();
        let names: Vec<&str> = patches
            .all()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["CVE-2.patch", "CVE-1.patch"]);

        let copy = folder.path().join("copy");
        patches.store(&copy).unwrap();
        assert_eq!(Patches::read(&copy).unwrap().all(), patches.all());
    }

    #[test]
    fn that_there_were_no_patches_is_believed_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("patches");
        assert!(known(&kept).unwrap().is_none());
        Patches::default().store(&kept).unwrap();
        assert!(known(&kept).unwrap().is_some());
        let age = |days: u64| {
            let file = fs_err::OpenOptions::new()
                .write(true)
                .open(kept.join("series"))
                .unwrap();
            let time = std::time::SystemTime::now() - Duration::from_secs(days * 24 * 3600 + 60);
            file.file().set_modified(time).unwrap();
        };
        age(1);
        assert!(known(&kept).unwrap().is_none());
        Patches::new(vec![("CVE-1.patch".into(), b"x".to_vec())])
            .store(&kept)
            .unwrap();
        age(100);
        assert!(known(&kept).unwrap().is_some());
    }

    #[test]
    fn another_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("x.tar.xz");
        fs_err::write(&from, "not CPython").unwrap();
        let to = folder.path().join("cached");
        let error = accept(&from, &to).unwrap_err();
        assert!(
            error.to_string().contains("is not the pinned source"),
            "{error}"
        );
        assert!(!to.exists());
    }
}

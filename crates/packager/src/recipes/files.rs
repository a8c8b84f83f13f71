//! Folders of files, written whole: beside their place, then renamed. Where a folder may hold what is not
//! ours, file by file.

use std::path::{Path, PathBuf};

use recipe::bzl::{Content, FileEntry, Files};

use super::{Maker, host, wheel};
use crate::build::Sealed;
use crate::cache;
use crate::interrupt::WorkFolder;
use crate::{Error, progress};

impl Maker<'_> {
    /// Writes files to a folder, whose old contents go if it is replaced.
    pub(super) fn install(
        &self,
        folder: &Path,
        files: &Files,
        replace: bool,
        sealed: &mut Vec<Sealed>,
    ) -> Result<(), Error> {
        if folder.exists() && !folder.is_dir() {
            return Err(Error::ParentIsFile {
                path: folder.into(),
                parent: folder.into(),
            });
        }
        if !replace {
            return self.fill(folder, folder, files, sealed);
        }
        let parent = folder.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(parent).map_err(|e| Error::write(folder, e))?;
        let name = folder.file_name().unwrap_or_default().display();
        let beside =
            |what: &str| parent.join(format!(".pyxidium-{name}-{what}-{}", std::process::id()));
        let new = WorkFolder::new(beside("new")).map_err(|e| Error::write(folder, e))?;
        let contents = new.path().join("folder");
        std::fs::create_dir(&contents).map_err(|e| Error::write(folder, e))?;
        self.fill(&contents, folder, files, sealed)?;
        let old = new.path().join("old");
        let swap = || -> std::io::Result<()> {
            if folder.is_dir() {
                std::fs::rename(folder, &old)?;
            }
            if let Err(e) = std::fs::rename(&contents, folder) {
                // Nothing is lost: the old folder goes back.
                if old.is_dir() {
                    std::fs::rename(&old, folder)?;
                }
                return Err(e);
            }
            Ok(())
        };
        swap().map_err(|e| Error::write(folder, e))
    }

    /// Writes files below a folder that is to have the name `place`.
    fn fill(
        &self,
        folder: &Path,
        place: &Path,
        files: &Files,
        sealed: &mut Vec<Sealed>,
    ) -> Result<(), Error> {
        for (path, entry) in &files.0 {
            progress::check(self.progress)?;
            let before = sealed.len();
            self.file(&folder.join(path), entry, sealed)?;
            for one in &mut sealed[before..] {
                one.path = place.join(path);
            }
        }
        Ok(())
    }

    fn file(&self, path: &Path, entry: &FileEntry, sealed: &mut Vec<Sealed>) -> Result<(), Error> {
        let mode = if entry.executable { 0o755 } else { 0o644 };
        match &entry.content {
            Content::Program(program) => {
                sealed.push(self.seal(program, path)?);
                Ok(())
            }
            Content::Wheel(wheel) => self.wheel(wheel, path, sealed),
            Content::Bundle(bundle) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                let made = self.bundle(bundle, folder, sealed)?;
                Ok(fs_err::rename(made, path)?)
            }
            content => cache::write_file(path, &self.bytes(content)?, mode),
        }
    }

    /// The bytes of what is small enough to be held.
    fn bytes(&self, content: &Content) -> Result<Vec<u8>, Error> {
        match content {
            Content::File(path) => Ok(fs_err::read(path)?),
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::Packed {
                pack: Some(pack),
                path,
            } => host::read_packed(pack, path),
            Content::Packed { pack: None, path } => host::read(&self.options.base, path),
            Content::Program(_) | Content::Wheel(_) | Content::Bundle(_) => {
                let work = self.options.cache.work()?;
                let file: PathBuf = work.path().join("file");
                let entry = FileEntry {
                    content: content.clone(),
                    executable: false,
                };
                self.file(&file, &entry, &mut Vec::new())?;
                Ok(fs_err::read(&file)?)
            }
        }
    }

    /// Writes a wheel.
    pub(super) fn wheel(
        &self,
        wheel: &recipe::bzl::Wheel,
        path: &Path,
        _sealed: &mut Vec<Sealed>,
    ) -> Result<(), Error> {
        let mut files = Vec::new();
        for (name, entry) in &wheel.files.0 {
            progress::check(self.progress)?;
            let sealed = matches!(entry.content, Content::Program(_));
            files.push(wheel::File {
                path: name.clone(),
                bytes: self.bytes(&entry.content)?,
                executable: entry.executable,
                // A sealed file is compressed already.
                compress: !sealed,
            });
        }
        let bytes = wheel::archive(wheel, files).map_err(|e| Error::write(path, e))?;
        cache::write_file(path, &bytes, 0o644)
    }
}

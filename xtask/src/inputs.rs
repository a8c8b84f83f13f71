//! What a step is made of, as one text: a step whose inputs did not change is not done again.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::Result;

/// Folders that are made, not written.
const MADE: &[&str] = &["node_modules", "dist", "__pycache__", ".svelte-kit"];

/// A digest of files and folders, by content.
pub fn digest(paths: &[PathBuf]) -> Result<String> {
    let mut digest = Sha256::new();
    for path in paths {
        add(&mut digest, path)?;
    }
    let bytes = digest.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn add(digest: &mut Sha256, path: &Path) -> Result<()> {
    if path.is_dir() {
        let entries = fs_err::read_dir(path)?;
        let mut below = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?;
        below.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && !MADE.contains(&&*name)
        });
        below.sort();
        return below.iter().try_for_each(|path| add(digest, path));
    }
    let bytes = fs_err::read(path)?;
    digest.update(format!("{} {}\n", path.display(), bytes.len()));
    digest.update(bytes);
    Ok(())
}

/// Remembers in a file what a step was done with.
pub struct Stamp {
    file: PathBuf,
    wanted: String,
}

impl Stamp {
    pub fn new(file: PathBuf, wanted: String) -> Self {
        Stamp { file, wanted }
    }

    /// Whether the step was done with just these inputs.
    pub fn holds(&self) -> bool {
        fs_err::read_to_string(&self.file).is_ok_and(|found| found == self.wanted)
    }

    /// Before the step: should it be cut short, it counts as not done.
    pub fn lift(&self) {
        let _ = fs_err::remove_file(&self.file);
    }

    /// After the step.
    pub fn set(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs_err::create_dir_all(folder)?;
        }
        Ok(fs_err::write(&self.file, &self.wanted)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_content_or_name_is_seen_what_is_made_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        };
        let now = || digest(&[folder.path().to_path_buf()]).unwrap();
        write("src/a.ts", "1");
        let first = now();
        write("node_modules/x/index.js", "made");
        write("src/__pycache__/a.pyc", "made");
        assert_eq!(now(), first);
        write("src/a.ts", "2");
        assert_ne!(now(), first);
        write("src/a.ts", "1");
        assert_eq!(now(), first);
        write("src/b.ts", "");
        assert_ne!(now(), first);
    }

    #[test]
    fn a_stamp_holds_only_for_what_it_was_set_with() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = |wanted: &str| Stamp::new(folder.path().join("x/stamp"), wanted.into());
        assert!(!stamp("1").holds());
        stamp("1").set().unwrap();
        assert!(stamp("1").holds() && !stamp("2").holds());
        stamp("1").lift();
        assert!(!stamp("1").holds());
    }
}

//! One digest for a whole folder.
//!
//! It covers names, kinds and contents, nothing else: not times, owners, permissions. It is made thus:
//! all entries below the folder, as paths with `/` between names, are sorted by their bytes. For each,
//! the hasher is given one byte for the kind (`d` folder, `f` file, `l` symbolic link), the length of
//! the path in bytes (8 bytes, little-endian), the path, and then: for a file its own digest, for a
//! link the digest of its target's text, for a folder nothing. Links are not followed. What is none
//! of the three (a socket, a device) is an error.

use std::path::{Path, PathBuf};

use super::Error;
use super::hashing::{FILE, Method, of_bytes, of_bytes_in, of_each, of_file_in};
use crate::work::Watch;

/// What a folder contains.
struct Entry {
    path: PathBuf,
    name: Vec<u8>,
    kind: u8,
}

/// The digest of everything below a folder; see the module.
///
/// # Errors
/// When something cannot be read, or when cancelled.
pub fn of_tree(folder: &Path, method: Method, watch: &Watch) -> Result<Vec<u8>, Error> {
    let mut entries = Vec::new();
    list(folder, &mut Vec::new(), &mut entries, watch)?;
    watch.leaving(|| {
        entries.sort_unstable_by(|a, b| {
            watch.leave_if_cancelled();
            a.name.cmp(&b.name)
        });
    })?;
    let digests = of_each(entries.len(), watch, &|place| {
        let entry = &entries[place];
        match entry.kind {
            b'f' => of_file_in(&entry.path, method, watch, FILE),
            b'l' => {
                let target = std::fs::read_link(&entry.path)
                    .map_err(|source| Error::read(&entry.path, source))?;
                of_bytes_in(target.as_os_str().as_encoded_bytes(), method, watch, FILE)
            }
            _ => {
                watch.advance(FILE)?;
                Ok(Vec::new())
            }
        }
    })?;
    let mut all = Vec::new();
    for (entry, digest) in entries.iter().zip(digests) {
        watch.check()?;
        all.push(entry.kind);
        all.extend((entry.name.len() as u64).to_le_bytes());
        all.extend(&entry.name);
        all.extend(digest);
    }
    of_bytes(&all, method, watch)
}

fn list(
    folder: &Path,
    prefix: &mut Vec<u8>,
    entries: &mut Vec<Entry>,
    watch: &Watch,
) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(|source| Error::read(folder, source))? {
        watch.check()?;
        let entry = entry.map_err(|source| Error::read(folder, source))?;
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|source| Error::read(&path, source))?;
        let kind = match kind {
            kind if kind.is_dir() => b'd',
            kind if kind.is_file() => b'f',
            kind if kind.is_symlink() => b'l',
            _ => {
                let source = std::io::Error::other("neither a file nor a folder nor a link");
                return Err(Error::read(path, source));
            }
        };
        let length = prefix.len();
        prefix.extend(entry.file_name().as_encoded_bytes());
        entries.push(Entry {
            path: path.clone(),
            name: prefix.clone(),
            kind,
        });
        if kind == b'd' {
            prefix.push(b'/');
            list(&path, prefix, entries, watch)?;
        }
        prefix.truncate(length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::pool;

    fn digest(folder: &Path) -> Vec<u8> {
        of_tree(folder, Method::Blake3, &Watch::new()).unwrap()
    }

    #[test]
    fn a_tree_is_hashed_as_documented() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("b")).unwrap();
        fs::write(root.join("b/x"), "one").unwrap();
        fs::write(root.join("b-"), "two").unwrap();
        std::os::unix::fs::symlink("b/x", root.join("a")).unwrap();
        let mut by_hand = Vec::new();
        for (kind, name, content) in [
            ("l", "a", "b/x"),
            ("d", "b", ""),
            ("f", "b-", "two"),
            ("f", "b/x", "one"),
        ] {
            by_hand.extend(kind.as_bytes());
            by_hand.extend((name.len() as u64).to_le_bytes());
            by_hand.extend(name.as_bytes());
            if kind != "d" {
                by_hand.extend(blake3::hash(content.as_bytes()).as_bytes());
            }
        }
        for threads in [1, 4] {
            let got = pool::with_threads(threads, || digest(root)).unwrap();
            assert_eq!(got, blake3::hash(&by_hand).as_bytes());
        }
    }

    #[test]
    fn names_contents_and_empty_folders_count_and_times_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "1").unwrap();
        let first = digest(folder.path());
        fs::File::open(&file)
            .unwrap()
            .set_modified(std::time::UNIX_EPOCH)
            .unwrap();
        assert_eq!(digest(folder.path()), first);
        fs::create_dir(folder.path().join("empty")).unwrap();
        assert_ne!(digest(folder.path()), first);
        fs::remove_dir(folder.path().join("empty")).unwrap();
        fs::rename(&file, folder.path().join("b")).unwrap();
        assert_ne!(digest(folder.path()), first);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = of_tree(Path::new("/nowhere"), Method::Blake3, &Watch::new()).unwrap_err();
        assert!(error.to_string().starts_with("cannot read /nowhere: "));
        let folder = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("s")).unwrap();
        let error = of_tree(folder.path(), Method::Blake3, &Watch::new()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("neither a file nor a folder nor a link")
        );
    }
}

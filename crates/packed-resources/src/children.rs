//! [`Children`]: one directory's listing, out of two sorted lists of paths.

use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::format::Kind;
use crate::reader::Payload;

/// Something that lies directly in a directory.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    /// Its name, without the directory.
    pub name: &'a str,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// The file, or the directory's own entry. A directory that exists only because something lies
    /// below it has none.
    pub entry: Option<Entry<'a>>,
}

/// Iterator over the direct children of a directory. See [`Payload::children`].
#[derive(Debug, Clone)]
pub struct Children<'a> {
    payload: Payload<'a>,
    /// The directory's path with its slash; nothing for the root.
    dir: String,
    /// The lists yet to walk, files before directories: kind, next entry, end.
    files: (usize, usize),
    dirs: (usize, usize),
}

impl<'a> Children<'a> {
    pub(crate) fn new(payload: Payload<'a>, dir: &str) -> Result<Self> {
        let dir = if dir.is_empty() {
            String::new()
        } else {
            format!("{dir}/")
        };
        let range = |kind: Kind| {
            let from = payload.lower_bound(kind, dir.as_bytes(), b"")?;
            let to = payload.first_without(from, |k, name| {
                k == kind as u8 && name.starts_with(dir.as_bytes())
            })?;
            Ok::<_, Error>((from, to))
        };
        let (files, dirs) = (range(Kind::File)?, range(Kind::Directory)?);
        Ok(Self {
            payload,
            dir,
            files,
            dirs,
        })
    }

    /// The entry number `i` and its path from this directory on. In an index that is not sorted,
    /// another entry may stand in the range.
    fn entry(&self, kind: Kind, i: usize) -> Result<(Entry<'a>, &'a str)> {
        let entry = self.payload.entry(i)?;
        match entry.name().strip_prefix(self.dir.as_str()) {
            Some(rest) if entry.kind() == kind => Ok((entry, rest)),
            _ => Err(entry.error_at_record("it is not in order")),
        }
    }

    fn next_file(&mut self) -> Result<Option<Child<'a>>> {
        let (i, end) = self.files;
        if i >= end {
            return Ok(None);
        }
        let (entry, rest) = self.entry(Kind::File, i)?;
        let Some(slash) = rest.find('/') else {
            self.files.0 += 1;
            return Ok(Some(Child {
                name: rest,
                is_dir: false,
                entry: Some(entry),
            }));
        };
        let subtree = &entry.name().as_bytes()[..=self.dir.len() + slash];
        self.files.0 = self.after(Kind::File, i, subtree)?;
        let own = self
            .payload
            .get(Kind::Directory, &entry.name()[..self.dir.len() + slash])?;
        Ok(Some(Child {
            name: &rest[..slash],
            is_dir: true,
            entry: own,
        }))
    }

    fn next_dir(&mut self) -> Result<Option<Child<'a>>> {
        loop {
            let (i, end) = self.dirs;
            if i >= end {
                return Ok(None);
            }
            let (entry, rest) = self.entry(Kind::Directory, i)?;
            let path = entry.name();
            let (name, own) = match rest.find('/') {
                None => {
                    self.dirs.0 += 1;
                    (rest, Some(entry))
                }
                Some(slash) => {
                    let subtree = &path.as_bytes()[..=self.dir.len() + slash];
                    self.dirs.0 = self.after(Kind::Directory, i, subtree)?;
                    (&rest[..slash], None)
                }
            };
            // A name comes out once: the files' turn and the directory's own entry go first.
            let full = &path.as_bytes()[..self.dir.len() + name.len()];
            let seen = self.payload.has_below(Kind::File, full)?
                || (own.is_none() && self.payload.has(Kind::Directory, full)?);
            if !seen {
                return Ok(Some(Child {
                    name,
                    is_dir: true,
                    entry: own,
                }));
            }
        }
    }

    /// The first entry after `from` that is not below `subtree`.
    fn after(&self, kind: Kind, from: usize, subtree: &[u8]) -> Result<usize> {
        self.payload.first_without(from + 1, |k, name| {
            k == kind as u8 && name.starts_with(subtree)
        })
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Result<Child<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.next_file() {
            Ok(None) => self.next_dir(),
            other => other,
        };
        if next.is_err() {
            // A damaged list is not walked any further.
            (self.files, self.dirs) = ((0, 0), (0, 0));
        }
        next.transpose()
    }
}

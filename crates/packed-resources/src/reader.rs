//! [`Payload`]: a view of a payload's bytes, and look-ups in it.
//!
//! Parsing checks the header and hashes the index; it looks at no entry. A look-up is a binary search
//! over the mapped records. Nothing here copies or decompresses: that is `entry` and `decode`.

use std::cmp::Ordering;

use crate::children::Children;
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::format::{self, Header, Kind, Record};
use crate::manifest::Manifest;

/// A payload, borrowed from the bytes it lies in (mapped memory, usually).
///
/// It is small and `Copy`; everything it hands out borrows from the bytes, not from it.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    /// Exactly the payload: bytes after its end are cut off.
    bytes: &'a [u8],
    version: u16,
    record_len: usize,
    records: &'a [u8],
    names: &'a [u8],
    extras: &'a [u8],
    extras_off: u64,
    data_off: u64,
}

impl<'a> Payload<'a> {
    /// Reads the header, checks every bound in it and the checksum of the index.
    ///
    /// Bytes after the payload's end are ignored.
    ///
    /// # Errors
    /// When the bytes are foreign, cut short, of a newer version, or the header or index is damaged.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let header = Header::decode(bytes)?;
        // Every offset up to `total_len` fits `usize`: `decode` compared it with a slice's length.
        let at = |offset: u64| offset as usize;
        let bytes = &bytes[..at(header.total_len)];
        let index = &bytes[..at(header.data_off)];
        if format::index_hash(index) != format::stored_index_hash(index) {
            return Err(Error::IndexHash {
                end: header.data_off,
            });
        }
        let record_len = usize::from(header.record_len);
        let area = |from: usize, len: usize| &bytes[from..from + len];
        Ok(Self {
            bytes,
            version: header.version,
            record_len,
            records: area(
                header.header_len.into(),
                record_len * header.entry_count as usize,
            ),
            names: area(at(header.names_off), header.names_len as usize),
            extras: area(at(header.extras_off), header.extras_len as usize),
            extras_off: header.extras_off,
            data_off: header.data_off,
        })
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len() / self.record_len
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The format version that the payload was written with.
    #[must_use]
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Length of the payload in bytes.
    #[must_use]
    pub fn total_len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The checksum of the index. It covers every entry's checksum, so it identifies the payload.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        format::stored_index_hash(self.bytes)
    }

    /// The payload's bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The entry number `i`, in order of kind and name.
    ///
    /// # Errors
    /// When there is no such entry, or its record cannot be right.
    pub fn entry(&self, i: usize) -> Result<Entry<'a>> {
        if i >= self.len() {
            return Err(Error::NoSuchEntry {
                index: i,
                len: self.len(),
            });
        }
        Entry::new(*self, i)
    }

    /// Every entry, in order of kind and name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<Entry<'a>>> + use<'a> {
        let payload = *self;
        (0..payload.len()).map(move |i| payload.entry(i))
    }

    /// The entry of this kind and name.
    ///
    /// # Errors
    /// When a record on the way cannot be right.
    pub fn get(&self, kind: Kind, name: &str) -> Result<Option<Entry<'a>>> {
        let i = self.lower_bound(kind, name.as_bytes(), b"")?;
        if i < self.len() && self.key(i)? == (kind as u8, name.as_bytes()) {
            return self.entry(i).map(Some);
        }
        Ok(None)
    }

    /// All entries of this kind whose names begin with `prefix`, in order.
    pub fn prefix<'p>(
        &self,
        kind: Kind,
        prefix: &'p str,
    ) -> impl Iterator<Item = Result<Entry<'a>>> + use<'a, 'p> {
        let payload = *self;
        let mut start = Some(payload.lower_bound(kind, prefix.as_bytes(), b""));
        let mut next = 0;
        std::iter::from_fn(move || {
            match start.take() {
                Some(Ok(first)) => next = first,
                Some(Err(error)) => {
                    next = usize::MAX;
                    return Some(Err(error));
                }
                None => {}
            }
            let belongs = match payload.key(next) {
                Ok((k, name)) => k == kind as u8 && name.starts_with(prefix.as_bytes()),
                Err(Error::NoSuchEntry { .. }) => false,
                Err(error) => {
                    next = usize::MAX;
                    return Some(Err(error));
                }
            };
            belongs.then(|| {
                next += 1;
                payload.entry(next - 1)
            })
        })
    }

    /// Whether `path` is a directory: a directory entry, or the place of something below it. The root,
    /// `""`, always is one.
    ///
    /// # Errors
    /// When a record on the way cannot be right.
    pub fn is_dir(&self, path: &str) -> Result<bool> {
        Ok(path.is_empty()
            || self.has_below(Kind::File, path.as_bytes())?
            || self.has(Kind::Directory, path.as_bytes())?
            || self.has_below(Kind::Directory, path.as_bytes())?)
    }

    /// What lies directly in the directory `dir` (`""` is the root) among files and directories, each
    /// name once, in no promised order. Whole subtrees are skipped. Nothing comes out of what is no directory.
    ///
    /// # Errors
    /// When a record on the way cannot be right.
    pub fn children(&self, dir: &str) -> Result<Children<'a>> {
        Children::new(*self, dir)
    }

    /// The manifest of the application.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn manifest(&self) -> Result<Manifest> {
        let entry = self
            .get(Kind::Meta, Manifest::ENTRY)?
            .ok_or(Error::NoManifest)?;
        Manifest::from_json(&entry.read()?)
    }

    pub(crate) fn has(&self, kind: Kind, name: &[u8]) -> Result<bool> {
        let i = self.lower_bound(kind, name, b"")?;
        Ok(i < self.len() && self.key(i)? == (kind as u8, name))
    }

    /// Whether a name of this kind begins with `dir` and a slash.
    pub(crate) fn has_below(&self, kind: Kind, dir: &[u8]) -> Result<bool> {
        let i = self.lower_bound(kind, dir, b"/")?;
        if i >= self.len() {
            return Ok(false);
        }
        let (k, name) = self.key(i)?;
        Ok(k == kind as u8
            && name
                .strip_prefix(dir)
                .is_some_and(|rest| rest.first() == Some(&b'/')))
    }

    /// The first entry that is not before `kind` and the name `head` + `tail`.
    pub(crate) fn lower_bound(&self, kind: Kind, head: &[u8], tail: &[u8]) -> Result<usize> {
        self.partition_point(0, self.len(), |k, name| {
            k < kind as u8 || (k == kind as u8 && compare(name, head, tail) == Ordering::Less)
        })
    }

    /// The first entry from `from` on for which `holds` is false; it must not become true again.
    /// Gallops, since the place is near more often than not.
    pub(crate) fn first_without(
        &self,
        from: usize,
        holds: impl Fn(u8, &[u8]) -> bool,
    ) -> Result<usize> {
        let (mut low, mut step) = (from, 1);
        loop {
            let probe = low.saturating_add(step);
            if probe >= self.len() {
                return self.partition_point(low, self.len(), holds);
            }
            let (kind, name) = self.key(probe)?;
            if !holds(kind, name) {
                return self.partition_point(low, probe, holds);
            }
            (low, step) = (probe + 1, step * 2);
        }
    }

    fn partition_point(
        &self,
        mut low: usize,
        mut high: usize,
        holds: impl Fn(u8, &[u8]) -> bool,
    ) -> Result<usize> {
        while low < high {
            let middle = low + (high - low) / 2;
            let (kind, name) = self.key(middle)?;
            if holds(kind, name) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Kind and name of the entry number `i`; only the name's bounds are checked.
    pub(crate) fn key(&self, i: usize) -> Result<(u8, &'a [u8])> {
        let Some(record) = self.record_bytes(i) else {
            return Err(Error::NoSuchEntry {
                index: i,
                len: self.len(),
            });
        };
        let (kind, off, len) = Record::decode_key(record);
        let (off, len) = (off as usize, len as usize);
        match self.names.get(off..).and_then(|names| names.get(..len)) {
            Some(name) => Ok((kind, name)),
            None => Err(Error::Entry {
                entry: format!("entry {i}"),
                offset: self.record_offset(i) + 8,
                what: "its name lies outside the names",
            }),
        }
    }

    pub(crate) fn record(&self, i: usize) -> Option<Record> {
        self.record_bytes(i).map(Record::decode)
    }

    fn record_bytes(&self, i: usize) -> Option<&'a [u8]> {
        let from = i.checked_mul(self.record_len)?;
        self.records.get(from..)?.get(..self.record_len)
    }

    /// Where the record number `i` lies.
    pub(crate) fn record_offset(&self, i: usize) -> u64 {
        (self.records.as_ptr().addr() - self.bytes.as_ptr().addr() + i * self.record_len) as u64
    }

    /// The optional fields at this place, with their offset.
    pub(crate) fn extras_at(&self, off: u32, len: u32) -> Option<(u64, &'a [u8])> {
        let fields = self.extras.get(off as usize..)?.get(..len as usize)?;
        Some((self.extras_off + u64::from(off), fields))
    }

    pub(crate) fn data_off(&self) -> u64 {
        self.data_off
    }
}

impl std::fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("version", &self.version)
            .field("entries", &self.len())
            .field("total_len", &self.bytes.len())
            .finish()
    }
}

/// Compares `name` with `head` followed by `tail`.
fn compare(name: &[u8], head: &[u8], tail: &[u8]) -> Ordering {
    match name.split_at_checked(head.len()) {
        Some((start, rest)) => start.cmp(head).then_with(|| rest.cmp(tail)),
        // Shorter than `head`: when it is a beginning of it, it is less.
        None => name.cmp(head),
    }
}

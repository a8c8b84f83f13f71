//! [`Writer`]: collects entries and writes a payload.
//!
//! Everything is kept sorted; no hash map and no clock has a say, so that the same entries give the
//! same bytes in whatever order they came. Compression is done elsewhere; merged bytes stay as they are.

use std::collections::BTreeMap;
use std::io;

use crate::compress::{BaseHash, Item, StoredBase, StoredItem, compress};
use crate::entry::{Entry, label};
use crate::error::{Error, Result};
use crate::format::{
    self, Compression, HEADER_LEN, Header, Kind, RECORD_LEN, Record, Tag, VERSION,
};
use crate::reader::Payload;
use crate::summary::Summary;

/// Collects entries and writes them as a payload.
#[derive(Debug, Clone, Default)]
pub struct Writer<'a> {
    entries: BTreeMap<Kind, BTreeMap<String, StoredItem<'a>>>,
}

impl<'a> Writer<'a> {
    /// A writer without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item, compressing it on this thread.
    ///
    /// # Errors
    /// As [`compress`] and [`Writer::add_stored`].
    pub fn add(&mut self, item: Item<'a>) -> Result<()> {
        self.add_stored(compress(item)?)
    }

    /// Adds what [`compress`] returned.
    ///
    /// # Errors
    /// When an entry of this kind and name is there, unless it is the same but for its alignment: then
    /// the larger one counts.
    pub fn add_stored(&mut self, item: StoredItem<'a>) -> Result<()> {
        let names = self.entries.entry(item.kind).or_default();
        match names.get_mut(&item.name) {
            Some(there) if same(there, &item) => {
                there.align = there.align.max(item.align);
                Ok(())
            }
            Some(_) => Err(Error::Duplicate {
                kind: item.kind,
                name: item.name,
            }),
            None => {
                names.insert(item.name.clone(), item);
                Ok(())
            }
        }
    }

    /// Adds entries of another payload, their stored bytes as they are. `map` gives each its name, or
    /// `None` to leave it out. What entries say of each other (bases, libraries) follows the names.
    ///
    /// # Errors
    /// When the payload does not [verify](Payload::verify), a new name is not allowed or taken, or a
    /// base is left out while an entry that needs it is not.
    pub fn merge(
        &mut self,
        payload: &Payload<'a>,
        map: impl Fn(&Entry<'a>) -> Option<String>,
    ) -> Result<()> {
        payload.verify(&|_| ())?;
        for entry in payload.iter() {
            let entry = entry?;
            if let Some(name) = map(&entry) {
                self.add_stored(merged(payload, &entry, name, &map)?)?;
            }
        }
        Ok(())
    }

    /// Whether there is an entry of this kind and name.
    #[must_use]
    pub fn contains(&self, kind: Kind, name: &str) -> bool {
        self.get(kind, name).is_some()
    }

    /// Whether a file or folder stands at this path, or anything below it.
    #[must_use]
    pub fn is_occupied(&self, path: &str) -> bool {
        let below = format!("{path}/");
        [Kind::File, Kind::Directory].iter().any(|kind| {
            self.entries.get(kind).is_some_and(|names| {
                let mut after = names.range(below.clone()..);
                names.contains_key(path) || after.next().is_some_and(|(n, _)| n.starts_with(&below))
            })
        })
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(BTreeMap::len).sum()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the payload. The writer keeps its entries.
    ///
    /// # Errors
    /// When entries do not fit together, or `out` cannot be written.
    pub fn finish(&mut self, out: &mut dyn io::Write) -> Result<Summary> {
        self.check_paths()?;
        let items: Vec<&StoredItem<'a>> = self.items().collect();
        let mut numbers = BTreeMap::new();
        for (item, number) in items.iter().zip(0..) {
            numbers.insert((item.kind, item.name.as_str()), number);
        }
        let mut layout = Layout::default();
        for item in &items {
            let base = self
                .base(item)?
                .map(|base| numbers[&(base.kind, base.name.as_str())]);
            layout.index(item, base)?;
        }
        let (index, blobs, total_len) = layout.place(&items)?;

        let mut summary = Summary {
            hash: format::stored_index_hash(&index),
            ..Summary::default()
        };
        items
            .iter()
            .for_each(|item| summary.count(item.kind, item.raw_len, item.stored_len()));
        summary.finish(
            total_len,
            blobs.iter().map(|(_, blob)| blob.len() as u64).sum(),
        );

        let mut at = index.len() as u64;
        out.write_all(&index).map_err(Error::Write)?;
        for (offset, blob) in blobs {
            let padding = [0; format::MAX_ALIGN as usize];
            out.write_all(&padding[..(offset - at) as usize])
                .map_err(Error::Write)?;
            out.write_all(blob).map_err(Error::Write)?;
            at = offset + blob.len() as u64;
        }
        out.flush().map_err(Error::Write)?;
        Ok(summary)
    }

    fn items(&self) -> impl Iterator<Item = &StoredItem<'a>> {
        self.entries.values().flat_map(BTreeMap::values)
    }

    fn get(&self, kind: Kind, name: &str) -> Option<&StoredItem<'a>> {
        self.entries.get(&kind)?.get(name)
    }

    /// The item's base, if it has one, once it is sure to be the right one.
    fn base(&self, item: &StoredItem<'a>) -> Result<Option<&StoredItem<'a>>> {
        let Some(StoredBase { kind, name, hash }) = &item.base else {
            return Ok(None);
        };
        let names = || (label(item.kind, &item.name), label(*kind, name));
        let Some(base) = self.get(*kind, name) else {
            let (entry, base) = names();
            return Err(Error::NoBase { entry, base });
        };
        if base.compression == Compression::ZstdPrefix {
            let (entry, base) = names();
            return Err(Error::BaseChain { entry, base });
        }
        let same = match hash {
            BaseHash::Stored(hash) => *hash == base.hash,
            // A merged base's raw hash is known only when it is not compressed; the frame's own
            // checksum stands in for it otherwise, when the entry is read.
            BaseHash::Raw(hash) => base.raw_hash.is_none_or(|known| known == *hash),
        };
        if !same {
            let (entry, base) = names();
            return Err(Error::BaseChanged { entry, base });
        }
        Ok(Some(base))
    }

    /// No file may have anything below it.
    fn check_paths(&self) -> Result<()> {
        let mut last_parent = "";
        for item in self
            .items()
            .filter(|i| matches!(i.kind, Kind::File | Kind::Directory))
        {
            if item.kind == Kind::Directory && self.contains(Kind::File, &item.name) {
                return Err(Error::FileAndDirectory {
                    path: item.name.clone(),
                    below: None,
                });
            }
            let mut path = item.name.as_str();
            while let Some((parent, _)) = path.rsplit_once('/') {
                if parent == last_parent {
                    break;
                }
                if self.contains(Kind::File, parent) {
                    return Err(Error::FileAndDirectory {
                        path: parent.to_owned(),
                        below: Some(item.name.clone()),
                    });
                }
                path = parent;
            }
            last_parent = item.name.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        Ok(())
    }
}

/// Whether two entries are the same in everything that a reader can see but their place.
fn same(a: &StoredItem<'_>, b: &StoredItem<'_>) -> bool {
    (a.hash, a.raw_len, a.compression, a.flags) == (b.hash, b.raw_len, b.compression, b.flags)
        && a.needs == b.needs
        && a.x86 == b.x86
        && a.unknown == b.unknown
        && a.base.as_ref().map(|base| (base.kind, &base.name))
            == b.base.as_ref().map(|base| (base.kind, &base.name))
}

/// An entry of another payload, under a new name.
fn merged<'a>(
    payload: &Payload<'a>,
    entry: &Entry<'a>,
    name: String,
    map: &impl Fn(&Entry<'a>) -> Option<String>,
) -> Result<StoredItem<'a>> {
    let kind = entry.kind();
    format::check_name(kind, &name).map_err(|why| Error::Name {
        kind,
        name: name.clone(),
        why,
    })?;
    let base = match entry.base()? {
        None => None,
        Some(base) => {
            let name = map(&base).ok_or_else(|| Error::NoBase {
                entry: label(kind, &name),
                base: base.label(),
            })?;
            Some(StoredBase {
                kind: base.kind(),
                name,
                hash: BaseHash::Stored(base.hash()),
            })
        }
    };
    let mut needs = Vec::new();
    for path in entry.needs()? {
        let renamed = payload
            .get(Kind::File, path)?
            .and_then(|library| map(&library));
        needs.push(renamed.unwrap_or_else(|| path.to_owned()));
    }
    let mut unknown = Vec::new();
    for field in entry.extras() {
        let (_, tag, value) = field?;
        if Tag::from_number(tag).is_none() {
            unknown.push((tag, value.to_vec()));
        }
    }
    Ok(StoredItem {
        kind,
        name,
        stored: entry.stored_unchecked().into(),
        compression: entry.compression(),
        raw_len: entry.raw_len(),
        hash: entry.hash(),
        raw_hash: (entry.compression() == Compression::None).then(|| entry.hash()),
        align: entry.align(),
        flags: entry.flags(),
        needs,
        base,
        x86: entry.x86()?,
        unknown,
    })
}

/// The index as it grows: records without offsets, names and fields.
#[derive(Default)]
struct Layout<'w> {
    records: Vec<Record>,
    names: Vec<u8>,
    /// Code and source of a module have the same name: it is written once.
    name_at: BTreeMap<&'w str, u32>,
    extras: Vec<u8>,
}

impl<'w> Layout<'w> {
    fn index(&mut self, item: &'w StoredItem<'_>, base: Option<u32>) -> Result<()> {
        let name_off = match self.name_at.get(item.name.as_str()) {
            Some(at) => *at,
            None => {
                let at = fits("bytes of names", self.names.len())?;
                self.names.extend_from_slice(item.name.as_bytes());
                self.name_at.insert(&item.name, at);
                at
            }
        };
        let extras_off = fits("bytes of fields", self.extras.len())?;
        let mut needs = Vec::new();
        for path in &item.needs {
            needs.extend_from_slice(path.as_bytes());
            needs.push(0);
        }
        if !needs.is_empty() {
            self.field(Tag::Needs.number(), &needs)?;
        }
        if let Some(base) = base {
            self.field(Tag::Base.number(), &base.to_le_bytes())?;
        }
        if let Some(code) = item.x86 {
            self.field(Tag::X86.number(), &code.to_bytes())?;
        }
        for (tag, value) in &item.unknown {
            self.field(*tag, value)?;
        }
        self.records.push(Record {
            kind: item.kind as u8,
            compression: item.compression as u8,
            // Powers of two up to 65536.
            align_log2: item.align.trailing_zeros() as u8,
            flags: item.flags,
            name_off,
            name_len: fits("bytes in a name", item.name.len())?,
            offset: 0,
            stored_len: item.stored_len(),
            raw_len: item.raw_len,
            extras_off,
            extras_len: fits("bytes of fields", self.extras.len())? - extras_off,
            hash: item.hash,
        });
        Ok(())
    }

    fn field(&mut self, tag: u16, value: &[u8]) -> Result<()> {
        self.extras.extend_from_slice(&tag.to_le_bytes());
        self.extras.extend_from_slice(&[0; 2]);
        self.extras
            .extend_from_slice(&fits("bytes in a field", value.len())?.to_le_bytes());
        self.extras.extend_from_slice(value);
        Ok(())
    }

    /// Gives every record its offset, equal contents the same one. Returns the finished index, the
    /// contents with their offsets in order, and the payload's length.
    #[expect(
        clippy::type_complexity,
        reason = "used once, a few lines below where it is made"
    )]
    fn place<'d>(
        mut self,
        items: &[&'d StoredItem<'_>],
    ) -> Result<(Vec<u8>, Vec<(u64, &'d [u8])>, u64)> {
        let entry_count = fits("entries", self.records.len())?;
        let names_off = (HEADER_LEN + self.records.len() * RECORD_LEN) as u64;
        let extras_off = names_off + self.names.len() as u64;
        let data_off = (extras_off + self.extras.len() as u64).next_multiple_of(16);

        let key = |record: &Record| (record.hash, record.stored_len);
        let mut aligns = BTreeMap::new();
        for record in &self.records {
            let align = aligns.entry(key(record)).or_insert(0);
            *align = record.align_log2.max(*align);
        }
        let (mut end, mut placed, mut blobs) = (data_off, BTreeMap::new(), Vec::new());
        for (record, item) in self.records.iter_mut().zip(items) {
            if record.stored_len == 0 {
                (record.offset, record.align_log2) = (data_off, 0);
                continue;
            }
            record.offset = *placed.entry(key(record)).or_insert_with(|| {
                let offset = end.next_multiple_of(1 << aligns[&key(record)]);
                blobs.push((offset, &*item.stored));
                end = offset + record.stored_len;
                offset
            });
        }

        let header = Header {
            version: VERSION,
            header_len: HEADER_LEN as u16,
            record_len: RECORD_LEN as u16,
            entry_count,
            total_len: end,
            data_off,
            names_off,
            extras_off,
            names_len: fits("bytes of names", self.names.len())?,
            extras_len: fits("bytes of fields", self.extras.len())?,
        };
        let mut index = header.encode().to_vec();
        self.records
            .iter()
            .for_each(|record| index.extend_from_slice(&record.encode()));
        index.extend_from_slice(&self.names);
        index.extend_from_slice(&self.extras);
        index.resize(data_off as usize, 0);
        format::seal_index(&mut index);
        Ok((index, blobs, end))
    }
}

/// `value` as the format's 32 bits.
fn fits(what: &'static str, value: usize) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::TooMany {
        what,
        found: value as u64,
        limit: u32::MAX.into(),
    })
}

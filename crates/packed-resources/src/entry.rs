//! [`Entry`]: one record, checked, and access to its bytes.

use std::borrow::Cow;

use crate::decode;
use crate::error::{Error, Result};
use crate::format::{self, Compression, Kind, Record, Tag};
use crate::reader::Payload;
use crate::x86::Code;

/// One entry of a payload. Its fields have been checked; its bytes are checked when they are asked for.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    payload: Payload<'a>,
    index: usize,
    record: Record,
    kind: Kind,
    compression: Compression,
    name: &'a str,
    /// Where the optional fields begin, and they themselves.
    extras: (u64, &'a [u8]),
}

impl<'a> Entry<'a> {
    /// `i` is less than `payload.len()`.
    pub(crate) fn new(payload: Payload<'a>, i: usize) -> Result<Self> {
        let (_, name) = payload.key(i)?;
        let at = payload.record_offset(i);
        let damaged = |offset: u64, what| Error::Entry {
            entry: format!(
                "entry {i}, `{}`,",
                String::from_utf8_lossy(name).escape_debug()
            ),
            offset: at + offset,
            what,
        };
        let Some(record) = payload.record(i) else {
            return Err(Error::NoSuchEntry {
                index: i,
                len: payload.len(),
            });
        };
        let (kind, compression) = record
            .check(payload.data_off(), payload.total_len())
            .map_err(|(offset, what)| damaged(offset, what))?;
        let name = str::from_utf8(name).map_err(|_| damaged(8, "its name is not UTF-8"))?;
        format::check_name(kind, name).map_err(|_| damaged(8, "its name is not allowed"))?;
        let extras = payload
            .extras_at(record.extras_off, record.extras_len)
            .ok_or_else(|| damaged(40, "its fields lie outside the fields' area"))?;
        Ok(Self {
            payload,
            index: i,
            record,
            kind,
            compression,
            name,
            extras,
        })
    }

    /// Its number, in order of kind and name.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name; for code, files and directories the payload path.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Bits; the lowest is [`EXECUTABLE`](crate::EXECUTABLE). Unknown ones mean nothing.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.record.flags
    }

    /// Whether the file is executable.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.record.flags & format::EXECUTABLE != 0
    }

    /// How its bytes are stored.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Its offset is a multiple of this power of two.
    #[must_use]
    pub fn align(&self) -> u32 {
        1 << self.record.align_log2
    }

    /// Its length.
    #[must_use]
    pub fn raw_len(&self) -> u64 {
        self.record.raw_len
    }

    /// Its length as stored.
    #[must_use]
    pub fn stored_len(&self) -> u64 {
        self.record.stored_len
    }

    /// Where its stored bytes begin, from the payload's first byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.record.offset
    }

    /// BLAKE3 of its stored bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.record.hash
    }

    /// Its stored bytes, checked against their checksum.
    ///
    /// # Errors
    /// When the checksum does not match.
    pub fn stored(&self) -> Result<&'a [u8]> {
        let stored = self.stored_unchecked();
        if *blake3::hash(stored).as_bytes() == self.record.hash {
            Ok(stored)
        } else {
            Err(self.hash_error())
        }
    }

    /// Its stored bytes without a look at their checksum: for callers that point at many entries and
    /// read few of them, or that have [verified](Payload::verify) the whole payload.
    #[must_use]
    pub fn stored_unchecked(&self) -> &'a [u8] {
        // `Record::check` compared both with the payload's length.
        let from = self.record.offset as usize;
        &self.payload.bytes()[from..from + self.record.stored_len as usize]
    }

    /// Its bytes, checked and decompressed. Borrowed from the payload when they are not compressed.
    ///
    /// # Errors
    /// When the bytes are damaged, or there is no memory for them.
    pub fn read(&self) -> Result<Cow<'a, [u8]>> {
        decode::read(self)
    }

    /// Its bytes, checked and decompressed, into `out`. Big ones on several threads. After an error,
    /// `out` may have been written to and must not be used.
    ///
    /// # Errors
    /// When `out` is not as long as the entry, or the bytes are damaged.
    pub fn read_into(&self, out: &mut [u8]) -> Result<()> {
        decode::read_into(self, out)
    }

    /// An optional field.
    ///
    /// # Errors
    /// When the fields are damaged, or one is there that must be understood and is not.
    pub fn extra(&self, tag: Tag) -> Result<Option<&'a [u8]>> {
        let mut found = None;
        for field in self.extras() {
            let (offset, number, value) = field?;
            if Tag::from_number(number).is_none() && number & format::CRITICAL != 0 {
                return Err(Error::UnknownField {
                    entry: self.label(),
                    tag: number,
                    offset,
                });
            }
            if number == tag.number() {
                found = Some(value);
            }
        }
        Ok(found)
    }

    /// Payload paths of the shared libraries to load before this one, in order.
    ///
    /// # Errors
    /// When the fields are damaged.
    pub fn needs(&self) -> Result<Vec<&'a str>> {
        let Some(value) = self.extra(Tag::Needs)? else {
            return Ok(Vec::new());
        };
        let list = str::from_utf8(value)
            .ok()
            .and_then(|text| text.strip_suffix('\0'));
        let list = list.ok_or_else(|| self.damaged("its list of libraries is damaged"))?;
        list.split('\0')
            .map(|path| match format::check_name(Kind::File, path) {
                Ok(()) => Ok(path),
                Err(_) => Err(self.damaged("its list of libraries is damaged")),
            })
            .collect()
    }

    /// The entry whose bytes are the prefix of [`Compression::ZstdPrefix`].
    ///
    /// # Errors
    /// When the fields are damaged, or the base is compressed with a prefix itself.
    pub fn base(&self) -> Result<Option<Entry<'a>>> {
        let value = self.extra(Tag::Base)?;
        if self.compression != Compression::ZstdPrefix {
            return Ok(None);
        }
        let Some(value) = value else {
            return Err(self.damaged("its base is not named"));
        };
        let Ok(number) = <[u8; 4]>::try_from(value) else {
            return Err(self.damaged("its base is not a number"));
        };
        let base = self
            .payload
            .entry(u32::from_le_bytes(number) as usize)
            .map_err(|_| self.damaged("its base is no entry"))?;
        // One level only: no chain, and so no circle, has to be followed.
        if base.compression == Compression::ZstdPrefix {
            return Err(self.damaged("its base needs a base itself"));
        }
        Ok(Some(base))
    }

    /// Which of its bytes were filtered as machine code before they were compressed.
    ///
    /// # Errors
    /// When the fields are damaged, or it is not compressed so.
    pub(crate) fn x86(&self) -> Result<Option<Code>> {
        let Some(value) = self.extra(Tag::X86)? else {
            return Ok(None);
        };
        let code = Code::from_bytes(value, self.record.raw_len)
            .filter(|_| self.compression == Compression::Zstd);
        code.map(Some)
            .ok_or_else(|| self.damaged("its range of machine code is none"))
    }

    /// Every optional field: offset, tag, value.
    pub(crate) fn extras(
        &self,
    ) -> impl Iterator<Item = Result<(u64, u16, &'a [u8])>> + use<'a, '_> {
        let (mut offset, mut rest) = self.extras;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let field = rest.split_at_checked(8).and_then(|(head, tail)| {
                let (value, tail) = tail.split_at_checked(format::u32_at(head, 4) as usize)?;
                Some((format::u16_at(head, 0), value, tail))
            });
            let Some((tag, value, tail)) = field else {
                rest = &[];
                return Some(Err(Error::Entry {
                    entry: self.label(),
                    offset,
                    what: "a field is cut short",
                }));
            };
            let at = offset;
            (offset, rest) = (offset + 8 + value.len() as u64, tail);
            Some(Ok((at, tag, value)))
        })
    }

    /// How messages call the entry.
    pub(crate) fn label(&self) -> String {
        label(self.kind, self.name)
    }

    pub(crate) fn hash_error(&self) -> Error {
        Error::EntryHash {
            entry: self.label(),
            offset: self.record.offset,
            len: self.record.stored_len,
        }
    }

    pub(crate) fn error_at_record(&self, what: &'static str) -> Error {
        Error::Entry {
            entry: self.label(),
            offset: self.payload.record_offset(self.index),
            what,
        }
    }

    fn damaged(&self, what: &'static str) -> Error {
        Error::Entry {
            entry: self.label(),
            offset: self.extras.0,
            what,
        }
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("compression", &self.compression)
            .field("raw_len", &self.record.raw_len)
            .finish_non_exhaustive()
    }
}

/// How messages call an entry.
pub(crate) fn label(kind: Kind, name: &str) -> String {
    format!("{kind} `{}`", name.escape_debug())
}

//! The byte layout: constants, the header, the record, the rules for names.
//!
//! The only file that knows at which byte a field lies. The tables are in the crate's documentation.
//! Nothing here allocates or reads an entry's data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The first eight bytes of every payload.
pub const MAGIC: [u8; 8] = *b"PYXIDIUM";
/// The newest format version that this crate reads, and the one it writes.
pub const VERSION: u16 = 1;
/// Length of the header of version 1.
pub const HEADER_LEN: usize = 96;
/// Length of an index record of version 1.
pub const RECORD_LEN: usize = 80;
/// Largest alignment that an entry may ask for.
pub const MAX_ALIGN: u32 = 1 << MAX_ALIGN_LOG2;
const MAX_ALIGN_LOG2: u8 = 16;
/// Entries longer than this are compressed as several frames.
pub const SPLIT_ABOVE: usize = 8 << 20;
/// About the length of each of these frames before compression.
pub const FRAME_LEN: usize = 8 << 20;
/// The same where [`Item::smallest`](crate::Item::smallest) is set.
pub const LONG_FRAME_LEN: usize = 32 << 20;
/// zstd cannot do better than 128 KiB out of a block of four bytes, so a declared length beyond this
/// ratio is a lie, found before any memory is asked for.
pub const MAX_RATIO: u64 = 32 * 1024;
/// A tag with this bit must be understood by the reader.
pub const CRITICAL: u16 = 0x8000;
/// Bit of [`Entry::flags`](crate::Entry::flags): the file is executable.
pub const EXECUTABLE: u32 = 1;

const HASH_AT: usize = 64;

/// What an entry is. The number is the byte in the record and the first key of the sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// Data about the payload. `app` is the [`Manifest`](crate::Manifest) as JSON.
    Meta = 1,
    /// A module that Python needs before the importer exists: dotted name, marshalled code, never compressed.
    Frozen = 2,
    /// A module's marshalled code, without the header of a `.pyc`; the name is the payload path of its `.py`.
    Code = 3,
    /// A file: payload path and contents.
    File = 4,
    /// A directory that may have nothing in it.
    Directory = 5,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [
        Self::Meta,
        Self::Frozen,
        Self::Code,
        Self::File,
        Self::Directory,
    ];

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Meta => "meta entry",
            Self::Frozen => "frozen module",
            Self::Code => "code",
            Self::File => "file",
            Self::Directory => "directory",
        })
    }
}

/// How an entry's bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Compression {
    /// As they are.
    None = 0,
    /// One or more concatenated zstd frames, each with its content size.
    Zstd = 1,
    /// One zstd frame with another entry's bytes, the [base](crate::Entry::base), as a raw prefix.
    ZstdPrefix = 2,
}

impl Compression {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::None, Self::Zstd, Self::ZstdPrefix]
            .into_iter()
            .find(|c| *c as u8 == byte)
    }
}

/// An optional field of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum Tag {
    /// Payload paths of shared libraries to load before this one, each ended by a zero byte.
    Needs = CRITICAL | 1,
    /// Number of the entry whose bytes are the prefix of [`Compression::ZstdPrefix`], as `u32`.
    Base = CRITICAL | 2,
    /// Which of its bytes are machine code of x86-64, filtered before compression: two `u64`.
    X86 = CRITICAL | 3,
}

impl Tag {
    /// The number in the payload.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    pub(crate) fn from_number(number: u16) -> Option<Self> {
        [Self::Needs, Self::Base, Self::X86]
            .into_iter()
            .find(|tag| tag.number() == number)
    }
}

/// The header's fields, as offsets from the payload's first byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub version: u16,
    pub header_len: u16,
    pub record_len: u16,
    pub entry_count: u32,
    pub total_len: u64,
    pub data_off: u64,
    pub names_off: u64,
    pub extras_off: u64,
    pub names_len: u32,
    pub extras_len: u32,
}

impl Header {
    /// Reads the fields and checks that they agree with each other and with the number of bytes there.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let head = &bytes[..bytes.len().min(MAGIC.len())];
        if !MAGIC.starts_with(head) {
            return Err(Error::Foreign {
                found: head.to_vec(),
            });
        }
        let truncated = |expected| Error::Truncated {
            expected,
            found: bytes.len() as u64,
        };
        // The version comes first: a newer format may have another header.
        let version = match bytes.get(8..10) {
            Some(field) => u16_at(field, 0),
            None => return Err(truncated(HEADER_LEN as u64)),
        };
        if version > VERSION {
            return Err(Error::NewerVersion {
                found: version,
                supported: VERSION,
            });
        }
        if bytes.len() < HEADER_LEN {
            return Err(truncated(HEADER_LEN as u64));
        }
        let header = Self {
            version,
            header_len: u16_at(bytes, 10),
            record_len: u16_at(bytes, 12),
            entry_count: u32_at(bytes, 16),
            total_len: u64_at(bytes, 24),
            data_off: u64_at(bytes, 32),
            names_off: u64_at(bytes, 40),
            extras_off: u64_at(bytes, 48),
            names_len: u32_at(bytes, 56),
            extras_len: u32_at(bytes, 60),
        };
        let check = |ok: bool, offset: u64, what| {
            if ok {
                Ok(())
            } else {
                Err(Error::Header { offset, what })
            }
        };
        check(version != 0, 8, "there is no format version 0")?;
        check(
            usize::from(header.header_len) >= HEADER_LEN,
            10,
            "the header is too short",
        )?;
        check(
            usize::from(header.record_len) >= RECORD_LEN,
            12,
            "the records are too short",
        )?;
        check(u16_at(bytes, 14) == 0, 14, "a reserved field is not zero")?;
        check(
            u32_at(bytes, 20) == 0,
            20,
            "it has flags that this Pyxidium does not know",
        )?;
        let records_end = u64::from(header.header_len)
            + u64::from(header.entry_count) * u64::from(header.record_len);
        let end = |off: u64, len: u32| off.checked_add(u64::from(len));
        check(
            header.names_off >= records_end,
            40,
            "the names begin inside the records",
        )?;
        let names_end = end(header.names_off, header.names_len);
        check(
            names_end.is_some_and(|end| header.extras_off >= end),
            48,
            "the fields begin inside the names",
        )?;
        let extras_end = end(header.extras_off, header.extras_len);
        check(
            extras_end.is_some_and(|end| header.data_off >= end),
            32,
            "the data begin inside the index",
        )?;
        check(
            header.total_len >= header.data_off,
            24,
            "the payload ends inside the index",
        )?;
        if header.total_len > bytes.len() as u64 {
            return Err(truncated(header.total_len));
        }
        Ok(header)
    }

    /// The header's bytes, with a checksum of zero.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(8, &self.version.to_le_bytes());
        put(10, &self.header_len.to_le_bytes());
        put(12, &self.record_len.to_le_bytes());
        put(16, &self.entry_count.to_le_bytes());
        put(24, &self.total_len.to_le_bytes());
        put(32, &self.data_off.to_le_bytes());
        put(40, &self.names_off.to_le_bytes());
        put(48, &self.extras_off.to_le_bytes());
        put(56, &self.names_len.to_le_bytes());
        put(60, &self.extras_len.to_le_bytes());
        out
    }
}

/// The checksum in a header.
pub(crate) fn stored_index_hash(header: &[u8]) -> [u8; 32] {
    bytes_at(header, HASH_AT)
}

/// Writes the checksum into the header at the start of `index`.
pub(crate) fn seal_index(index: &mut [u8]) -> [u8; 32] {
    let hash = index_hash(index);
    index[HASH_AT..HASH_AT + 32].copy_from_slice(&hash);
    hash
}

/// BLAKE3 of header and index, with the checksum's own bytes taken as zero.
pub(crate) fn index_hash(index: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&index[..HASH_AT]);
    hasher.update(&[0; 32]);
    hasher.update(&index[HASH_AT + 32..]);
    *hasher.finalize().as_bytes()
}

/// One entry's place in the index. Fields are as written: only the reader's `entry` checks them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub kind: u8,
    pub compression: u8,
    pub align_log2: u8,
    pub flags: u32,
    pub name_off: u32,
    pub name_len: u32,
    pub offset: u64,
    pub stored_len: u64,
    pub raw_len: u64,
    pub extras_off: u32,
    pub extras_len: u32,
    pub hash: [u8; 32],
}

impl Record {
    /// `bytes` holds at least [`RECORD_LEN`] bytes.
    pub fn decode(bytes: &[u8]) -> Self {
        Self {
            kind: bytes[0],
            compression: bytes[1],
            align_log2: bytes[2],
            flags: u32_at(bytes, 4),
            name_off: u32_at(bytes, 8),
            name_len: u32_at(bytes, 12),
            offset: u64_at(bytes, 16),
            stored_len: u64_at(bytes, 24),
            raw_len: u64_at(bytes, 32),
            extras_off: u32_at(bytes, 40),
            extras_len: u32_at(bytes, 44),
            hash: bytes_at(bytes, 48),
        }
    }

    /// Kind and place of the name: all that a look-up reads.
    pub fn decode_key(bytes: &[u8]) -> (u8, u32, u32) {
        (bytes[0], u32_at(bytes, 8), u32_at(bytes, 12))
    }

    pub fn encode(&self) -> [u8; RECORD_LEN] {
        let mut out = [0; RECORD_LEN];
        out[0] = self.kind;
        out[1] = self.compression;
        out[2] = self.align_log2;
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(4, &self.flags.to_le_bytes());
        put(8, &self.name_off.to_le_bytes());
        put(12, &self.name_len.to_le_bytes());
        put(16, &self.offset.to_le_bytes());
        put(24, &self.stored_len.to_le_bytes());
        put(32, &self.raw_len.to_le_bytes());
        put(40, &self.extras_off.to_le_bytes());
        put(44, &self.extras_len.to_le_bytes());
        put(48, &self.hash);
        out
    }

    /// What the record's bytes say, where they can be right on their own; else the offset inside the
    /// record and what is wrong.
    pub fn check(
        &self,
        data_off: u64,
        total_len: u64,
    ) -> Result<(Kind, Compression), (u64, &'static str)> {
        let kind = Kind::from_byte(self.kind).ok_or((0, "its kind is unknown"))?;
        let compression =
            Compression::from_byte(self.compression).ok_or((1, "its compression is unknown"))?;
        if self.align_log2 > MAX_ALIGN_LOG2 || self.offset & ((1 << self.align_log2) - 1) != 0 {
            return Err((2, "it is not aligned as it says"));
        }
        let end = self.offset.checked_add(self.stored_len);
        if self.offset < data_off || end.is_none_or(|end| end > total_len) {
            return Err((16, "its data lie outside the payload"));
        }
        let possible = match compression {
            Compression::None => self.raw_len == self.stored_len,
            _ => self.raw_len <= self.stored_len.saturating_mul(MAX_RATIO),
        };
        if !possible {
            return Err((32, "its length is impossible"));
        }
        if kind == Kind::Frozen && compression != Compression::None {
            return Err((1, "a frozen module is never compressed"));
        }
        if kind == Kind::Directory && self.stored_len != 0 {
            return Err((24, "a directory has no data"));
        }
        Ok((kind, compression))
    }
}

/// The rule that `name` breaks, if any. Paths are relative and stay below their root, so that a
/// payload can be unpacked without looking at each name again.
pub(crate) fn check_name(kind: Kind, name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.as_bytes().contains(&0) {
        return Err("it contains a zero byte");
    }
    let is_path = matches!(kind, Kind::Code | Kind::File | Kind::Directory);
    if is_path && name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("it is no plain relative path");
    }
    Ok(())
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(bytes, at))
}

/// Callers have checked that the bytes are there: these are fields of fixed structures.
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

//! What can go wrong with a payload, and whose fault it is.
//!
//! Every message about a damaged payload names the offset (from the payload's first byte) and, where
//! there is one, the entry. Nothing here knows how errors are printed.

use std::io;

use crate::format::Kind;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who can do something about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The payload's bytes: damaged, cut short, foreign, or written by a newer Pyxidium.
    Payload,
    /// The code that calls this crate: it asked for something that cannot be.
    Caller,
    /// The machine: no memory, or the output could not be written.
    Machine,
}

/// An error of the reader or the writer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The first bytes are not the magic number.
    #[error("not a Pyxidium payload: it begins with `{}` instead of `PYXIDIUM`", found.escape_ascii())]
    Foreign {
        /// The first bytes, at most eight.
        found: Vec<u8>,
    },
    /// There are fewer bytes than the header says, or than a header has.
    #[error("the payload is cut short: it should have at least {expected} bytes and has {found}")]
    Truncated {
        /// Bytes that there should be.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// Written by a newer Pyxidium.
    #[error(
        "the payload has format version {found}, and this Pyxidium reads versions up to {supported}: \
         update Pyxidium to read it"
    )]
    NewerVersion {
        /// The payload's version.
        found: u16,
        /// The newest version this crate reads.
        supported: u16,
    },
    /// A field of the header cannot be right.
    #[error("the payload's header is damaged at offset {offset}: {what}")]
    Header {
        /// Where the field is.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The header or the index was changed after it was written.
    #[error("the payload's index is damaged: the checksum of offsets 0 to {end} does not match")]
    IndexHash {
        /// End of the bytes that the checksum covers.
        end: u64,
    },
    /// A field of an entry's record cannot be right.
    #[error("{entry} is damaged at offset {offset}: {what}")]
    Entry {
        /// Which entry.
        entry: String,
        /// Where the field is, or the data it speaks of.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// An entry's stored bytes were changed after they were written.
    #[error(
        "{entry} is damaged: the checksum of its {len} bytes at offset {offset} does not match"
    )]
    EntryHash {
        /// Which entry.
        entry: String,
        /// Where its bytes begin.
        offset: u64,
        /// How many they are.
        len: u64,
    },
    /// An entry's stored bytes are no zstd frames of the declared size.
    #[error("{entry} at offset {offset} cannot be decompressed: {why}")]
    Decode {
        /// Which entry.
        entry: String,
        /// Where its bytes begin.
        offset: u64,
        /// What the decompressor says.
        why: &'static str,
    },
    /// An entry carries a field that must be understood and is not.
    #[error(
        "{entry} carries the field {tag:#06x} at offset {offset}, which this Pyxidium does not know \
         and may not skip: update Pyxidium to read it"
    )]
    UnknownField {
        /// Which entry.
        entry: String,
        /// The field's tag.
        tag: u16,
        /// Where the field is.
        offset: u64,
    },
    /// Bytes between two entries are not zero.
    #[error("the payload is damaged at offset {offset}: the padding between entries is not zero")]
    Padding {
        /// The first byte that is not zero.
        offset: u64,
    },
    /// There is no entry with this number.
    #[error("there is no entry {index}: the payload has {len}")]
    NoSuchEntry {
        /// The number asked for.
        index: usize,
        /// How many entries there are.
        len: usize,
    },
    /// The buffer for `read_into` is not as long as the entry.
    #[error("{entry} has {expected} bytes, and the buffer for it has {found}")]
    Buffer {
        /// Which entry.
        entry: String,
        /// The entry's length.
        expected: u64,
        /// The buffer's length.
        found: u64,
    },
    /// The system gives no memory for an entry's bytes.
    #[error("{entry} needs {len} bytes of memory, which the system does not give")]
    Memory {
        /// Which entry.
        entry: String,
        /// Bytes that were asked for.
        len: u64,
    },
    /// The payload has no manifest.
    #[error("the payload has no manifest")]
    NoManifest,
    /// The manifest cannot be understood.
    #[error("the payload's manifest cannot be read")]
    Manifest(#[source] serde_json::Error),

    /// The writer was given a name that the format does not allow.
    #[error("`{}` cannot be the name of a {kind}: {why}", name.escape_debug())]
    Name {
        /// What was to be named.
        kind: Kind,
        /// The name.
        name: String,
        /// The rule that it breaks.
        why: &'static str,
    },
    /// The writer was given two different entries of one name.
    #[error("{kind} `{name}` was added twice, with different contents")]
    Duplicate {
        /// The entries' kind.
        kind: Kind,
        /// Their name.
        name: String,
    },
    /// The writer was given a file that has something below it, or is a directory too.
    #[error("`{path}` is a file{}", match below {
        Some(below) => format!(", and `{below}` cannot be below it"),
        None => " and a directory at once".to_owned(),
    })]
    FileAndDirectory {
        /// The file.
        path: String,
        /// What needs it to be a directory; `None` where it is one itself.
        below: Option<String>,
    },
    /// The writer was given an alignment that the format does not allow.
    #[error("{entry} asks for an alignment of {align}: it must be a power of two up to 65536")]
    Align {
        /// Which entry.
        entry: String,
        /// What was asked for.
        align: u32,
    },
    /// An entry needs another one for decompression, which was not added.
    #[error("{entry} is compressed with the help of {base}, which is missing")]
    NoBase {
        /// Which entry.
        entry: String,
        /// The entry it needs.
        base: String,
    },
    /// An entry needs another one for decompression, whose contents are not what they were.
    #[error("{entry} was compressed with the help of {base}, which has other contents now")]
    BaseChanged {
        /// Which entry.
        entry: String,
        /// The entry it needs.
        base: String,
    },
    /// An entry's base has a base itself.
    #[error(
        "{entry} is compressed with the help of {base}, which needs the help of another entry itself"
    )]
    BaseChain {
        /// Which entry.
        entry: String,
        /// The entry it needs.
        base: String,
    },
    /// More than the format's fields can count.
    #[error("the payload has too many {what}: {found}, and at most {limit} fit")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        found: u64,
        /// How many fit.
        limit: u64,
    },
    /// zstd refused to compress.
    #[error("{entry} cannot be compressed: {why}")]
    Compress {
        /// Which entry.
        entry: String,
        /// What the compressor says.
        why: &'static str,
    },
    /// The output could not be written.
    #[error("the payload cannot be written")]
    Write(#[source] io::Error),
}

impl Error {
    /// Who can do something about it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Foreign { .. }
            | Self::Truncated { .. }
            | Self::NewerVersion { .. }
            | Self::Header { .. }
            | Self::IndexHash { .. }
            | Self::Entry { .. }
            | Self::EntryHash { .. }
            | Self::Decode { .. }
            | Self::UnknownField { .. }
            | Self::Padding { .. }
            | Self::NoManifest
            | Self::Manifest(_) => Fault::Payload,
            Self::NoSuchEntry { .. }
            | Self::Buffer { .. }
            | Self::Name { .. }
            | Self::Duplicate { .. }
            | Self::FileAndDirectory { .. }
            | Self::Align { .. }
            | Self::NoBase { .. }
            | Self::BaseChanged { .. }
            | Self::BaseChain { .. }
            | Self::TooMany { .. } => Fault::Caller,
            Self::Memory { .. } | Self::Compress { .. } | Self::Write(_) => Fault::Machine,
        }
    }
}

//! From bytes to an entry ready to be written: hashed, and compressed where it pays.
//!
//! Pure functions, so that callers may run them on any number of threads. Each frame is independent
//! of the others; nothing depends on how many threads there are.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use zstd::zstd_safe::{self, CCtx, CParameter};

use crate::entry::label;
use crate::error::{Error, Result};
use crate::format::{self, Compression, FRAME_LEN, Kind, LONG_FRAME_LEN, MAX_ALIGN, SPLIT_ABOVE};
use crate::x86::Code;

/// Whether and how hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not at all: the reader then borrows the bytes.
    Store,
    /// With this zstd level, where it saves at least a sixteenth.
    Zstd(i32),
}

/// How a caller lends threads to [`compress_on`]: calls the work once with each number below the count.
pub type Run<'r> = dyn Fn(usize, &(dyn Fn(usize) + Sync)) + 'r;

/// Something to be packed.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub data: Cow<'a, [u8]>,
    /// Whether to compress it.
    pub level: Level,
    /// Alignment of the stored bytes: a power of two up to 65536.
    pub align: u32,
    /// See [`EXECUTABLE`](crate::EXECUTABLE).
    pub flags: u32,
    /// Payload paths of the shared libraries to load before this one, in order.
    pub needs: Vec<String>,
    /// An entry that shares much with this one. It must be added too, and have no base itself.
    pub base: Option<Base<'a>>,
    /// Which of its bytes are machine code of x86-64: they are filtered before compression, where
    /// that pays. A range that is none, or a wrong one, makes it larger and not wrong.
    pub x86: Option<Range<u64>>,
    /// Whether size counts more than the time that reading takes: machine code is always filtered, and
    /// frames are longer, so that fewer threads read them.
    pub smallest: bool,
}

/// The entry that helps to compress another one.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: &'a str,
    /// Its bytes.
    pub data: &'a [u8],
}

impl<'a> Item<'a> {
    /// An item that is stored as it is, without anything special.
    pub fn new(kind: Kind, name: impl Into<String>, data: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            kind,
            name: name.into(),
            data: data.into(),
            level: Level::Store,
            align: 1,
            flags: 0,
            needs: Vec::new(),
            base: None,
            x86: None,
            smallest: false,
        }
    }

    /// An empty directory.
    pub fn directory(path: impl Into<String>) -> Self {
        Self::new(Kind::Directory, path, &[][..])
    }

    /// The same, compressed with this zstd level where it pays.
    #[must_use]
    pub fn zstd(mut self, level: i32) -> Self {
        self.level = Level::Zstd(level);
        self
    }
}

/// An entry ready to be written.
#[derive(Debug, Clone)]
pub struct StoredItem<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) stored: Cow<'a, [u8]>,
    pub(crate) compression: Compression,
    pub(crate) raw_len: u64,
    pub(crate) hash: [u8; 32],
    /// BLAKE3 of the raw bytes, where it was known for nothing.
    pub(crate) raw_hash: Option<[u8; 32]>,
    pub(crate) align: u32,
    pub(crate) flags: u32,
    pub(crate) needs: Vec<String>,
    pub(crate) base: Option<StoredBase>,
    pub(crate) x86: Option<Code>,
    /// Optional fields that this version does not know, from a merged payload.
    pub(crate) unknown: Vec<(u16, Vec<u8>)>,
}

/// The entry that an entry was compressed with, and how to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredBase {
    pub kind: Kind,
    pub name: String,
    pub hash: BaseHash,
}

/// Merging knows what the base's stored bytes were, compressing what its raw bytes were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BaseHash {
    Stored([u8; 32]),
    Raw([u8; 32]),
}

impl StoredItem<'_> {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its length as it will be stored.
    #[must_use]
    pub fn stored_len(&self) -> u64 {
        self.stored.len() as u64
    }

    /// The same, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> StoredItem<'static> {
        StoredItem {
            stored: Cow::Owned(self.stored.into_owned()),
            ..self
        }
    }
}

/// Hashes and, where it pays, compresses, on this thread.
///
/// # Errors
/// When the name or the alignment is not allowed, or zstd refuses.
pub fn compress(item: Item<'_>) -> Result<StoredItem<'_>> {
    compress_on(item, &|count, frame| (0..count).for_each(frame))
}

/// As [`compress`], with the frames of a big item given to the caller's threads: `run(n, work)` must
/// call `work` once with each number below `n`. With rayon:
/// `|n, work| (0..n).into_par_iter().for_each(work)`. The result is the same.
///
/// # Errors
/// As [`compress`].
pub fn compress_on<'a>(item: Item<'a>, run: &Run<'_>) -> Result<StoredItem<'a>> {
    let Item {
        kind,
        name,
        data,
        level,
        align,
        flags,
        needs,
        base,
        x86,
        smallest,
    } = item;
    format::check_name(kind, &name).map_err(|why| Error::Name {
        kind,
        name: name.clone(),
        why,
    })?;
    for path in &needs {
        format::check_name(Kind::File, path).map_err(|why| Error::Name {
            kind: Kind::File,
            name: path.clone(),
            why,
        })?;
    }
    if !align.is_power_of_two() || align > MAX_ALIGN {
        return Err(Error::Align {
            entry: label(kind, &name),
            align,
        });
    }
    if kind == Kind::Directory && !data.is_empty() {
        return Err(Error::Name {
            kind,
            name,
            why: "a directory has no data",
        });
    }
    let base = base.filter(|base| !base.data.is_empty() && data.len() <= SPLIT_ABOVE);
    let code = x86
        .and_then(|range| Code::new(&range, data.len() as u64))
        .filter(|_| level != Level::Store && base.is_none())
        .filter(|code| smallest || code.pays(&data));
    let packed = match level {
        // CPython reads frozen modules where they lie.
        Level::Zstd(level) if kind != Kind::Frozen => {
            let packed = match &base {
                Some(base) => frame(&data, level, Some(base.data)),
                None => {
                    let longest = if smallest { LONG_FRAME_LEN } else { FRAME_LEN };
                    frames(&data, level, longest, code, run)
                }
            };
            packed
                .map(|packed| Some(packed).filter(|packed| pays(data.len(), packed.len())))
                .map_err(|why| Error::Compress {
                    entry: label(kind, &name),
                    why,
                })?
        }
        _ => None,
    };
    let raw_len = data.len() as u64;
    let raw_hash = *blake3::hash(&data).as_bytes();
    let (stored, compression, hash, base, code) = match packed {
        None => (data, Compression::None, raw_hash, None, None),
        Some(packed) => {
            let hash = *blake3::hash(&packed).as_bytes();
            let compression = if base.is_some() {
                Compression::ZstdPrefix
            } else {
                Compression::Zstd
            };
            let base = base.map(|base| StoredBase {
                kind: base.kind,
                name: base.name.to_owned(),
                hash: BaseHash::Raw(*blake3::hash(base.data).as_bytes()),
            });
            (Cow::Owned(packed), compression, hash, base, code)
        }
    };
    Ok(StoredItem {
        kind,
        name,
        stored,
        compression,
        raw_len,
        hash,
        raw_hash: Some(raw_hash),
        align,
        flags,
        needs,
        base,
        x86: code,
        unknown: Vec::new(),
    })
}

/// Whether decompressing on every read is worth what it saves.
fn pays(raw: usize, packed: usize) -> bool {
    packed + raw / 16 + 16 <= raw
}

/// All frames of `data`, one after the other. Each is filtered by itself, as it will be read.
fn frames(
    data: &[u8],
    level: i32,
    longest: usize,
    code: Option<Code>,
    run: &Run<'_>,
) -> Result<Vec<u8>, &'static str> {
    let one = |at: usize, piece: &[u8]| match code {
        Some(code) => {
            let mut piece = piece.to_vec();
            code.encode(&mut piece, at as u64);
            frame(&piece, level, None)
        }
        None => frame(piece, level, None),
    };
    if data.len() <= SPLIT_ABOVE.max(longest) {
        return one(0, data);
    }
    let len = data.len().div_ceil(data.len().div_ceil(longest));
    let pieces: Vec<(usize, &[u8])> = (0..).step_by(len).zip(data.chunks(len)).collect();
    let packed: Vec<OnceLock<Result<Vec<u8>, &'static str>>> =
        pieces.iter().map(|_| OnceLock::new()).collect();
    run(pieces.len(), &|i| {
        packed[i].get_or_init(|| one(pieces[i].0, pieces[i].1));
    });
    let mut out = Vec::new();
    for ((at, piece), packed) in pieces.into_iter().zip(packed) {
        // A `run` that left one out makes this slower, not wrong.
        out.extend(packed.into_inner().unwrap_or_else(|| one(at, piece))?);
    }
    Ok(out)
}

/// One frame. With a prefix it carries a checksum of its contents: BLAKE3 covers the stored bytes,
/// but not that the prefix is the right one.
fn frame(data: &[u8], level: i32, prefix: Option<&[u8]>) -> Result<Vec<u8>, &'static str> {
    let mut context = CCtx::create();
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(data.len()));
    let mut pack = || {
        context.set_parameter(CParameter::CompressionLevel(level))?;
        if let Some(prefix) = prefix {
            context.set_parameter(CParameter::ChecksumFlag(true))?;
            context.ref_prefix(prefix)?;
        }
        context.compress2(&mut out, data)
    };
    pack().map_err(zstd_safe::get_error_name)?;
    Ok(out)
}

//! From stored bytes to the bytes that were packed.
//!
//! Memory is asked for only after the frames' own headers agree with the declared length, and the
//! decompressor never sees room for more than that. Small entries are hashed before they are
//! decompressed; big ones at the same time, on all cores.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use zstd::zstd_safe::{self, DCtx, WriteBuf};

use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::format::{Compression, SPLIT_ABOVE};
use crate::x86::Code;

thread_local! {
    // Kept, because a fresh context costs more than decompressing a small module does.
    static CONTEXT: RefCell<Option<DCtx<'static>>> = const { RefCell::new(None) };
}

pub(crate) fn read<'a>(entry: &Entry<'a>) -> Result<Cow<'a, [u8]>> {
    if entry.compression() == Compression::None {
        return entry.stored().map(Cow::Borrowed);
    }
    let len = checked_len(entry)?;
    let mut out = Vec::new();
    let memory = |_| memory_error(entry);
    if is_parallel(entry) {
        // `vec!` aborts where there is no memory, but takes zeroed pages from the system for free:
        // so ask first, and give back.
        Vec::<u8>::new().try_reserve_exact(len).map_err(memory)?;
        out = vec![0; len];
        read_into(entry, &mut out)?;
    } else {
        let stored = entry.stored()?;
        out.try_reserve_exact(len).map_err(memory)?;
        decompress(entry, stored, &mut out, len)?;
        unfilter(entry, stored, &mut out)?;
    }
    Ok(Cow::Owned(out))
}

pub(crate) fn read_into(entry: &Entry<'_>, out: &mut [u8]) -> Result<()> {
    if out.len() as u64 != entry.raw_len() {
        return Err(Error::Buffer {
            entry: entry.label(),
            expected: entry.raw_len(),
            found: out.len() as u64,
        });
    }
    if is_parallel(entry) {
        return read_parallel(entry, out);
    }
    let stored = entry.stored()?;
    if entry.compression() == Compression::None {
        out.copy_from_slice(stored);
        return Ok(());
    }
    let len = checked_len(entry)?;
    decompress(entry, stored, out, len)?;
    unfilter(entry, stored, out)
}

/// Takes back the filter, frame by frame.
fn unfilter(entry: &Entry<'_>, stored: &[u8], mut out: &mut [u8]) -> Result<()> {
    let Some(code) = entry.x86()? else {
        return Ok(());
    };
    let mut at = 0;
    for frame in frames(stored) {
        let (_, piece, rest) = piece(entry, frame, out)?;
        code.decode(piece, at);
        at += piece.len() as u64;
        out = rest;
    }
    Ok(())
}

/// A frame, with the part of `out` that is its own, and what is left of `out`.
fn piece<'s, 'o>(
    entry: &Entry<'_>,
    frame: Result<(&'s [u8], u64), &'static str>,
    out: &'o mut [u8],
) -> Result<(&'s [u8], &'o mut [u8], &'o mut [u8])> {
    let (frame, len) = frame.map_err(|why| decode_error(entry, why))?;
    // `checked_len` added these lengths up to the length of `out`, but the bytes may lie in a file
    // that changes under us.
    let (piece, rest) = usize::try_from(len)
        .ok()
        .and_then(|len| out.split_at_mut_checked(len))
        .ok_or_else(|| decode_error(entry, "its frames changed while they were read"))?;
    Ok((frame, piece, rest))
}

/// Decompresses all of `stored`, on this thread.
fn decompress(
    entry: &Entry<'_>,
    stored: &[u8],
    out: &mut (impl WriteBuf + ?Sized),
    len: usize,
) -> Result<()> {
    let written = match entry.base()? {
        Some(base) => {
            let prefix = base.read()?;
            let mut context = DCtx::try_create().ok_or_else(|| memory_error(entry))?;
            context
                .ref_prefix(&prefix)
                .and_then(|_| context.decompress(out, stored))
        }
        None => decompress_frames(entry, stored, out)?,
    };
    expect_len(entry, written, len)
}

/// Decompresses frames without a prefix, in this thread's context.
fn decompress_frames(
    entry: &Entry<'_>,
    stored: &[u8],
    out: &mut (impl WriteBuf + ?Sized),
) -> Result<Result<usize, usize>> {
    let kept = CONTEXT.try_with(|kept| kept.try_borrow_mut().ok().and_then(|mut kept| kept.take()));
    // While a thread ends, and in handlers that run at exit, there are no thread locals any more.
    let kept = kept.ok().flatten();
    let mut context = match kept {
        Some(context) => context,
        None => DCtx::try_create().ok_or_else(|| memory_error(entry))?,
    };
    let written = context.decompress(out, stored);
    let _ = CONTEXT.try_with(|kept| kept.replace(Some(context)));
    Ok(written)
}

/// Whether threads pay for themselves.
fn is_parallel(entry: &Entry<'_>) -> bool {
    entry.raw_len() > SPLIT_ABOVE as u64 && entry.compression() != Compression::ZstdPrefix
}

enum Job<'s, 'o> {
    Hash(Entry<'s>),
    /// Stored bytes, where they go, and where that is in the entry.
    Frame(&'s [u8], &'o mut [u8], u64),
    Copy(&'s [u8], &'o mut [u8]),
}

fn read_parallel(entry: &Entry<'_>, out: &mut [u8]) -> Result<()> {
    let mut jobs = vec![Job::Hash(*entry)];
    let stored = entry.stored_unchecked();
    if entry.compression() == Compression::None {
        jobs.push(Job::Copy(stored, out));
    } else {
        checked_len(entry)?;
        let (mut rest, mut at) = (out, 0);
        for frame in frames(stored) {
            let (frame, piece, tail) = piece(entry, frame, rest)?;
            let next = at + piece.len() as u64;
            jobs.push(Job::Frame(frame, piece, at));
            (rest, at) = (tail, next);
        }
    }
    let code = entry.x86()?;
    let workers = cores().min(jobs.len());
    // Workers take from the end, and the checksum is the longest job.
    jobs.reverse();
    let queue = Mutex::new(jobs);
    let failure = Mutex::new(None);
    let work = || {
        while let Some(job) = lock(&queue).pop() {
            let result = match job {
                Job::Hash(entry) => entry.stored().map(drop),
                Job::Copy(from, to) => {
                    to.copy_from_slice(from);
                    Ok(())
                }
                Job::Frame(frame, piece, at) => read_frame(entry, code, frame, piece, at),
            };
            if let Err(error) = result {
                let mut failure = lock(&failure);
                // A wrong checksum explains whatever else went wrong.
                if failure.is_none() || matches!(error, Error::EntryHash { .. }) {
                    *failure = Some(error);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            // No thread to be had is no failure: this one does the work then.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    failure
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(()), Err)
}

fn read_frame(
    entry: &Entry<'_>,
    code: Option<Code>,
    frame: &[u8],
    piece: &mut [u8],
    at: u64,
) -> Result<()> {
    let written = decompress_frames(entry, frame, piece)?;
    expect_len(entry, written, piece.len())?;
    if let Some(code) = code {
        code.decode(piece, at);
    }
    Ok(())
}

/// The declared length, once the frames agree with it.
pub(crate) fn checked_len(entry: &Entry<'_>) -> Result<usize> {
    let mut sum = 0u64;
    for frame in frames(entry.stored_unchecked()) {
        let (_, len) = frame.map_err(|why| decode_error(entry, why))?;
        sum = sum.saturating_add(len);
    }
    if sum != entry.raw_len() {
        return Err(decode_error(
            entry,
            "its frames have another length than its record says",
        ));
    }
    usize::try_from(sum).map_err(|_| memory_error(entry))
}

/// The zstd frames in `stored`, each with its content size. Reads only headers.
fn frames(mut stored: &[u8]) -> impl Iterator<Item = Result<(&[u8], u64), &'static str>> {
    std::iter::from_fn(move || {
        if stored.is_empty() {
            return None;
        }
        let frame = zstd_safe::find_frame_compressed_size(stored)
            .map_err(zstd_safe::get_error_name)
            .and_then(|len| stored.split_at_checked(len).ok_or("a frame is cut short"))
            .and_then(|(frame, rest)| {
                stored = rest;
                match zstd_safe::get_frame_content_size(frame) {
                    Ok(Some(len)) => Ok((frame, len)),
                    _ => Err("a frame does not tell its length"),
                }
            });
        if frame.is_err() {
            stored = &[];
        }
        Some(frame)
    })
}

fn expect_len(entry: &Entry<'_>, written: Result<usize, usize>, len: usize) -> Result<()> {
    match written {
        Ok(written) if written == len => Ok(()),
        Ok(_) => Err(decode_error(
            entry,
            "it has another length than its record says",
        )),
        Err(code) => Err(decode_error(entry, zstd_safe::get_error_name(code))),
    }
}

fn decode_error(entry: &Entry<'_>, why: &'static str) -> Error {
    Error::Decode {
        entry: entry.label(),
        offset: entry.offset(),
        why,
    }
}

fn memory_error(entry: &Entry<'_>) -> Error {
    Error::Memory {
        entry: entry.label(),
        len: entry.raw_len(),
    }
}

/// How many threads to use. Asked once: the answer costs the system a look into several files.
pub(crate) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// A worker that panicked leaves a queue that is still good.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

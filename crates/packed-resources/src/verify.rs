//! [`Payload::verify`]: everything that parsing leaves unchecked, on all cores.
//!
//! Order, fields, overlaps, padding and every checksum. Contents are not decompressed: their bytes
//! are the ones that were written, and only their frames' lengths are compared with the record's.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::decode::{self, lock};
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::format::{Compression, Kind};
use crate::reader::Payload;
use crate::summary::Summary;

/// Progress is reported at least once per so many bytes.
const STEP: usize = 1 << 20;
/// Fewer bytes are hashed before a thread has started.
const WORTH_A_THREAD: u64 = 256 << 10;

impl Payload<'_> {
    /// Checks everything: order, bounds, fields, padding, and the checksum of every entry, on all
    /// cores. `progress` is told of bytes as they are done; they add up to [`Payload::total_len`].
    ///
    /// # Errors
    /// The first thing, in order of the entries, that is wrong.
    pub fn verify(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Summary> {
        let mut summary = Summary {
            hash: self.hash(),
            ..Summary::default()
        };
        let mut entries: Vec<Entry<'_>> = Vec::new();
        let mut last: Option<Entry<'_>> = None;
        let mut parent = "";
        for entry in self.iter() {
            let entry = entry?;
            if last.is_some_and(|last| (last.kind(), last.name()) >= (entry.kind(), entry.name())) {
                return Err(entry.error_at_record("it is not in order"));
            }
            last = Some(entry);
            entry.needs()?;
            entry.base()?;
            entry.x86()?;
            self.check_parents(&entry, &mut parent)?;
            summary.count(entry.kind(), entry.raw_len(), entry.stored_len());
            entries.push(entry);
        }
        // Entries with the same bytes stand together, so that these are hashed once.
        entries.retain(|entry| entry.stored_len() != 0 || !is_empty(entry));
        entries.sort_by_key(|entry| {
            (
                entry.offset(),
                entry.stored_len(),
                entry.hash(),
                entry.index(),
            )
        });
        let padding = self.check_gaps(&entries)?;
        summary.finish(
            self.total_len(),
            self.total_len() - self.data_off() - padding,
        );
        progress(self.data_off() + padding);
        check_contents(entries, progress)?;
        Ok(summary)
    }

    /// No file stands above `entry`. `last` is the directory that was looked at last: neighbours share it.
    fn check_parents<'a>(&'a self, entry: &Entry<'a>, last: &mut &'a str) -> Result<()> {
        if !matches!(entry.kind(), Kind::File | Kind::Directory) {
            return Ok(());
        }
        let mut clash =
            entry.kind() == Kind::Directory && self.has(Kind::File, entry.name().as_bytes())?;
        let mut path = entry.name();
        while let Some((parent, _)) = path.rsplit_once('/').filter(|(parent, _)| parent != last) {
            clash |= self.has(Kind::File, parent.as_bytes())?;
            path = parent;
        }
        *last = entry
            .name()
            .rsplit_once('/')
            .map_or("", |(parent, _)| parent);
        if clash {
            Err(entry.error_at_record("it lies below a file"))
        } else {
            Ok(())
        }
    }

    /// Entries, sorted by offset, share their bytes or lie apart, with zeroes between them. Returns
    /// how many of these there are.
    fn check_gaps(&self, entries: &[Entry<'_>]) -> Result<u64> {
        let (mut start, mut end, mut padding) = (self.data_off(), self.data_off(), 0);
        let mut gap = |from: u64, to: u64| {
            padding += to - from;
            let bytes = &self.bytes()[from as usize..to as usize];
            match bytes.iter().position(|byte| *byte != 0) {
                Some(at) => Err(Error::Padding {
                    offset: from + at as u64,
                }),
                None => Ok(()),
            }
        };
        for entry in entries {
            let (from, to) = (entry.offset(), entry.offset() + entry.stored_len());
            if (from, to) == (start, end) {
                continue;
            }
            if from < end {
                return Err(Error::Entry {
                    entry: entry.label(),
                    offset: from,
                    what: "its data overlap another entry's",
                });
            }
            gap(end, from)?;
            (start, end) = (from, to);
        }
        gap(end, self.total_len())?;
        Ok(padding)
    }
}

/// Whether an entry without bytes is one rightly.
fn is_empty(entry: &Entry<'_>) -> bool {
    entry.raw_len() == 0 && entry.hash() == *blake3::hash(&[]).as_bytes()
}

/// Hashes every entry's bytes, the longest first.
fn check_contents(mut entries: Vec<Entry<'_>>, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
    let mut last = None;
    let mut jobs = Vec::new();
    entries.drain(..).for_each(|entry| {
        let place = (entry.offset(), entry.stored_len(), entry.hash());
        // Sharers of the same bytes may still be compressed differently, by a hostile hand: cheap to look.
        jobs.push((entry, last == Some(place)));
        last = Some(place);
    });
    jobs.sort_by_key(|(entry, shared)| (*shared, Reverse(entry.stored_len())));
    let bytes: u64 = jobs.iter().map(|(entry, _)| entry.stored_len()).sum();
    let workers =
        decode::cores().min(usize::try_from(bytes / WORTH_A_THREAD).unwrap_or(usize::MAX));
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some((entry, shared)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = check_content(entry, *shared, progress) {
                lock(&failures).push((entry.index(), error));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match failures.into_iter().min_by_key(|(index, _)| *index) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

fn check_content(entry: &Entry<'_>, shared: bool, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
    if !shared {
        let mut hasher = blake3::Hasher::new();
        for piece in entry.stored_unchecked().chunks(STEP) {
            hasher.update(piece);
            progress(piece.len() as u64);
        }
        if *hasher.finalize().as_bytes() != entry.hash() {
            return Err(entry.hash_error());
        }
    }
    match entry.compression() {
        Compression::None => Ok(()),
        Compression::Zstd | Compression::ZstdPrefix => decode::checked_len(entry).map(drop),
    }
}

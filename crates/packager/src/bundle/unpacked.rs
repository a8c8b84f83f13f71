//! A sealed file whose payload is not compressed, for formats that compress what they hold: one
//! compression over everything makes far less of it than one for each entry.

use std::borrow::Cow;

use packed_resources::{Item, Kind, Payload, Writer};

use crate::Error;
use crate::inspect::SealedFile;
use crate::seal::CPYTHON_KEY;
use crate::section::elf;
use crate::signature::{self, check_signature};

/// Above this it would take minutes, and little would be won: big things are big libraries.
const LIMIT: u64 = 96 << 20;

/// The executable to put into bundles, in both forms.
#[derive(Debug)]
pub(super) struct Executable<'a> {
    sealed: &'a SealedFile,
    /// The other form, once it was asked for.
    unpacked: Option<Option<Vec<u8>>>,
}

impl<'a> Executable<'a> {
    pub(super) fn new(sealed: &'a SealedFile) -> Self {
        Self {
            sealed,
            unpacked: None,
        }
    }

    /// As it was sealed.
    pub(super) fn sealed(&self) -> &'a SealedFile {
        self.sealed
    }

    /// For formats that compress; and whether that is worth an effort.
    pub(super) fn for_compression(&mut self) -> Result<(&[u8], bool), Error> {
        if self.unpacked.is_none() {
            self.unpacked = Some(read(self.sealed)?);
        }
        Ok(match self.unpacked.as_ref().and_then(Option::as_ref) {
            Some(bytes) => (bytes, true),
            None => (self.sealed.bytes(), false),
        })
    }
}

/// The file without compression; none where it has to stay as it is.
fn read(file: &SealedFile) -> Result<Option<Vec<u8>>, Error> {
    let payload = file.payload()?;
    let failed = || Error::payload(format!("{} cannot be read", file.path().display()));
    // What seals apps copies parts of itself into them, compressed as they are.
    let manifest = payload.manifest().map_err(failed())?;
    if manifest.options.contains_key(CPYTHON_KEY) {
        return Ok(None);
    }
    let mut raw = 0;
    for entry in payload.iter() {
        raw += entry.map_err(failed())?.raw_len();
    }
    // A signature is of the bytes as they were signed.
    if raw > LIMIT || check_signature(file, None)?.is_some() {
        return Ok(None);
    }
    unpacked(file, &payload).map_err(failed())
}

fn unpacked(
    file: &SealedFile,
    payload: &Payload<'_>,
) -> Result<Option<Vec<u8>>, packed_resources::Error> {
    let mut writer = Writer::new();
    for entry in payload.iter() {
        let entry = entry?;
        let data = match entry.kind() {
            Kind::Directory => Cow::Borrowed(&[][..]),
            _ => entry.read()?,
        };
        let mut item = Item::new(entry.kind(), entry.name(), data);
        item.align = entry.align();
        item.flags = entry.flags();
        item.needs = entry.needs()?.into_iter().map(str::to_owned).collect();
        writer.add(item)?;
    }
    let mut new = Vec::new();
    writer.finish(&mut new)?;
    new.resize(new.len() + signature::ROOM, 0);
    Ok(elf::with_payload(file.bytes(), file.place(), &new))
}

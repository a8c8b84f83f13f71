//! ELF: gives a runtime a section and a loadable segment for the payload, and finds them again.
//!
//! The runtime reserves a program header: the PT_NOTE around its note `Pyxidium`. Sealing turns it
//! into a read-only PT_LOAD behind all others, so no byte of code or data moves. The section
//! `.pyxidium` is allocated, so `strip` and its kin keep it. New section headers stand before the
//! payload, which is the end of the file. 64-bit little-endian files only; no allocation is trusted
//! to a number that was not checked against the file's length.

use super::SectionError;
use packed_resources::MAGIC;

const EHDR: usize = 64;
const PHDR: usize = 56;
const SHDR: usize = 64;
pub(super) const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;
const PF_R: u32 = 4;
const SHT_PROGBITS: u32 = 1;
const SHF_ALLOC: u64 = 2;
const NOTE_NAME: &[u8] = b"Pyxidium\0";
const NOTE_KIND: u32 = 1;
const SECTION_NAME: &[u8] = b".pyxidium\0";
/// Pages are not smaller anywhere, and where linkers prepare for larger ones they are at most 64 KiB.
const PAGE: u64 = 4096;
const LARGE_PAGE: u64 = 65536;
/// No program lies above this address.
const ADDRESSES: u64 = 1 << 47;

/// A program header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    pub(crate) offset: u64,
    pub(crate) address: u64,
    pub(crate) file_len: u64,
    pub(super) memory_len: u64,
    align: u64,
}

/// An ELF file's bytes with its headers' places checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elf<'a> {
    pub(super) bytes: &'a [u8],
    phoff: u64,
    phnum: u64,
    shoff: u64,
    shnum: u64,
    shstrndx: u64,
}

/// Where in a file machine code of x86-64 lies, if it is an ELF file with any.
pub(crate) fn machine_code(bytes: &[u8]) -> Option<std::ops::Range<u64>> {
    Elf::parse(bytes).ok()?.machine_code()
}

pub(super) fn int(bytes: &[u8], at: u64, len: usize) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let field = bytes.get(at..at.checked_add(len)?)?;
    Some(field.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)))
}

impl<'a> Elf<'a> {
    /// Checks the file header.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, SectionError> {
        if !bytes.starts_with(b"\x7fELF") {
            return Err(SectionError::NotElf);
        }
        let short = |expected| SectionError::Truncated {
            expected,
            found: bytes.len() as u64,
        };
        if bytes.len() < EHDR {
            return Err(short(EHDR as u64));
        }
        if bytes[4..6] != [2, 1] {
            return Err(SectionError::OtherMachine("not 64-bit little-endian"));
        }
        let field = |at, len| int(bytes, at, len).ok_or(short(EHDR as u64));
        let elf = Self {
            bytes,
            phoff: field(32, 8)?,
            phnum: field(56, 2)?,
            shoff: field(40, 8)?,
            shnum: field(60, 2)?,
            shstrndx: field(62, 2)?,
        };
        if elf.phnum > 0 && field(54, 2)? != PHDR as u64 {
            return Err(SectionError::Damaged {
                offset: 54,
                what: "size of program headers",
            });
        }
        if elf.shnum > 0 && field(58, 2)? != SHDR as u64 {
            return Err(SectionError::Damaged {
                offset: 58,
                what: "size of section headers",
            });
        }
        match elf.phoff.checked_add(elf.phnum * PHDR as u64) {
            Some(end) if end <= bytes.len() as u64 => Ok(elf),
            Some(end) => Err(short(end)),
            None => Err(SectionError::Damaged {
                offset: 32,
                what: "place of the program headers",
            }),
        }
    }

    /// The program headers, in order.
    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment> + use<'a> {
        let elf = *self;
        (0..elf.phnum).filter_map(move |i| {
            let at = elf.phoff + i * PHDR as u64;
            Some(Segment {
                kind: int(elf.bytes, at, 4)? as u32,
                flags: int(elf.bytes, at + 4, 4)? as u32,
                offset: int(elf.bytes, at + 8, 8)?,
                address: int(elf.bytes, at + 16, 8)?,
                file_len: int(elf.bytes, at + 32, 8)?,
                memory_len: int(elf.bytes, at + 40, 8)?,
                align: int(elf.bytes, at + 48, 8)?,
            })
        })
    }

    /// Whether it is a program of this machine: something that the kernel starts.
    pub(crate) fn is_program(&self) -> bool {
        const ET_EXEC: u64 = 2;
        const ET_DYN: u64 = 3;
        let field = |at, len| int(self.bytes, at, len).unwrap_or_default();
        let starts = field(24, 8) != 0;
        self.is_of_this_machine() && starts && matches!(field(16, 2), ET_EXEC | ET_DYN)
    }

    fn is_of_this_machine(&self) -> bool {
        const EM_X86_64: u64 = 62;
        int(self.bytes, 18, 2) == Some(EM_X86_64)
    }

    /// Where in the file its machine code lies, if it is of x86-64.
    fn machine_code(&self) -> Option<std::ops::Range<u64>> {
        const PF_X: u32 = 1;
        let code = |s: &Segment| s.kind == PT_LOAD && s.flags & PF_X != 0;
        let ends = |s: Segment| Some((s.offset, s.offset.checked_add(s.file_len)?));
        let parts = self.segments().filter(code).map(ends);
        let parts = parts.collect::<Option<Vec<_>>>()?;
        let (from, to) = (
            parts.iter().map(|p| p.0).min()?,
            parts.iter().map(|p| p.1).max()?,
        );
        self.is_of_this_machine().then_some(from..to)
    }

    /// Whether Go's linker made it.
    pub(crate) fn is_go(&self) -> bool {
        self.section(b".go.buildinfo\0").is_some()
    }

    /// The place of the program headers, which `parse` found to be inside of the file.
    pub(crate) fn program_headers(&self) -> std::ops::Range<usize> {
        self.phoff as usize..self.phoff as usize + self.phnum as usize * PHDR
    }

    /// A segment's bytes in the file.
    pub(crate) fn contents(&self, segment: &Segment) -> Option<&'a [u8]> {
        let start = usize::try_from(segment.offset).ok()?;
        self.bytes
            .get(start..start.checked_add(usize::try_from(segment.file_len).ok()?)?)
    }

    /// The place of a section in the file, by its name with the zero byte.
    fn section(&self, name: &[u8]) -> Option<std::ops::Range<usize>> {
        let headers = self.section_headers().ok()?;
        let field = |header: &[u8], at| int(header, at, 8).and_then(|v| usize::try_from(v).ok());
        let names = headers.chunks_exact(SHDR).nth(self.shstrndx as usize)?;
        let names = self.bytes.get(field(names, 24)?..)?;
        let named = |h: &&[u8]| {
            int(h, 0, 4)
                .and_then(|at| names.get(at as usize..))
                .is_some_and(|n| n.starts_with(name))
        };
        let header = headers.chunks_exact(SHDR).find(named)?;
        let start = field(header, 24)?;
        let end = start.checked_add(field(header, 32)?)?;
        (end <= self.bytes.len()).then_some(start..end)
    }

    /// The section headers' bytes; empty for a file without any.
    fn section_headers(&self) -> Result<&'a [u8], SectionError> {
        let len = self.shnum as usize * SHDR;
        let start = usize::try_from(self.shoff).unwrap_or(usize::MAX);
        start
            .checked_add(len)
            .and_then(|end| self.bytes.get(start..end))
            .ok_or(SectionError::Truncated {
                expected: self.shoff.saturating_add(len as u64),
                found: self.bytes.len() as u64,
            })
    }
}

/// The place of a payload in a sealed file.
pub(crate) fn find(bytes: &[u8]) -> Result<std::ops::Range<usize>, SectionError> {
    let elf = Elf::parse(bytes)?;
    let found = bytes.len() as u64;
    let mut end = 0;
    for segment in elf.segments().filter(|s| s.kind == PT_LOAD) {
        let Some(segment_end) = segment.offset.checked_add(segment.file_len) else {
            return Err(SectionError::Damaged {
                offset: elf.phoff,
                what: "a segment beyond all bounds",
            });
        };
        end = end.max(segment_end);
        let start = segment.offset.min(found) as usize;
        if segment.flags == PF_R && bytes[start..].starts_with(&MAGIC) {
            if segment_end > found {
                return Err(SectionError::Truncated {
                    expected: segment_end,
                    found,
                });
            }
            return Ok(start..segment_end as usize);
        }
    }
    // A file that lost its end lost the payload first.
    if end > found {
        return Err(SectionError::Truncated {
            expected: end,
            found,
        });
    }
    // Damaged first bytes: the section's name still tells, and the reader will say what is wrong.
    elf.section(SECTION_NAME).ok_or(SectionError::NoPayload)
}

/// A sealed file with another payload in the place of its own; `None` where something stands behind
/// the payload, as in files that were changed since they were sealed.
pub(crate) fn with_payload(
    bytes: &[u8],
    place: &std::ops::Range<usize>,
    payload: &[u8],
) -> Option<Vec<u8>> {
    let elf = Elf::parse(bytes).ok()?;
    if place.end != bytes.len() || elf.shoff as usize > place.start {
        return None;
    }
    let offset = place.start as u64;
    let len = payload.len() as u64;
    let mut out = bytes.get(..place.start)?.to_vec();
    let at = elf.segments().position(|s| s.offset == offset)?;
    let segment_at = elf.phoff as usize + at * PHDR;
    put(&mut out, segment_at + 32, len);
    put(&mut out, segment_at + 40, len);
    let headers = elf.section_headers().ok()?;
    if let Some(at) = headers
        .chunks_exact(SHDR)
        .position(|h| int(h, 24, 8) == Some(offset))
    {
        put(&mut out, elf.shoff as usize + at * SHDR + 32, len);
    }
    out.extend_from_slice(payload);
    Some(out)
}

/// A runtime made ready for a payload of any length.
#[derive(Debug)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    segment_at: usize,
    section_at: Option<usize>,
}

impl Head {
    /// Lays out headers for `stub`.
    pub(crate) fn new(stub: &[u8]) -> Result<Self, SectionError> {
        let elf = Elf::parse(stub)?;
        let segments: Vec<Segment> = elf.segments().collect();
        if find(stub).is_ok() {
            return Err(SectionError::AlreadySealed);
        }
        let reserved = segments
            .iter()
            .position(|s| {
                s.kind == PT_NOTE && elf.contents(s).is_some_and(|c| has_note(c, s.align))
            })
            .ok_or(SectionError::NoReservation)?;
        let loads = || segments.iter().filter(|s| s.kind == PT_LOAD);
        let align = if loads().any(|s| s.align > PAGE) {
            LARGE_PAGE
        } else {
            PAGE
        };
        let top = loads()
            .map(|s| s.address.saturating_add(s.memory_len))
            .max()
            .unwrap_or(0);
        if top >= ADDRESSES {
            return Err(SectionError::Damaged {
                offset: elf.phoff,
                what: "a segment beyond all bounds",
            });
        }

        let mut bytes = stub.to_vec();
        let headers = elf.section_headers()?.to_vec();
        if elf.shoff + headers.len() as u64 == bytes.len() as u64 && !headers.is_empty() {
            bytes.truncate(elf.shoff as usize);
        }
        let section_at = append_sections(&mut bytes, &elf, headers, align)?;
        pad(&mut bytes, align);
        let payload = Segment {
            kind: PT_LOAD,
            flags: PF_R,
            offset: bytes.len() as u64,
            address: top.next_multiple_of(align),
            file_len: 0,
            memory_len: 0,
            align,
        };
        if let Some(at) = section_at {
            put(&mut bytes, at + 16, payload.address);
            put(&mut bytes, at + 24, payload.offset);
        }
        let segment_at =
            elf.phoff as usize + write_segments(&mut bytes, &elf, segments, reserved, payload);
        Ok(Self {
            bytes,
            segment_at,
            section_at,
        })
    }

    /// Where the payload begins.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Everything before the payload.
    pub(crate) fn finish(mut self, payload_len: u64) -> Vec<u8> {
        put(&mut self.bytes, self.segment_at + 32, payload_len);
        put(&mut self.bytes, self.segment_at + 40, payload_len);
        if let Some(at) = self.section_at {
            put(&mut self.bytes, at + 32, payload_len);
        }
        self.bytes
    }
}

fn put(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

fn pad(bytes: &mut Vec<u8>, align: u64) {
    let len = (bytes.len() as u64).next_multiple_of(align);
    bytes.resize(len as usize, 0);
}

/// Whether a note segment holds our note.
fn has_note(contents: &[u8], align: u64) -> bool {
    let align = if align == 8 { 8 } else { 4 };
    let mut at = 0u64;
    while let (Some(name_len), Some(data_len), Some(kind)) = (
        int(contents, at, 4),
        int(contents, at + 4, 4),
        int(contents, at + 8, 4),
    ) {
        let name = contents.get(at as usize + 12..).unwrap_or_default();
        if kind == u64::from(NOTE_KIND)
            && name_len == NOTE_NAME.len() as u64
            && name.starts_with(NOTE_NAME)
        {
            return true;
        }
        at += (12 + name_len).next_multiple_of(align) + data_len.next_multiple_of(align);
    }
    false
}

/// Writes the program headers with the payload's behind the last loadable one (they must ascend);
/// returns its place relative to the table.
fn write_segments(
    bytes: &mut [u8],
    elf: &Elf<'_>,
    mut list: Vec<Segment>,
    reserved: usize,
    payload: Segment,
) -> usize {
    list.remove(reserved);
    let after = list
        .iter()
        .rposition(|s| s.kind == PT_LOAD)
        .map_or(0, |i| i + 1);
    list.insert(after, payload);
    for (i, s) in list.iter().enumerate() {
        let at = elf.phoff as usize + i * PHDR;
        bytes[at..at + 4].copy_from_slice(&s.kind.to_le_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&s.flags.to_le_bytes());
        // The physical address means nothing here; linkers make it the virtual one.
        for (field, value) in [
            s.offset,
            s.address,
            s.address,
            s.file_len,
            s.memory_len,
            s.align,
        ]
        .into_iter()
        .enumerate()
        {
            put(bytes, at + 8 + field * 8, value);
        }
    }
    after * PHDR
}

/// Appends the table of names with ours, and the section headers with ours; returns its offset.
fn append_sections(
    bytes: &mut Vec<u8>,
    elf: &Elf<'_>,
    mut headers: Vec<u8>,
    align: u64,
) -> Result<Option<usize>, SectionError> {
    if headers.is_empty() {
        return Ok(None);
    }
    let damaged = SectionError::Damaged {
        offset: elf.shoff,
        what: "the table of section names",
    };
    let names_at = elf.shstrndx as usize * SHDR;
    if names_at + SHDR > headers.len() || elf.shnum >= 0xff00 - 1 {
        return Err(damaged);
    }
    let names = int(&headers, names_at as u64 + 24, 8)
        .zip(int(&headers, names_at as u64 + 32, 8))
        .and_then(|(offset, len)| {
            elf.bytes
                .get(offset as usize..(offset as usize).checked_add(len as usize)?)
        })
        .ok_or(damaged)?;
    pad(bytes, 8);
    let name_offset = bytes.len() as u64;
    bytes.extend_from_slice(names);
    bytes.extend_from_slice(SECTION_NAME);
    put(&mut headers, names_at + 24, name_offset);
    put(
        &mut headers,
        names_at + 32,
        (names.len() + SECTION_NAME.len()) as u64,
    );

    let mut ours = [0; SHDR];
    ours[0..4].copy_from_slice(&(names.len() as u32).to_le_bytes());
    ours[4..8].copy_from_slice(&SHT_PROGBITS.to_le_bytes());
    put(&mut ours, 8, SHF_ALLOC);
    put(&mut ours, 48, align);

    pad(bytes, 8);
    let table = bytes.len();
    put(bytes, 40, table as u64);
    bytes[60..62].copy_from_slice(&(elf.shnum as u16 + 1).to_le_bytes());
    let at = table + headers.len();
    bytes.extend_from_slice(&headers);
    bytes.extend_from_slice(&ours);
    Ok(Some(at))
}

#[cfg(test)]
#[path = "elf_tests.rs"]
mod tests;

//! What a shared library asks for: the names in its `DT_NEEDED` entries, and where they stand.
//!
//! Reads bytes only. A file that is not a 64-bit little-endian ELF file, or is damaged, asks for
//! nothing here; the dynamic loader will say what is wrong with it.

/// A name that the dynamic loader will look for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needed {
    /// Where the name starts in the file; a NUL follows it.
    pub offset: u64,
    /// The name.
    pub name: String,
}

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;

/// A program header, as far as it matters here.
struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    len: u64,
}

/// The libraries that `file` needs.
pub(super) fn needed(file: &[u8]) -> Vec<Needed> {
    read(file).unwrap_or_default()
}

fn read(file: &[u8]) -> Option<Vec<Needed>> {
    // Class 2 is 64-bit, data 1 is little-endian.
    if file.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let table = u64_at(file, 32)?;
    let (size, count) = (u16_at(file, 54)?, u16_at(file, 56)?);
    let segments = (0..u64::from(count)).map(|index| {
        let at = table.checked_add(index * u64::from(size))?;
        Some(Segment {
            kind: u32_at(file, at)?,
            offset: u64_at(file, at.checked_add(8)?)?,
            address: u64_at(file, at.checked_add(16)?)?,
            len: u64_at(file, at.checked_add(32)?)?,
        })
    });
    let segments = segments.collect::<Option<Vec<_>>>()?;
    let dynamic = segments.iter().find(|segment| segment.kind == PT_DYNAMIC)?;
    let mut names = Vec::new();
    let mut strings = None;
    for index in 0..dynamic.len / 16 {
        let at = dynamic.offset.checked_add(index * 16)?;
        match (u64_at(file, at)?, u64_at(file, at.checked_add(8)?)?) {
            (DT_NULL, _) => break,
            (DT_NEEDED, offset) => names.push(offset),
            (DT_STRTAB, address) => strings = Some(address),
            _ => {}
        }
    }
    // The dynamic section knows addresses; the file position follows from the segment.
    let strings = strings?;
    let holder = segments.iter().find(|segment| {
        segment.kind == PT_LOAD
            && strings >= segment.address
            && strings - segment.address < segment.len
    })?;
    let strings = (strings - holder.address).checked_add(holder.offset)?;
    let name_at = |offset: u64| {
        let offset = strings.checked_add(offset)?;
        let rest = file.get(usize::try_from(offset).ok()?..)?;
        let len = rest.iter().position(|&byte| byte == 0)?;
        Some(Needed {
            offset,
            name: String::from_utf8(rest[..len].to_vec()).ok()?,
        })
    };
    names.into_iter().map(name_at).collect()
}

fn bytes_at<const N: usize>(file: &[u8], at: u64) -> Option<[u8; N]> {
    let at = usize::try_from(at).ok()?;
    file.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(file: &[u8], at: u64) -> Option<u16> {
    bytes_at(file, at).map(u16::from_le_bytes)
}

fn u32_at(file: &[u8], at: u64) -> Option<u32> {
    bytes_at(file, at).map(u32::from_le_bytes)
}

fn u64_at(file: &[u8], at: u64) -> Option<u64> {
    bytes_at(file, at).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_program_needs_libc() {
        let file = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let found = needed(&file);
        let libc = found
            .iter()
            .find(|needed| needed.name == "libc.so.6")
            .expect("needs libc");
        let at = libc.offset as usize;
        assert_eq!(&file[at..at + 10], b"libc.so.6\0");
    }

    #[test]
    fn damaged_files_ask_for_nothing() {
        let file = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        assert_eq!(needed(b""), []);
        assert_eq!(needed(b"#!/bin/sh\n"), []);
        for len in (0..2048).chain([file.len() / 2]) {
            // Must not panic, whatever it answers.
            needed(&file[..len.min(file.len())]);
        }
        let mut changed = file[..4096].to_vec();
        for at in 0..changed.len() {
            changed[at] ^= 0xff;
            needed(&changed);
            changed[at] ^= 0xff;
        }
    }
}

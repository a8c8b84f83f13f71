//! What an ELF file asks of the machine that loads it.

use super::elf::{Elf, PT_LOAD, Segment, int};

/// What a shared object's dynamic section says.
#[derive(Debug, Default)]
pub(crate) struct Dynamic {
    pub(crate) soname: Option<String>,
    pub(crate) needed: Vec<String>,
    pub(crate) search: Vec<String>,
    /// The newest version of the C library that it asks for, as in `GLIBC_2.36`.
    pub(crate) glibc: Option<(u16, u16)>,
}

impl Elf<'_> {
    /// The dynamic section of a shared object of this machine; `None` for other files.
    pub(crate) fn dynamic(&self) -> Option<Dynamic> {
        const ET_DYN: u64 = 3;
        const EM_X86_64: u64 = 62;
        const PT_DYNAMIC: u32 = 2;
        const DT_NEEDED: u64 = 1;
        const DT_STRTAB: u64 = 5;
        const DT_STRSZ: u64 = 10;
        const DT_SONAME: u64 = 14;
        const DT_RPATH: u64 = 15;
        const DT_RUNPATH: u64 = 29;
        if int(self.bytes, 16, 2)? != ET_DYN || int(self.bytes, 18, 2)? != EM_X86_64 {
            return None;
        }
        let segment = self.segments().find(|s| s.kind == PT_DYNAMIC)?;
        let table = self.contents(&segment)?;
        let entries = || {
            table
                .chunks_exact(16)
                .map_while(|e| Some((int(e, 0, 8)?, int(e, 8, 8)?)))
                .take_while(|e| e.0 != 0)
        };
        let (_, strings) = entries().find(|e| e.0 == DT_STRTAB)?;
        let strings = self.offset_of(strings)?;
        let mut found = Dynamic::default();
        for (tag, value) in entries() {
            let text = || self.string(strings.checked_add(value)?);
            match tag {
                DT_STRSZ => found.glibc = self.newest_glibc(strings, value),
                DT_NEEDED => found.needed.extend(text()),
                DT_SONAME => found.soname = text(),
                DT_RPATH | DT_RUNPATH => found.search.extend(text()?.split(':').map(str::to_owned)),
                _ => {}
            }
        }
        Some(found)
    }

    /// Versions stand among the names of the dynamic section, and only there.
    fn newest_glibc(&self, strings: u64, len: u64) -> Option<(u16, u16)> {
        let start = usize::try_from(strings).ok()?;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        let version = |name: &[u8]| {
            let text = std::str::from_utf8(name.strip_prefix(b"GLIBC_")?).ok()?;
            let mut numbers = text.split('.').map(|n| n.parse().ok());
            Some((numbers.next()??, numbers.next()??))
        };
        let names = self.bytes.get(start..end)?.split(|&b| b == 0);
        names.filter_map(version).max()
    }

    fn offset_of(&self, address: u64) -> Option<u64> {
        let inside = |s: &Segment| {
            s.kind == PT_LOAD
                && address
                    .checked_sub(s.address)
                    .is_some_and(|d| d < s.file_len)
        };
        let segment = self.segments().find(inside)?;
        segment.offset.checked_add(address - segment.address)
    }

    fn string(&self, at: u64) -> Option<String> {
        let rest = self.bytes.get(usize::try_from(at).ok()?..)?;
        let end = rest.iter().position(|&b| b == 0)?;
        String::from_utf8(rest[..end].to_vec()).ok()
    }
}

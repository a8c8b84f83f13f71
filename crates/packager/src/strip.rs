//! Shared libraries without what no process loads: symbol tables, debugging sections, comments.
//!
//! What the loader maps stays where it is, byte for byte: programs like `strip` move it, which is what
//! breaks libraries that `patchelf` has rewritten. Sections behind the last mapped byte are cut off, those
//! before it become zeroes, which take no room once compressed. A file of an unusual form stays as it is.

/// The places of the ELF header and of the tables that it names (64 bit, little endian).
const EHDR: usize = 64;
const PHDR: usize = 56;
const SHDR: usize = 64;
const SHF_ALLOC: u64 = 2;
const SHT_NULL: u32 = 0;
const SHT_NOBITS: u32 = 8;

/// The library without them; `None` where there is nothing to gain, or the file is none that we know.
pub(crate) fn stripped(data: &[u8]) -> Option<Vec<u8>> {
    if data.get(..6)? != b"\x7fELF\x02\x01" || number(data, 16, 2)? != 3 {
        return None;
    }
    let table = |offset: u64, entry: u64, size: usize| {
        let (at, count) = (number(data, offset, 8)?, number(data, entry + 2, 2)?);
        let whole = at.checked_add(count.checked_mul(size as u64)?)?;
        let fits = number(data, entry, 2)? == size as u64 && whole <= data.len() as u64;
        (fits && count > 0).then_some((at, count))
    };
    let (segments_at, segments) = table(32, 54, PHDR)?;
    let (sections_at, sections) = table(40, 58, SHDR)?;
    let names = number(data, 62, 2)?;

    // What stays: headers, and every byte that a segment covers.
    let mut stays = vec![
        (0, EHDR as u64),
        (segments_at, segments_at + segments * PHDR as u64),
    ];
    for i in 0..segments {
        let at = segments_at + i * PHDR as u64;
        let (offset, len) = (number(data, at + 8, 8)?, number(data, at + 32, 8)?);
        stays.push((offset, offset.checked_add(len)?));
    }
    let kept_end = stays.iter().map(|s| s.1).max()?;
    if kept_end > data.len() as u64 {
        return None;
    }

    let mut headers = Vec::new();
    let mut gone = Vec::new();
    let mut name_table = None;
    let mut all_end = sections_at + sections * SHDR as u64;
    for i in 0..sections {
        let at = usize::try_from(sections_at + i * SHDR as u64).ok()?;
        let mut header = data.get(at..at + SHDR)?.to_vec();
        let kind = u32::try_from(number(&header, 4, 4)?).ok()?;
        let flags = number(&header, 8, 8)?;
        let (offset, len) = (number(&header, 24, 8)?, number(&header, 32, 8)?);
        let end = offset.checked_add(len)?;
        if kind != SHT_NOBITS && kind != SHT_NULL {
            if end > data.len() as u64 {
                return None;
            }
            all_end = all_end.max(end);
        }
        if i == names {
            name_table = Some((headers.len(), data.get(index(offset)..index(end))?));
        } else if flags & SHF_ALLOC == 0 && kind != SHT_NULL {
            gone.push((offset, end));
            header.fill(0);
        }
        headers.push(header);
    }
    let (name_header, name_table) = name_table?;
    // Something was appended to the library: only its author knows for whom.
    if all_end.max(kept_end) < data.len() as u64 {
        return None;
    }

    let mut out = data[..index(kept_end)].to_vec();
    for (from, to) in gone {
        let to = to.min(kept_end);
        let touched = stays.iter().any(|&(start, end)| from < end && start < to);
        if from < to && !touched {
            out[index(from)..index(to)].fill(0);
        }
    }
    let name_offset = out.len() as u64;
    out.extend_from_slice(name_table);
    headers[name_header][24..32].copy_from_slice(&name_offset.to_le_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
    let at = out.len() as u64;
    out[40..48].copy_from_slice(&at.to_le_bytes());
    headers.iter().for_each(|h| out.extend_from_slice(h));
    (out.len() < data.len()).then_some(out)
}

/// Bounds were checked against the file's length, which is one of memory.
fn index(offset: u64) -> usize {
    offset as usize
}

fn number(data: &[u8], at: u64, len: usize) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let bytes = data.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::section::elf::Elf;
    use crate::testing::{lay, python};

    fn library(folder: &Path, flags: &[&str]) -> Vec<u8> {
        let source = b"static int hidden(int x) { return x * 3; }\nint triple(int x) { return hidden(x); }\n\
            __thread int counter; int data[9] = {7}; int next(void) { return data[0] + ++counter; }\n";
        lay(folder, &[("a.c", source)]);
        let done = Command::new("gcc")
            .current_dir(folder)
            .args(["-shared", "-fPIC", "-O1", "-o", "a.so", "a.c"])
            .args(flags)
            .status()
            .unwrap();
        assert!(done.success());
        fs_err::read(folder.join("a.so")).unwrap()
    }

    /// Loads the library in a process of its own and calls it.
    fn works(folder: &Path) {
        let call =
            "import ctypes; l = ctypes.CDLL('./a.so'); print(l.triple(14), l.next(), l.next())";
        let done = Command::new(python().program)
            .current_dir(folder)
            .args(["-I", "-S", "-c", call])
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&done.stdout),
            "42 8 9\n",
            "{done:?}"
        );
    }

    fn check(flags: &[&str], name: &str) {
        let folder = tempfile::tempdir().unwrap();
        let before = library(folder.path(), flags);
        let after = stripped(&before).unwrap_or_else(|| panic!("{name}: nothing to strip"));
        assert!(after.len() < before.len(), "{name}");
        // What is mapped is the same, byte for byte.
        let segments = usize::from(u16::from_le_bytes([before[56], before[57]]));
        for i in 0..segments {
            let at = (number(&before, 32, 8).unwrap() as usize) + i * PHDR;
            let (from, len) = (
                number(&before, at as u64 + 8, 8).unwrap() as usize,
                number(&before, at as u64 + 32, 8).unwrap() as usize,
            );
            let (mut a, mut b) = (
                before[from..from + len].to_vec(),
                after[from..from + len].to_vec(),
            );
            if from == 0 && len >= EHDR {
                // Where the section table is.
                a[40..48].fill(0);
                b[40..48].fill(0);
            }
            assert!(a == b, "{name}: segment {i}");
        }
        let names = |data: &[u8]| {
            fs_err::write(folder.path().join("a.so"), data).unwrap();
            let out = Command::new("readelf")
                .args(["-SW", "a.so"])
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(
                out.stderr.is_empty(),
                "{name}: {}",
                String::from_utf8_lossy(&out.stderr)
            );
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        assert!(names(&before).contains(".symtab"), "{name}");
        let listed = names(&after);
        assert!(
            !listed.contains(".symtab") && !listed.contains(".debug"),
            "{name}: {listed}"
        );
        assert!(
            listed.contains(".dynsym") && listed.contains(".text"),
            "{name}: {listed}"
        );
        assert_eq!(
            Elf::parse(&before).unwrap().dynamic().map(|d| d.needed),
            Elf::parse(&after).unwrap().dynamic().map(|d| d.needed)
        );
        works(folder.path());
        assert!(stripped(&after).is_none(), "{name}: twice");
    }

    #[test]
    fn a_stripped_library_is_loaded_as_before() {
        check(&[], "plain");
        check(&["-g3"], "with debugging sections");
        check(
            &["-g", "-Wl,-z,separate-code"],
            "with code on pages of its own",
        );
        check(
            &["-g", "-Wl,-z,noseparate-code", "-lm"],
            "with code beside data",
        );
    }

    #[test]
    fn what_is_unusual_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = library(folder.path(), &["-g"]);
        for broken in [
            &b""[..],
            b"\x7fELF",
            &library[..100],
            &library[..library.len() - 1],
        ] {
            assert!(stripped(broken).is_none());
        }
        library.extend_from_slice(b"an archive that the library reads out of itself");
        assert!(stripped(&library).is_none());
    }

    #[test]
    fn damaged_headers_are_refused_and_never_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let library = library(folder.path(), &[]);
        let sections = number(&library, 40, 8).unwrap() as usize;
        for at in (0..EHDR)
            .chain(EHDR..EHDR + 4 * PHDR)
            .chain(sections..sections + 6 * SHDR)
        {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = library.clone();
                damaged[at] = value;
                let _ = stripped(&damaged);
            }
        }
    }
}

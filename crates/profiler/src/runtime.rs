//! Where CPython keeps its state in a process: found by the exported symbol `_PyRuntime`, whose first
//! words are a table of offsets made for tools like this one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;

use crate::Error;
use crate::memory::{Memory, word_at};

const COOKIE: u64 = u64::from_le_bytes(*b"xdebugpy");
/// 3.13 as `PY_VERSION_HEX` has it in its upper half.
const VERSION: u64 = 0x030d;

/// The offsets that we need, by their place in 3.13's table, in words.
#[derive(Debug, Clone)]
pub(crate) struct Offsets {
    pub(crate) interpreters_head: u64,
    pub(crate) interpreter_next: u64,
    pub(crate) threads_head: u64,
    pub(crate) thread_size: u64,
    pub(crate) thread_next: u64,
    pub(crate) current_frame: u64,
    pub(crate) native_thread_id: u64,
    pub(crate) datastack_chunk: u64,
    pub(crate) frame_size: u64,
    pub(crate) previous: u64,
    pub(crate) executable: u64,
    pub(crate) instr_ptr: u64,
    pub(crate) owner: u64,
    pub(crate) filename: u64,
    pub(crate) qualname: u64,
    pub(crate) linetable: u64,
    pub(crate) firstlineno: u64,
    pub(crate) instructions: u64,
    pub(crate) ob_type: u64,
    pub(crate) bytes_size: u64,
    pub(crate) bytes_data: u64,
    pub(crate) text_state: u64,
    pub(crate) text_length: u64,
    pub(crate) ascii_data: u64,
}

impl Offsets {
    /// Bytes of the table up to the last offset that we need.
    const LEN: u64 = 8 * 73;

    fn read(table: &[u8]) -> Result<Self, Error> {
        let word = |index: u64| word_at(table, 8 * index);
        let bad = |why| Error::NotPython { why };
        if word(0) != Some(COOKIE) {
            return Err(bad("its table of offsets is missing"));
        }
        if word(1).map(|v| v >> 16) != Some(VERSION) || word(2) != Some(0) {
            return Err(bad("it is not CPython 3.13 with a GIL"));
        }
        let offsets = || {
            Some(Self {
                interpreters_head: word(5)?,
                interpreter_next: word(8)?,
                threads_head: word(9)?,
                thread_size: word(19)?,
                thread_next: word(21)?,
                current_frame: word(23)?,
                native_thread_id: word(25)?,
                datastack_chunk: word(26)?,
                frame_size: word(28)?,
                previous: word(29)?,
                executable: word(30)?,
                instr_ptr: word(31)?,
                owner: word(33)?,
                filename: word(35)?,
                qualname: word(37)?,
                linetable: word(38)?,
                firstlineno: word(39)?,
                instructions: word(43)?,
                ob_type: word(45)?,
                bytes_size: word(65)?,
                bytes_data: word(66)?,
                text_state: word(68)?,
                text_length: word(69)?,
                ascii_data: word(70)?,
            })
        };
        offsets().ok_or(bad("its table of offsets is too short"))
    }
}

/// CPython in a process.
#[derive(Debug, Clone)]
pub(crate) struct Runtime {
    pub(crate) address: u64,
    /// `PyCode_Type`: what is no code object is no frame of Python's.
    pub(crate) code_type: u64,
    pub(crate) offsets: Offsets,
}

impl Runtime {
    /// Finds the Python that is linked into a process's executable.
    pub(crate) fn find(pid: u32, memory: &Memory) -> Result<Self, Error> {
        let file = File::open(format!("/proc/{pid}/exe")).map_err(|_| Error::Gone)?;
        let (symbols, fixed) = symbols(&file, &["_PyRuntime", "PyCode_Type"]).unwrap_or_default();
        let base = if fixed { 0 } else { base(pid)? };
        let place = |name: &str| {
            let why = "its symbols are not exported";
            let value = symbols.get(name).ok_or(Error::NotPython { why })?;
            Ok::<u64, Error>(base.wrapping_add(*value))
        };
        let address = place("_PyRuntime")?;
        let table = memory.bytes(address, Offsets::LEN).ok_or(Error::Gone)?;
        Ok(Self {
            address,
            code_type: place("PyCode_Type")?,
            offsets: Offsets::read(&table)?,
        })
    }
}

/// Where the executable's first page is mapped.
fn base(pid: u32) -> Result<u64, Error> {
    let executable = std::fs::metadata(format!("/proc/{pid}/exe")).map_err(|_| Error::Gone)?;
    let maps = File::open(format!("/proc/{pid}/maps")).map_err(|_| Error::Gone)?;
    let inode = std::os::unix::fs::MetadataExt::ino(&executable).to_string();
    for line in BufReader::new(maps).lines() {
        let line = line?;
        // `start-end mode offset device inode path`
        let mut fields = line.split_ascii_whitespace();
        let start = fields.next().and_then(|range| range.split('-').next());
        let (offset, number) = (fields.nth(1), fields.nth(1));
        if number == Some(&inode) && offset.is_some_and(|o| o.bytes().all(|b| b == b'0')) {
            let start = start.and_then(|s| u64::from_str_radix(s, 16).ok());
            return start.ok_or(Error::Gone);
        }
    }
    Err(Error::Gone)
}

/// The values of dynamic symbols in an ELF file of 64 bits, and whether they are final addresses.
fn symbols(file: &File, wanted: &[&str]) -> Option<(HashMap<String, u64>, bool)> {
    const DYNSYM: u32 = 11;
    const SECTION: usize = 64;
    const SYMBOL: usize = 24;
    let read = |at: u64, len: u64| {
        // No table of any real program is larger.
        let mut bytes = vec![0; usize::try_from(len.min(1 << 28)).ok()?];
        file.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    };
    let half = |b: &[u8], at: usize| Some(u16::from_le_bytes(b.get(at..at + 2)?.try_into().ok()?));
    let int = |b: &[u8], at: usize| Some(u32::from_le_bytes(b.get(at..at + 4)?.try_into().ok()?));
    let head = read(0, 64)?;
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (place, count) = (word_at(&head, 0x28)?, half(&head, 0x3c)?);
    let sections = read(place, u64::from(count) * SECTION as u64)?;
    let section = |index: usize| sections.get(index * SECTION..(index + 1) * SECTION);
    let content = |s: &[u8]| read(word_at(s, 0x18)?, word_at(s, 0x20)?);
    let table = (0..usize::from(count))
        .filter_map(section)
        .find(|s| int(s, 4) == Some(DYNSYM))?;
    let names = content(section(usize::try_from(int(table, 0x28)?).ok()?)?)?;
    let mut found = HashMap::new();
    for symbol in content(table)?.chunks_exact(SYMBOL) {
        let name = names.get(usize::try_from(int(symbol, 0)?).ok()?..)?;
        let name = name.split(|b| *b == 0).next()?;
        let name = std::str::from_utf8(name).unwrap_or_default();
        if wanted.contains(&name) {
            found.insert(name.to_owned(), word_at(symbol, 8)?);
        }
    }
    const FIXED: u16 = 2;
    Some((found, half(&head, 0x10)? == FIXED))
}

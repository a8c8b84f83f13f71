//! Code objects of another process: names, and which instruction belongs to which line. Each is read
//! once; an address that holds another object later is noticed.

use std::collections::HashMap;

use crate::memory::{Memory, word_at};
use crate::runtime::Runtime;

/// A function's code, as far as a profile is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Code {
    pub(crate) file: String,
    pub(crate) name: String,
    /// Its `def`, or its first decorator.
    pub(crate) line: u32,
    pub(crate) last_line: u32,
}

/// All code that was seen, by number.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    pub(crate) list: Vec<Code>,
    numbers: HashMap<Code, u32>,
}

impl Codes {
    fn number(&mut self, code: Code) -> u32 {
        if let Some(&number) = self.numbers.get(&code) {
            return number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(code.clone());
        self.numbers.insert(code, number);
        number
    }
}

/// What tells one code object from another at the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity([u64; 4]);

#[derive(Debug)]
struct Known {
    identity: Identity,
    /// When it was last looked at, as the number of a sample.
    seen: u64,
    number: u32,
    lines: Lines,
}

/// Code objects of one process, by address.
#[derive(Debug, Default)]
pub(crate) struct CodeCache(HashMap<u64, Known>);

/// For how many samples an address is believed to hold what it held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trust(u64);

impl Trust {
    /// A stack that is seen once: what is wrong with it is soon put right by others.
    pub(crate) const SOME: Self = Self(64);
    /// A stack that is kept while its thread waits.
    pub(crate) const NONE: Self = Self(0);
}

impl CodeCache {
    /// The number of the code at an address, and the line of an instruction in it.
    pub(crate) fn place(
        &mut self,
        address: u64,
        instruction: u64,
        (now, trust): (u64, Trust),
        reader: &Reader<'_>,
        codes: &mut Codes,
    ) -> Option<(u32, u32)> {
        let trusted = |known: &Known| now.wrapping_sub(known.seen) < trust.0;
        if !self.0.get(&address).is_some_and(trusted) {
            let object = reader.object(address)?;
            let identity = reader.identity(&object)?;
            match self.0.get_mut(&address) {
                Some(known) if known.identity == identity => known.seen = now,
                _ => {
                    let (code, lines) = reader.code(&object)?;
                    let number = codes.number(code);
                    let known = Known {
                        identity,
                        seen: now,
                        number,
                        lines,
                    };
                    self.0.insert(address, known);
                }
            }
        }
        let known = self.0.get(&address)?;
        let first = address + reader.runtime.offsets.instructions;
        let offset = instruction.checked_sub(first)?;
        Some((known.number, known.lines.at(offset)?))
    }
}

/// Reads Python's objects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) memory: &'a Memory,
    pub(crate) runtime: &'a Runtime,
}

impl Reader<'_> {
    /// The fixed part of a code object, if there is one.
    fn object(&self, address: u64) -> Option<Vec<u8>> {
        let object = self
            .memory
            .bytes(address, self.runtime.offsets.instructions)?;
        let of = word_at(&object, self.runtime.offsets.ob_type)?;
        (of == self.runtime.code_type).then_some(object)
    }

    fn identity(&self, object: &[u8]) -> Option<Identity> {
        let o = &self.runtime.offsets;
        Some(Identity([
            word_at(object, o.filename)?,
            word_at(object, o.qualname)?,
            word_at(object, o.linetable)?,
            word_at(object, o.firstlineno)? & 0xffff_ffff,
        ]))
    }

    fn code(&self, object: &[u8]) -> Option<(Code, Lines)> {
        let Identity([filename, qualname, linetable, line]) = self.identity(object)?;
        let line = u32::try_from(line).ok()?;
        let lines = Lines::decode(&self.bytes(linetable)?, line);
        let code = Code {
            file: self.text(filename)?,
            name: self.text(qualname)?,
            line,
            last_line: lines.last(),
        };
        Some((code, lines))
    }

    fn bytes(&self, address: u64) -> Option<Vec<u8>> {
        let o = &self.runtime.offsets;
        let size = self.memory.word(address + o.bytes_size)?;
        self.memory.bytes(address + o.bytes_data, size)
    }

    /// A `str`, in whichever of its forms.
    fn text(&self, address: u64) -> Option<String> {
        // Two bits say whether it is interned, three how wide a character is.
        const KIND: u64 = 2;
        const COMPACT: u64 = 1 << 5;
        const ASCII: u64 = 1 << 6;
        let o = &self.runtime.offsets;
        let state = self.memory.word(address + o.text_state)?;
        let length = self.memory.word(address + o.text_length)?;
        let kind = (state >> KIND) & 7;
        if state & COMPACT == 0 || length > 1 << 16 {
            return None;
        }
        let ascii = state & ASCII != 0;
        // What is not ASCII has room for its UTF-8 first: a length and a pointer.
        let data = address + o.ascii_data + if ascii { 0 } else { 16 };
        let bytes = self.memory.bytes(data, length.checked_mul(kind)?)?;
        let chars = bytes.chunks_exact(usize::try_from(kind).ok().filter(|k| *k > 0)?);
        let value = |c: &[u8]| c.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b));
        Some(
            chars
                .map(|c| char::from_u32(value(c)).unwrap_or('\u{fffd}'))
                .collect(),
        )
    }
}

/// Which instructions belong to which line: ends of ranges, in bytes.
#[derive(Debug, Default, PartialEq)]
struct Lines(Vec<(u64, u32)>);

impl Lines {
    /// Decodes `co_linetable` (CPython's `Objects/locations.md`).
    fn decode(table: &[u8], first: u32) -> Self {
        let mut ranges: Vec<(u64, u32)> = Vec::new();
        let (mut end, mut line, mut shown) = (0_u64, i64::from(first), first);
        let mut at = 0;
        while let Some(&head) = table.get(at) {
            at += 1;
            let code = (head >> 3) & 15;
            end += 2 * (u64::from(head & 7) + 1);
            let delta = match code {
                // A form without columns, and the long one, tell how far the line is.
                13 | 14 => signed(varint(table, &mut at)),
                10..=12 => i64::from(code) - 10,
                _ => 0,
            };
            line += delta;
            // What belongs to no line belongs to the one before.
            if code != 15 {
                shown = u32::try_from(line).unwrap_or(shown);
            }
            // What else the entry has: its next one begins with the high bit.
            while table.get(at).is_some_and(|b| b & 0x80 == 0) {
                at += 1;
            }
            match ranges.last_mut() {
                Some(last) if last.1 == shown => last.0 = end,
                _ => ranges.push((end, shown)),
            }
        }
        Self(ranges)
    }

    fn at(&self, offset: u64) -> Option<u32> {
        let index = self.0.partition_point(|(end, _)| *end <= offset);
        self.0.get(index).map(|(_, line)| *line)
    }

    fn last(&self) -> u32 {
        self.0.iter().map(|(_, line)| *line).max().unwrap_or(0)
    }
}

fn varint(table: &[u8], at: &mut usize) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some(&byte) = table.get(*at) {
        *at += 1;
        value |= u64::from(byte & 63) << shift;
        shift += 6;
        if byte & 64 == 0 || shift > 54 {
            break;
        }
    }
    value
}

fn signed(value: u64) -> i64 {
    let half = i64::try_from(value >> 1).unwrap_or(0);
    if value & 1 == 0 { half } else { -half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_table_that_cpython_made() {
        // def f(n):          # line 10
        //     t = 0
        //     for i in range(n):
        //         t += i
        //     return t
        let table = [
            128, 0, 216, 8, 9, 128, 65, 220, 13, 18, 144, 49, 142, 88, 136, 1, 216, 8, 9, 137, 6,
            138, 1, 241, 3, 0, 14, 22, 224, 11, 12, 128, 72,
        ];
        let lines = Lines::decode(&table, 10);
        let expected = [(2, 10), (6, 11), (34, 12), (46, 13), (50, 12), (54, 14)];
        assert_eq!(lines.0, expected, "as CPython's co_lines() tells it");
        assert_eq!(lines.at(0), Some(10));
        assert_eq!(lines.at(34), Some(13));
        assert_eq!(lines.at(54), None);
        assert_eq!(lines.last(), 14);
    }

    #[test]
    fn a_table_that_is_garbage_does_no_harm() {
        for table in [
            &[][..],
            &[0xff],
            &[0x80],
            &[0xf0, 0x7f],
            &[0xff; 64],
            &[0x7f; 64],
        ] {
            let lines = Lines::decode(table, u32::MAX);
            let _ = (lines.at(0), lines.last());
        }
    }
}

//! The filter for machine code of x86-64: addresses relative to where an instruction stands become
//! offsets into the entry. Every call of a function is the same bytes then, and zstd finds them:
//! libraries of compiled languages become an eighth to a sixth smaller. The crate's documentation
//! has the rules; nothing here knows frames or compression.

use std::ops::Range;

/// Code with fewer addresses, one in so many bytes, is not worth the time that reading would take: OpenBLAS
/// (one in 83) becomes 5 % smaller and takes half as long again to read, compiled Cython (30) 14 %.
const SPARSE: usize = 64;
/// A longer entry is not filtered: offsets must fit into what an instruction holds.
const LONGEST: u64 = i32::MAX as u64;

/// Which bytes of an entry are machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    from: u64,
    to: u64,
    /// Length of the entry.
    len: i32,
}

impl Code {
    /// Nothing where the range is none of an entry of this length, or the entry is too long.
    pub(crate) fn new(range: &Range<u64>, raw_len: u64) -> Option<Self> {
        let len = i32::try_from(raw_len.min(LONGEST + 1)).ok()?;
        let inside = range.start < range.end && range.end <= raw_len;
        inside.then_some(Self {
            from: range.start,
            to: range.end,
            len,
        })
    }

    /// The field's value.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.from.to_le_bytes());
        bytes[8..].copy_from_slice(&self.to.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(value: &[u8], raw_len: u64) -> Option<Self> {
        let (from, to) = value.split_first_chunk::<8>()?;
        let to = u64::from_le_bytes(to.try_into().ok()?);
        Self::new(&(u64::from_le_bytes(*from)..to), raw_len)
    }

    /// Whether an entry becomes so much smaller that it is worth the time.
    pub(crate) fn pays(self, data: &[u8]) -> bool {
        // In range, as `new` has seen.
        let mut code = data[self.from as usize..self.to as usize].to_vec();
        self.encode(&mut code, self.from) * SPARSE > code.len()
    }

    /// Filters the bytes of an entry that begin at `at`. Returns how many addresses there were.
    pub(crate) fn encode(self, bytes: &mut [u8], at: u64) -> usize {
        let len = self.len;
        self.each(bytes, at, |value, next| {
            if value < len - next {
                value + next
            } else {
                value - len
            }
        })
    }

    /// Takes back what [`Self::encode`] did.
    pub(crate) fn decode(self, bytes: &mut [u8], at: u64) {
        let len = self.len;
        self.each(bytes, at, |value, next| {
            if value >= 0 {
                value - next
            } else {
                value + len
            }
        });
    }

    /// Replaces addresses. `with` maps the numbers from `-next` to `len` onto themselves, so that
    /// what one direction leaves alone the other one does, too. Returns how many there were.
    fn each(self, bytes: &mut [u8], at: u64, with: impl Fn(i32, i32) -> i32) -> usize {
        let end = at + bytes.len() as u64;
        let (from, to) = (self.from.max(at), self.to.min(end));
        if from >= to {
            return 0;
        }
        // Both lie in `bytes`, and offsets below `len`, which is an `i32`.
        let code = &mut bytes[(from - at) as usize..(to - at) as usize];
        let first = from as i32;
        // Decisions rest on bytes that neither direction changes: those before, without addresses. So
        // an address is passed over whether it was replaced or not.
        let (mut i, mut start, mut replaced) = (0, 0, 0);
        while let Some(last) = next_candidate(code, i) {
            i = last + 1;
            if !address_follows(&code[start..i]) {
                continue;
            }
            let Some(place) = code.get_mut(i..).and_then(|c| c.first_chunk_mut()) else {
                break;
            };
            let value = i32::from_le_bytes(*place);
            let next = first + (i + 4) as i32;
            if value >= -next && value < self.len {
                *place = with(value, next).to_le_bytes();
                replaced += 1;
            }
            i += 4;
            start = i;
        }
        replaced
    }
}

/// Whether an instruction's relative address comes next, by its last byte, a candidate, and those before.
#[inline]
fn address_follows(before: &[u8]) -> bool {
    match *before {
        // call, jmp
        [.., 0xe8 | 0xe9] => true,
        // "Relative to the next instruction", whatever the register: call, jmp and push through a
        // pointer, anything with a REX prefix or of two bytes, anything with a short VEX prefix
        [.., 0xff, _] | [.., 0x40..=0x4f | 0x0f, _, _] | [.., 0xc5, _, _, _] => true,
        _ => false,
    }
}

/// The first byte from `at` on that may be the last before an address. Eight bytes at a time: nearly
/// all are none.
#[inline]
fn next_candidate(code: &[u8], mut at: usize) -> Option<usize> {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    /// The high bit of each byte that is zero.
    const fn zeroes(bytes: u64) -> u64 {
        !(((bytes & all(0x7f)) + all(0x7f)) | bytes) & all(0x80)
    }
    loop {
        let rest = code.get(at..).filter(|rest| !rest.is_empty())?;
        let bytes = match rest.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => rest.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)),
        };
        let calls = zeroes(bytes & all(0xfe) ^ all(0xe8));
        let relative = zeroes(bytes & all(0xc7) ^ all(0x05));
        match calls | relative {
            0 => at += 8,
            found => return Some(at + found.trailing_zeros() as usize / 8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(bytes: &[u8], range: Range<u64>) -> Vec<u8> {
        let code = Code::new(&range, bytes.len() as u64).unwrap();
        let mut out = bytes.to_vec();
        code.encode(&mut out, 0);
        out
    }

    #[test]
    fn calls_of_one_function_become_the_same_bytes() {
        // Two calls of offset 0x20, ten bytes apart, and a load from 0x30.
        let mut bytes = vec![0x90; 64];
        bytes[4..9].copy_from_slice(&[0xe8, 0x17, 0, 0, 0]);
        bytes[14..19].copy_from_slice(&[0xe8, 0x0d, 0, 0, 0]);
        bytes[24..31].copy_from_slice(&[0x48, 0x8b, 0x05, 0x11, 0, 0, 0]);
        let out = filtered(&bytes, 0..64);
        assert_eq!(out[4..9], [0xe8, 0x20, 0, 0, 0]);
        assert_eq!(out[14..19], out[4..9]);
        assert_eq!(out[24..31], [0x48, 0x8b, 0x05, 0x30, 0, 0, 0]);
        // What is no code is left alone.
        assert_eq!(filtered(&bytes, 0..4), bytes);
        assert_eq!(filtered(&bytes, 40..64), bytes);
    }

    #[test]
    fn what_was_filtered_comes_back() {
        // Bytes that matter, in any order: what looks like an instruction may lie in another one's
        // address.
        const BYTES: [u8; 16] = [
            0xe8, 0xe9, 0xff, 0x15, 0x05, 0x3d, 0x48, 0x0f, 0xc5, 0x8b, 0, 0, 0, 1, 0xfe, 0xff,
        ];
        let mut state = 1u64;
        for round in 0..20_000u64 {
            let bytes: Vec<u8> = (0..round % 300 + 1)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    BYTES[(state >> 60) as usize]
                })
                .collect();
            let len = bytes.len() as u64;
            let from = (state >> 32) % len;
            let code = Code::new(&(from..len), len).unwrap();
            // As one frame, and as two.
            for cut in [0, (state >> 40) % len] {
                let mut out = bytes.clone();
                let (one, two) = out.split_at_mut(cut as usize);
                code.encode(one, 0);
                code.encode(two, cut);
                code.decode(two, cut);
                code.decode(one, 0);
                assert_eq!(out, bytes, "{from}..{len}, cut at {cut}");
            }
        }
    }

    #[test]
    fn a_range_that_is_none_is_refused() {
        for (range, len) in [
            (0..0, 8),
            (8..8, 8),
            (0..9, 8),
            (0..8, LONGEST + 1),
            (0..u64::MAX, u64::MAX),
        ] {
            assert_eq!(Code::new(&range, len), None, "{range:?} of {len}");
        }
        let code = Code::new(&(3..8), 9).unwrap();
        assert_eq!(Code::from_bytes(&code.to_bytes(), 9), Some(code));
        assert_eq!(Code::from_bytes(&code.to_bytes(), 7), None);
        assert_eq!(Code::from_bytes(&code.to_bytes()[..15], 9), None);
    }
}

//! Makes marshalled code the same bytes for the same source.
//!
//! CPython marks an object as "may be referred to" by its reference count at the moment of writing,
//! which depends on what else the process has compiled. This pass keeps the marks that are used,
//! drops the others and numbers the rest anew. It knows marshal version 4, as CPython 3.13 writes it.

const MARK: u8 = 0x80;
const DEPTH: usize = 2000;

/// The same object with only the marks that are used, or `None` for bytes of another form.
pub(super) fn canonical(data: &[u8]) -> Option<Vec<u8>> {
    let mut scan = Scan {
        data,
        at: 0,
        marks: Vec::new(),
        references: Vec::new(),
    };
    scan.object(0)?;
    if scan.at != data.len() {
        return None;
    }
    let mut used = vec![false; scan.marks.len()];
    for &(_, target) in &scan.references {
        *used.get_mut(target)? = true;
    }
    let mut number = 0u32;
    let numbers: Vec<u32> = used
        .iter()
        .map(|&u| {
            number += u32::from(u);
            number.wrapping_sub(1)
        })
        .collect();
    let mut out = data.to_vec();
    for (&at, _) in scan.marks.iter().zip(&used).filter(|(_, u)| !**u) {
        out[at] &= !MARK;
    }
    for (at, target) in scan.references {
        out[at..at + 4].copy_from_slice(&numbers[target].to_le_bytes());
    }
    Some(out)
}

struct Scan<'a> {
    data: &'a [u8],
    at: usize,
    /// Offsets of the marked type bytes, in the order of their numbers.
    marks: Vec<usize>,
    /// Offsets of the numbers in references, and the numbers.
    references: Vec<(usize, usize)>,
}

impl Scan<'_> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self
            .at
            .checked_add(count)
            .filter(|&a| a <= self.data.len())?;
        Some(())
    }

    fn byte(&mut self) -> Option<usize> {
        let byte = *self.data.get(self.at)?;
        self.at += 1;
        Some(usize::from(byte))
    }

    fn long(&mut self) -> Option<usize> {
        let bytes = self.data.get(self.at..self.at + 4)?;
        self.at += 4;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    fn objects(&mut self, count: usize, depth: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.object(depth + 1).map(|_| ()))
    }

    /// Goes over one object; tells whether it was the null that ends a dict.
    fn object(&mut self, depth: usize) -> Option<bool> {
        if depth > DEPTH {
            return None;
        }
        let start = self.at;
        let byte = *self.data.get(start)?;
        self.at += 1;
        if byte & MARK != 0 {
            self.marks.push(start);
        }
        match byte & !MARK {
            b'0' => return Some(true),
            b'N' | b'F' | b'T' | b'S' | b'.' => {}
            b'i' => self.skip(4)?,
            b'I' | b'g' => self.skip(8)?,
            b'y' => self.skip(16)?,
            b'l' => {
                let digits = self.long()? as u32 as i32;
                self.skip(2 * digits.unsigned_abs() as usize)?;
            }
            b's' | b't' | b'u' | b'a' | b'A' => {
                let len = self.long()?;
                self.skip(len)?;
            }
            b'z' | b'Z' => {
                let len = self.byte()?;
                self.skip(len)?;
            }
            b')' => {
                let count = self.byte()?;
                self.objects(count, depth)?;
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.long()?;
                self.objects(count, depth)?;
            }
            b'{' => while !self.object(depth + 1)? {},
            b'c' => {
                self.skip(5 * 4)?;
                self.objects(8, depth)?;
                self.skip(4)?;
                self.objects(2, depth)?;
            }
            b'r' => {
                let at = self.at;
                let target = self.long()?;
                self.references.push((at, target));
            }
            _ => return None,
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn unused_marks_go_and_used_ones_are_numbered() {
        // ("a" marked and unused, "b" marked and used, reference to "b")
        let written = [
            b')',
            3,
            b'z' | 0x80,
            1,
            b'a',
            b'z' | 0x80,
            1,
            b'b',
            b'r',
            1,
            0,
            0,
            0,
        ];
        let expected = [
            b')',
            3,
            b'z',
            1,
            b'a',
            b'z' | 0x80,
            1,
            b'b',
            b'r',
            0,
            0,
            0,
            0,
        ];
        assert_eq!(canonical(&written).unwrap(), expected);
        assert_eq!(canonical(&expected).unwrap(), expected);
    }

    #[test]
    fn other_bytes_are_refused() {
        for bad in [
            &b""[..],
            b"?",
            b"z\x05abc",
            b"N N",
            b"r\0\0\0\0",
            b"(\xff\xff\xff\xffN",
        ] {
            assert_eq!(canonical(bad), None);
        }
    }
}

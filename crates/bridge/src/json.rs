//! Reads JSON text piece by piece, as the type that is wanted directs.
//!
//! There is no tree between the text and Python's objects: the reader stands at one value, says
//! what kind it is, and gives or skips it. A position can be saved and returned to, which is how
//! the members of a union are tried one after another.

use std::borrow::Cow;

use thiserror::Error;

/// How deep arrays and objects may lie in each other, in both directions.
pub(crate) const MAX_DEPTH: usize = 128;

/// How often, for each byte of a text, a value may be looked at. Unions that lie in each other
/// can otherwise be made to look exponentially often.
const LOOKS_PER_BYTE: usize = 16;

/// Text that is not JSON, or more than we take.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum JsonError {
    #[error("not JSON at byte {at}: expected {expected}")]
    Syntax { at: usize, expected: &'static str },
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("fits too many of the expected types in too many ways")]
    Ambiguous,
}

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// A string value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    Utf8(Cow<'a, str>),
    /// With halves of surrogate pairs, encoded as Python's `surrogatepass` does: the page's way
    /// of giving back a file name that is not valid text.
    Surrogates(Vec<u8>),
}

/// A position that can be returned to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    at: usize,
    depth: usize,
}

/// Stands at one value of a JSON text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    looks: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let looks = text.len().saturating_mul(LOOKS_PER_BYTE).max(4096);
        Self {
            text,
            at: 0,
            depth: 0,
            looks,
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            depth: self.depth,
        }
    }

    pub(crate) fn return_to(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }

    /// The kind of the value that comes next.
    pub(crate) fn peek(&mut self) -> Result<Kind, JsonError> {
        self.looks = self.looks.checked_sub(1).ok_or(JsonError::Ambiguous)?;
        self.spaces();
        match self.byte() {
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            _ => Err(self.expected("a value")),
        }
    }

    pub(crate) fn null(&mut self) -> Result<(), JsonError> {
        self.word("null")
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, JsonError> {
        self.spaces();
        if self.byte() == Some(b't') {
            self.word("true").map(|()| true)
        } else {
            self.word("false").map(|()| false)
        }
    }

    /// The text of a number: valid JSON, of any size.
    pub(crate) fn number(&mut self) -> Result<&'a str, JsonError> {
        self.spaces();
        let start = self.at;
        self.skip_byte(b'-');
        if !self.skip_byte(b'0') {
            self.digits()?;
        }
        if self.skip_byte(b'.') {
            self.digits()?;
        }
        if self.skip_byte(b'e') || self.skip_byte(b'E') {
            let _ = self.skip_byte(b'+') || self.skip_byte(b'-');
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    pub(crate) fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.spaces();
        self.expect(b'"', "a string")?;
        let start = self.at;
        self.plain()?;
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(Text::Utf8(Cow::Borrowed(&self.text[start..self.at - 1])));
        }
        let mut bytes = self.text.as_bytes()[start..self.at].to_vec();
        let mut surrogates = false;
        loop {
            let from = self.at;
            self.plain()?;
            bytes.extend_from_slice(&self.text.as_bytes()[from..self.at]);
            self.at += 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                break;
            }
            surrogates |= self.escape(&mut bytes)?;
        }
        if surrogates {
            return Ok(Text::Surrogates(bytes));
        }
        // Built of whole characters; a check is cheaper than an argument.
        let text = String::from_utf8(bytes).map_err(|_| self.expected("text"))?;
        Ok(Text::Utf8(Cow::Owned(text)))
    }

    /// Calls `item` for each item of an array, standing at it.
    pub(crate) fn array<E: From<JsonError>>(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        self.spaces();
        self.expect(b'[', "an array")?;
        self.descend()?;
        self.spaces();
        if !self.skip_byte(b']') {
            let mut index = 0;
            loop {
                item(self, index)?;
                index += 1;
                self.spaces();
                if self.skip_byte(b']') {
                    break;
                }
                self.expect(b',', "`,` or `]`")?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Calls `entry` for each key of an object, standing at its value.
    pub(crate) fn object<E: From<JsonError>>(
        &mut self,
        mut entry: impl FnMut(&mut Self, Text<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.spaces();
        self.expect(b'{', "an object")?;
        self.descend()?;
        self.spaces();
        if !self.skip_byte(b'}') {
            loop {
                let key = self.string()?;
                self.spaces();
                self.expect(b':', "`:`")?;
                entry(self, key)?;
                self.spaces();
                if self.skip_byte(b'}') {
                    break;
                }
                self.expect(b',', "`,` or `}`")?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Goes past one value.
    pub(crate) fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek()? {
            Kind::Null => self.null(),
            Kind::Bool => self.boolean().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::String => self.string().map(drop),
            Kind::Array => self.array(|reader, _| reader.skip()),
            Kind::Object => self.object(|reader, _| reader.skip()),
        }
    }

    /// Nothing but spaces may follow.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        self.spaces();
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end")),
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn spaces(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_byte(&mut self, wanted: u8) -> bool {
        let found = self.byte() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.skip_byte(wanted) {
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError::Syntax {
            at: self.at,
            expected,
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        self.spaces();
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.expected("a digit"));
        }
        Ok(())
    }

    fn descend(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        Ok(())
    }

    /// To the next quote or backslash. Both are ASCII: the position stays between characters.
    fn plain(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        self.at += length.unwrap_or(rest.len());
        match self.byte() {
            Some(b'"' | b'\\') => Ok(()),
            _ => Err(self.expected("the string's end")),
        }
    }

    /// What follows a backslash; true for half of a surrogate pair.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<bool, JsonError> {
        let byte = self.byte();
        self.at += 1;
        bytes.push(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.code_point(bytes),
            _ => {
                self.at -= 1;
                return Err(self.expected("an escape"));
            }
        });
        Ok(false)
    }

    fn code_point(&mut self, bytes: &mut Vec<u8>) -> Result<bool, JsonError> {
        let mut code = self.hex()?;
        if (0xd800..0xdc00).contains(&code) {
            let rest = &self.text.as_bytes()[self.at..];
            if rest.starts_with(b"\\u") {
                let mark = self.mark();
                self.at += 2;
                let low = self.hex()?;
                if (0xdc00..0xe000).contains(&low) {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                } else {
                    self.return_to(mark);
                }
            }
        }
        if let Some(character) = char::from_u32(code) {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(false);
        }
        // UTF-8's rule for three bytes, which stops short of surrogates only by decree.
        let low_bits = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
        bytes.extend_from_slice(&[0xe0 | (code >> 12) as u8, low_bits(6), low_bits(0)]);
        Ok(true)
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let value = digits.and_then(|digits| {
            digits.iter().try_fold(0, |value, digit| {
                Some(value << 4 | char::from(*digit).to_digit(16)?)
            })
        });
        let value = value.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

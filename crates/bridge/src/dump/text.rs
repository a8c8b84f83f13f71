//! JSON strings.

use std::fmt::Write as _;

use pyo3::{prelude::*, types::PyString};

use crate::invalid::Failure;

/// A JSON string.
pub(super) fn write_text(json: &mut String, text: &Bound<'_, PyString>) -> Result<(), Failure> {
    json.push('"');
    match text.to_str() {
        Ok(text) => escape(json, text),
        // Halves of surrogate pairs: Python's way to hold a file name that is not valid text.
        Err(_) => {
            let units = text.call_method1("encode", ("utf-16-le", "surrogatepass"))?;
            let units: Vec<u8> = units.extract()?;
            let units = units
                .chunks_exact(2)
                .map(|u| u16::from_le_bytes([u[0], u[1]]));
            for unit in char::decode_utf16(units) {
                match unit {
                    Ok(character) => escape(json, character.encode_utf8(&mut [0; 4])),
                    Err(half) => {
                        let _ = write!(json, "\\u{:04x}", half.unpaired_surrogate());
                    }
                }
            }
        }
    }
    json.push('"');
    Ok(())
}

fn escape(json: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        json.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            control => {
                let _ = write!(json, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
}

/// A text of Rust's as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    escape(&mut json, text);
    json.push('"');
    json
}

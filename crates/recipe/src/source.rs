//! The text of a Python source file, as far as we must read it ourselves: byte order mark, encoding
//! cookie, line ends. The file's bytes go into the payload untouched; Python decodes them itself.

/// Decodes a Python source file well enough to find comments, names and plain strings in it.
///
/// Everything we look for is ASCII, so a source in another encoding is read as Latin-1; whether its
/// bytes are valid is for Python's own compiler to say.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    };
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn marks_and_line_ends() {
        assert_eq!(decode(b"\xef\xbb\xbfa\r\nb\rc\n"), "a\nb\nc\n");
        assert_eq!(
            decode(b"# coding: latin-1\nx = '\xe9'\n"),
            "# coding: latin-1\nx = '\u{e9}'\n"
        );
    }
}

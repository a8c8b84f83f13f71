//! Tabs of a recipe. PyOxidizer's Starlark took them, ours does not: outside of texts each becomes a space, so that
//! every place in the file stays what it was.

/// The text with spaces for tabs, but for those in texts.
pub(super) fn spaced(text: String) -> String {
    if !text.contains('\t') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // What ends the text or comment that we are in.
    let mut end: Option<&str> = None;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match end {
            Some(close) if rest.starts_with(close) => {
                taken = close.len();
                end = None;
            }
            // A text of one line ends with it, whatever it lacks.
            Some("\"" | "'") if c == '\n' => end = None,
            Some(close) if c == '\\' && close != "\n" => {
                taken += rest[1..].chars().next().map_or(0, char::len_utf8);
            }
            Some(_) => {}
            None => {
                let opens = ["\"\"\"", "'''", "\"", "'"];
                if c == '#' {
                    end = Some("\n");
                } else if let Some(open) = opens.into_iter().find(|o| rest.starts_with(o)) {
                    taken = open.len();
                    end = Some(open);
                }
            }
        }
        if c == '\t' && end.is_none() {
            out.push(' ');
        } else {
            out.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn texts_keep_their_tabs() {
        for (text, expected) in [
            ("a\n", "a\n"),
            (
                "\tf([\n\t\t\"x\ty\",\t'\t'])\n",
                " f([\n  \"x\ty\", '\t'])\n",
            ),
            (
                "x = \"\"\"\n\tif \"a\":\\\"\"\"\t\"\"\"\t",
                "x = \"\"\"\n\tif \"a\":\\\"\"\"\t\"\"\" ",
            ),
            ("\t# it's\n\t'a\\'\t'\t", " # it's\n 'a\\'\t' "),
            ("é\t'é\\é\t'\t", "é 'é\\é\t' "),
        ] {
            assert_eq!(spaced(text.to_owned()), expected);
            assert_eq!(expected.len(), text.len());
        }
    }
}

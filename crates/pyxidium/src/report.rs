//! An error as lines: what is wrong, the source line it is about, what caused it, what to do next.

use std::error::Error as _;

use crate::Error;
use crate::printer::{Printer, Style};

/// Prints an error.
pub(crate) fn show(error: &Error, printer: &Printer) {
    let message = error.to_string();
    printer.err(&format!(
        "{}: {message}",
        printer.styled_err(Style::Error, "error")
    ));
    if let Error::Packager(packager::Error::SyntaxError {
        line, column, text, ..
    }) = error
    {
        excerpt(*line, *column, text)
            .iter()
            .for_each(|l| printer.err(l));
    }
    if let Error::Packager(packager::Error::Bzl(e)) = error
        && let (Some(at), Some(text)) = (&e.at, &e.excerpt)
    {
        let number = |n: usize| u32::try_from(n).unwrap_or(0);
        excerpt(number(at.line), number(e.column), text)
            .iter()
            .for_each(|l| printer.err(l));
    }
    let mut said = message;
    let mut cause = error.source();
    while let Some(e) = cause {
        let text = e.to_string();
        if !said.contains(&text) {
            let mut lines = text.lines();
            let first = lines.next().unwrap_or_default();
            printer.err(&format!(
                "  {}: {first}",
                printer.styled_err(Style::Strong, "caused by")
            ));
            lines.for_each(|l| printer.err(&format!("    {l}")));
            said = text;
        }
        cause = e.source();
    }
    if let Some(hint) = error.hint() {
        printer.err(&format!(
            "{}: {hint}",
            printer.styled_err(Style::Hint, "hint")
        ));
    }
}

/// The source line with a caret under the place; empty where Python gave none.
fn excerpt(line: u32, column: u32, text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let shown = text.replace('\t', " ");
    let mut lines = vec![format!("  {number} | {shown}")];
    if column > 0 {
        let before: String = shown
            .chars()
            .take(column as usize - 1)
            .map(|_| ' ')
            .collect();
        lines.push(format!("  {margin} | {before}^"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn the_caret_stands_under_the_place() {
        assert_eq!(
            excerpt(12, 7, "\tprint(x"),
            ["  12 |  print(x", "     |       ^"]
        );
        assert!(excerpt(1, 0, "").is_empty());
    }
}

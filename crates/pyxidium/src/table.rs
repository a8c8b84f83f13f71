//! Columns of text. Numbers to the right; the width is that of the widest cell.

use crate::printer::{Printer, Style};

/// A table under construction.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Column heads; one that begins with `>` stands to the right.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self {
            heads: heads.iter().map(|h| h.trim_start_matches('>')).collect(),
            right: heads.iter().map(|h| h.starts_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it, the heads faint.
    pub(crate) fn print(&self, printer: &Printer) {
        for (i, line) in self.lines().iter().enumerate() {
            if i == 0 {
                printer.out(&printer.styled_out(Style::Faint, line));
            } else {
                printer.out(line);
            }
        }
    }

    /// The lines, the heads first.
    pub(crate) fn lines(&self) -> Vec<String> {
        let heads: Vec<String> = self.heads.iter().map(|h| (*h).to_owned()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&heads).chain(&self.rows).collect();
        let width = |column: usize| {
            all.iter()
                .filter_map(|r| r.get(column))
                .map(|c| c.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&widths)
                .zip(&self.right)
                .map(|((cell, &width), &right)| {
                    if right {
                        format!("{cell:>width$}")
                    } else {
                        format!("{cell:<width$}")
                    }
                });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        all.into_iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_align() {
        let mut table = Table::new(&["Part", ">Size"]);
        table.row(["numpy".into(), "6.1 MB".into()]);
        table.row(["x".into(), "1 B".into()]);
        assert_eq!(
            table.lines(),
            ["Part     Size", "numpy  6.1 MB", "x         1 B"]
        );
    }
}

//! The only room that writes to the terminal: steps, notes, tables and progress bars.
//!
//! Progress and messages go to stderr, tables to stdout. Without a terminal there are plain lines
//! and no bars; `NO_COLOR` and `--quiet` are honoured.

use std::borrow::Cow;
use std::error::Error as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Error;

#[derive(Clone)]
pub struct Printer {
    quiet: bool,
    terminal: bool,
    colour: bool,
}

#[derive(Clone, Copy)]
enum Colour {
    Green,
    Yellow,
    Red,
    Cyan,
}

impl Printer {
    pub fn new(quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Printer {
            quiet,
            terminal,
            colour: terminal && !no_colour,
        }
    }

    /// `    Building CPython 3.13.5`, laid out as cargo lays out its own lines.
    pub fn step(&self, verb: &str, what: impl AsRef<str>) {
        self.line(Colour::Green, verb, what.as_ref());
    }

    pub fn note(&self, what: impl AsRef<str>) {
        self.line(Colour::Cyan, "Note", what.as_ref());
    }

    pub fn failed(&self, what: impl AsRef<str>) {
        self.line(Colour::Red, "Failed", what.as_ref());
    }

    pub fn warn(&self, what: impl AsRef<str>) {
        self.line(Colour::Yellow, "Warning", what.as_ref());
    }

    /// An error, its causes, its details and its hints.
    pub fn error(&self, error: &Error) {
        let mut text = format!("{} {error}\n", self.paint(Colour::Red, "error:"));
        let mut source = error.source();
        while let Some(cause) = source {
            text += &format!("  caused by: {cause}\n");
            source = cause.source();
        }
        for line in error.details() {
            text += &format!("    {line}\n");
        }
        for hint in error.hints() {
            text += &format!("{} {hint}\n", self.paint(Colour::Cyan, "hint:"));
        }
        self.write(&text);
    }

    /// A table on stdout: first column left, the others right; a header in the first row.
    pub fn table(&self, rows: &[Vec<String>]) {
        // A closed pipe is the reader's choice, not our failure.
        let _ = io::stdout().lock().write_all(layout(rows).as_bytes());
    }

    /// A bar for `total` units of work; plain lines when there is no terminal.
    pub fn bar(&self, verb: &'static str, what: impl Into<String>, total: u64) -> Bar {
        let what = what.into();
        let bar = if self.terminal && !self.quiet {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let verb = format!("{verb:>12}");
            let verb = self.paint(Colour::Green, &verb);
            let template = format!("{verb} {{msg}} [{{bar:28}}] {{percent:>3}}% {{elapsed}}");
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message(what.clone());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            self.step(verb, &what);
            ProgressBar::hidden()
        };
        bar.set_length(total);
        Bar {
            printer: self.clone(),
            bar,
            what,
            started: Instant::now(),
            quarter: 0,
        }
    }

    fn line(&self, colour: Colour, verb: &str, what: &str) {
        if !self.quiet {
            self.write(&format!(
                "{} {what}\n",
                self.paint(colour, &format!("{verb:>12}"))
            ));
        }
    }

    fn write(&self, text: &str) {
        // There is nobody left to tell when stderr is gone.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn paint<'a>(&self, colour: Colour, text: &'a str) -> Cow<'a, str> {
        if !self.colour {
            return Cow::Borrowed(text);
        }
        let code = match colour {
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Red => 31,
            Colour::Cyan => 36,
        };
        Cow::Owned(format!("\x1b[1;{code}m{text}\x1b[0m"))
    }
}

/// A running step.
pub struct Bar {
    printer: Printer,
    bar: ProgressBar,
    what: String,
    started: Instant,
    quarter: u64,
}

impl Bar {
    /// More is done. An estimate that was too low never shows the whole before it is.
    pub fn advance(&mut self, by: u64) {
        let total = self.bar.length().unwrap_or(1).max(1);
        self.bar
            .set_position((self.bar.position() + by).min(total - 1));
        let quarter = self.bar.position() * 4 / total;
        if !self.printer.terminal && quarter > self.quarter {
            self.quarter = quarter;
            let seconds = self.started.elapsed().as_secs();
            self.printer
                .step("", format!("{} {}% ({seconds} s)", self.what, quarter * 25));
        }
    }

    pub fn finish(self, verb: &str) -> Duration {
        self.bar.finish_and_clear();
        let elapsed = self.started.elapsed();
        self.printer.step(
            verb,
            format!("{} in {:.1} s", self.what, elapsed.as_secs_f64()),
        );
        elapsed
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn layout(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if column == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
        if index == 0 {
            let rule: usize = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            text += &"-".repeat(rule);
            text.push('\n');
        }
    }
    text
}

/// `17.4 MB`, in the decimal units that file managers show.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// `8.2 ms` or `1.3 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["file", "size"], ["a", "17.4 MB"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(
            layout(&rows),
            "file     size\n-------------\na     17.4 MB\n"
        );
    }

    #[test]
    fn units() {
        assert_eq!(megabytes(17_400_000), "17.4 MB");
        assert_eq!(duration(Duration::from_micros(8_200)), "8.2 ms");
        assert_eq!(duration(Duration::from_millis(1_340)), "1.3 s");
    }
}

//! The one place that writes to the terminal: results to stdout, everything else to stderr.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use packager::{Progress, Unit};

use crate::cli::{ColorChoice, Global};
use crate::env_vars;

/// A colour or weight, by meaning.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Error,
    Warning,
    Hint,
    Strong,
    Faint,
    Good,
}

/// Writes what a command has to say.
#[derive(Debug)]
pub(crate) struct Printer {
    quiet: bool,
    verbose: bool,
    progress: bool,
    color_out: bool,
    color_err: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Printer {
    pub(crate) fn new(global: &Global) -> Self {
        let color = |terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if env_vars::no_color() => false,
            ColorChoice::Auto if env_vars::force_color() => true,
            ColorChoice::Auto => terminal && !env_vars::dumb_terminal(),
        };
        Self {
            quiet: global.quiet,
            verbose: global.verbose,
            progress: !global.quiet && !global.no_progress && std::io::stderr().is_terminal(),
            color_out: color(std::io::stdout().is_terminal()),
            color_err: color(std::io::stderr().is_terminal()),
            bar: Mutex::new(None),
        }
    }

    /// A line of the result, to stdout. A reader that went away is no error of ours.
    pub(crate) fn out(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    }

    /// A line about the result, to stdout unless quiet.
    pub(crate) fn result(&self, text: &str) {
        if !self.quiet {
            self.out(text);
        }
    }

    /// A line about what is going on, to stderr unless quiet.
    pub(crate) fn status(&self, text: &str) {
        if !self.quiet {
            self.err(text);
        }
    }

    /// A line to stderr, whatever the verbosity.
    pub(crate) fn err(&self, text: &str) {
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &*self.bar() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Text for stdout in a style.
    pub(crate) fn styled_out(&self, style: Style, text: &str) -> String {
        styled(self.color_out, style, text)
    }

    /// Text for stderr in a style.
    pub(crate) fn styled_err(&self, style: Style, text: &str) -> String {
        styled(self.color_err, style, text)
    }

    fn bar(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn styled(color: bool, style: Style, text: &str) -> String {
    let code = match style {
        Style::Error => "1;31",
        Style::Warning => "1;33",
        Style::Hint => "1;36",
        Style::Strong => "1",
        Style::Faint => "2",
        Style::Good => "1;32",
    };
    if color {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

impl Progress for Printer {
    fn begin(&self, what: &str, total: Option<u64>, unit: Unit) {
        if self.verbose && !self.progress {
            self.note(what);
        }
        if !self.progress {
            return;
        }
        let template = match (total, unit) {
            (None, _) => "{spinner} {msg}",
            (Some(_), Unit::Items) => "{msg:36} [{bar:30}] {pos}/{len}",
            (Some(_), Unit::Bytes) => "{msg:36} [{bar:30}] {bytes}/{total_bytes}",
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        bar.set_style(style.progress_chars("=> "));
        bar.set_message(what.to_owned());
        if total.is_none() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        *self.bar() = Some(bar);
    }

    fn advance(&self, by: u64) {
        if let Some(bar) = &*self.bar() {
            bar.inc(by);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn note(&self, text: &str) {
        if self.verbose {
            self.err(&self.styled_err(Style::Faint, text));
        }
    }

    fn say(&self, text: &str) {
        self.status(text);
    }

    fn warn(&self, text: &str) {
        if !self.quiet {
            self.err(&format!(
                "{}: {text}",
                self.styled_err(Style::Warning, "warning")
            ));
        }
    }
}

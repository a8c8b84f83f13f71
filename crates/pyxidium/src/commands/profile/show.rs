//! A profile for the terminal: the hottest functions, the lines of the hottest of them, and what
//! keeps each from being a kernel.

use profiler::{Function, Gain, Kind, Line, Problem, Profile};

use crate::cli::ProfileArgs;
use crate::human;
use crate::printer::{Printer, Style};

/// Functions whose lines are shown.
const WITH_LINES: usize = 3;
/// What takes less of the time is not worth a line.
const LEAST: f64 = 0.001;
/// What takes less of the time is not worth to look into.
const WORTH: f64 = 0.03;
/// Cells of a bar.
const BAR: usize = 8;
/// Source lines beyond this are cut.
const TEXT: usize = 88;

/// Shows all of it.
pub(super) fn profile(profile: &Profile, args: &ProfileArgs, printer: &Printer) {
    let say = |text: &str| printer.result(text);
    say("");
    say(&head(profile, printer));
    if profile.busy <= 0.0 {
        say("Nothing was seen running: it ended at once, or only waited.");
        return;
    }
    say("");
    table(profile, args.top, printer);
    let own = |f: &&Function| f.kind == Kind::App && f.own > WORTH * profile.busy;
    for function in profile.functions.iter().filter(own).take(WITH_LINES) {
        say("");
        lines(function, profile.busy, printer);
    }
    if let Some(text) = next(profile, args) {
        say("");
        say(&text);
    }
}

/// `app: 2.2 s, of which 1.6 s busy; 92 % your code, 8 % numpy`.
fn head(profile: &Profile, printer: &Printer) -> String {
    let name = printer.styled_out(Style::Strong, &profile.app);
    let mut text = format!("{name}: {:.1} s", profile.seconds);
    text += &match profile.busy {
        busy if busy > profile.seconds * 1.05 => {
            format!(", {busy:.1} s of work on several threads")
        }
        busy => format!(", busy for {busy:.1} s"),
    };
    if profile.processes > 1 {
        text += &format!(" in {} processes", profile.processes);
    }
    text += &format!(
        ", {}",
        human::count(
            usize::try_from(profile.samples).unwrap_or(usize::MAX),
            "sample",
            "samples"
        )
    );
    if profile.exit.is_none() {
        text += "; stopped";
    }
    text
}

/// The hottest functions.
fn table(profile: &Profile, top: usize, printer: &Printer) {
    let seen = |f: &&Function| f.own > LEAST * profile.busy;
    let functions: Vec<&Function> = profile.functions.iter().filter(seen).take(top).collect();
    let name = |f: &Function| shorten(&f.name, 44);
    let widest = |text: &dyn Fn(&Function) -> usize| {
        functions
            .iter()
            .map(|f| text(f))
            .max()
            .unwrap_or_default()
            .max(8)
    };
    let names = widest(&|f| name(f).chars().count());
    let places = widest(&|f| place(f).chars().count());
    let title = format!(
        "   Self   Total  {:names$}  {:places$}  @kernel",
        "Function", ""
    );
    printer.result(&printer.styled_out(Style::Faint, title.trim_end()));
    for function in functions {
        let share = |part: f64| format!("{:5.1} %", 100.0 * part / profile.busy);
        let padded = format!("{:names$}", name(function));
        let (padded, at) = match function.kind {
            Kind::App => (printer.styled_out(Style::Strong, &padded), String::new()),
            _ => (printer.styled_out(Style::Faint, &padded), String::new()),
        };
        let at = at + &format!("{:places$}", place(function));
        let line = format!(
            "{} {}  {padded}  {}  {}",
            share(function.own),
            share(function.total),
            printer.styled_out(Style::Faint, &at),
            verdict(function, printer),
        );
        printer.result(line.trim_end());
    }
}

fn place(function: &Function) -> String {
    format!("{}:{}", function.place, function.line)
}

/// `fits`, or the line that keeps it out.
fn verdict(function: &Function, printer: &Printer) -> String {
    match &function.kernel {
        None => String::new(),
        Some(verdict) if verdict.fits => printer.styled_out(Style::Good, "fits"),
        Some(verdict) => match verdict.problems.first() {
            None => "does not fit".into(),
            Some(problem) => {
                let line = format!("line {}: ", problem.line);
                line + &shorten(&problem.message, 60)
            }
        },
    }
}

/// One function, line by line.
fn lines(function: &Function, busy: f64, printer: &Printer) {
    let title = printer.styled_out(Style::Strong, &function.name);
    printer.result(&format!("{title}  {}", place(function)));
    let problems = function.kernel.as_ref().map_or(&[][..], |k| &k.problems);
    let hottest = function.lines.iter().map(|l| l.total).fold(0.0, f64::max);
    let hot = |l: &Line| l.total > LEAST * 5.0 * busy || problems.iter().any(|p| p.line == l.line);
    let first = function.lines.iter().position(hot).unwrap_or(0);
    let last = function.lines.iter().rposition(hot).unwrap_or(0);
    let all = last - first < 30;
    let mut before = None;
    for line in function.lines.iter().take(last + 1).skip(first) {
        if !all && !hot(line) {
            continue;
        }
        if before.is_some_and(|b| b + 1 != line.line) {
            printer.result(&printer.styled_out(Style::Faint, "     …"));
        }
        before = Some(line.line);
        let share = 100.0 * line.total / busy;
        let (share, bar) = if line.total > LEAST * busy {
            (format!("{share:5.1} %"), bar(line.total / hottest))
        } else {
            (" ".repeat(7), " ".repeat(BAR))
        };
        let number = printer.styled_out(Style::Faint, &format!("{:6}", line.line));
        let bar = printer.styled_out(Style::Warning, &bar);
        let text = format!("{number}  {share} {bar}  {}", shorten(&line.text, TEXT));
        printer.result(text.trim_end());
        for problem in problems.iter().filter(|p| p.line == line.line) {
            tell(problem, printer);
        }
    }
}

fn tell(problem: &Problem, printer: &Printer) {
    let indent = " ".repeat(26);
    let mark = printer.styled_out(Style::Warning, "not for @kernel:");
    printer.result(&format!("{indent}{mark} {}", problem.message));
    if !problem.hint.is_empty() {
        let hint = printer.styled_out(Style::Hint, "instead:");
        printer.result(&format!("{indent}{hint} {}", problem.hint));
    }
}

/// Blocks, an eighth of a cell exact.
fn bar(share: f64) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share.clamp(0.0, 1.0) * (8 * BAR) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = PARTS.get(eighths % 8).filter(|p| **p != ' ') {
        bar.push(*part);
    }
    let missing = BAR - bar.chars().count().min(BAR);
    bar + &" ".repeat(missing)
}

/// What to do with the hottest function that can be a kernel.
fn next(profile: &Profile, args: &ProfileArgs) -> Option<String> {
    let fits = |f: &&Function| {
        f.own > WORTH * profile.busy && f.kernel.as_ref().is_some_and(|verdict| verdict.fits)
    };
    let function = profile.functions.iter().find(fits)?;
    let path = args.path.as_ref().map_or_else(
        || format!("-m {}", args.module.as_deref().unwrap_or_default()),
        |p| p.display().to_string(),
    );
    Some(format!(
        "What @kernel would bring: pyxidium profile {path} --measure {}",
        function.name
    ))
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    kept.trim_end().to_owned() + "…"
}

/// Before and after, as bars.
pub(super) fn gain(gain: &Gain, printer: &Printer) {
    const WIDE: usize = 40;
    let say = |text: &str| printer.result(text);
    say("");
    let calls = human::count(gain.calls.len(), "call", "calls");
    let name = printer.styled_out(Style::Strong, &gain.name);
    say(&format!("{name}, on {calls} of this run"));
    let mut told: Vec<(&str, usize)> = Vec::new();
    for call in &gain.calls {
        match told.iter_mut().find(|(text, _)| text == call) {
            Some((_, times)) => *times += 1,
            None => told.push((call, 1)),
        }
    }
    for (call, times) in told.into_iter().take(5) {
        let often = if times > 1 {
            format!("  ({times} times)")
        } else {
            String::new()
        };
        say(&printer.styled_out(Style::Faint, &format!("  {call}{often}")));
    }
    let slowest = gain.python.max(gain.kernel);
    for (name, seconds, style) in [
        ("Python", gain.python, Style::Warning),
        ("@kernel", gain.kernel, Style::Good),
    ] {
        let cells = ((seconds / slowest * WIDE as f64).round() as usize).max(1);
        let bar = printer.styled_out(style, &"█".repeat(cells));
        say(&format!("  {name:8} {:>9}  {bar}", time(seconds)));
    }
    let factor = match gain.factor {
        f if f >= 100.0 => format!("{f:.0}"),
        f if f >= 10.0 => format!("{f:.1}"),
        f => format!("{f:.2}"),
    };
    let told = format!("{factor} times as fast");
    let first = time(gain.first);
    say(&format!(
        "  {}; the first call, with its compilation, takes {first}",
        printer.styled_out(Style::Strong, &told)
    ));
    if gain.equal {
        say(&format!(
            "  {} the same answers",
            printer.styled_out(Style::Good, "✓")
        ));
    } else {
        let what = gain.difference.as_deref().unwrap_or("not the same answers");
        say(&format!(
            "  {} {what}",
            printer.styled_out(Style::Error, "✗")
        ));
    }
}

/// `1.24 s`, `3.1 ms`, `12 µs`.
fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.1} µs", s * 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        assert_eq!(bar(0.0), "        ");
        assert_eq!(bar(1.0), "████████");
        assert_eq!(bar(0.5), "████    ");
        assert_eq!(bar(0.51), "████▏   ");
        assert_eq!(bar(7.0), "████████");
    }

    #[test]
    fn times_and_texts() {
        assert_eq!(
            [2.0, 0.0123, 0.000_004_5].map(time),
            ["2.00 s", "12.3 ms", "4.5 µs"]
        );
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
    }
}

//! How an output is compared: exactly, by parts, by a pattern, or with a file beside the case.

use std::fs;
use std::path::Path;

use regex_lite::Regex;
use serde::Deserialize;

/// What a case says about one stream.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Matcher {
    /// Exactly this text.
    Exact(String),
    /// Every rule that is given.
    Rules(Rules),
}

/// The rules of a matcher; all that are given must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Parts that occur, in this order.
    pub contains: Vec<String>,
    /// Parts that do not occur.
    pub lacks: Vec<String>,
    /// A pattern that the whole output matches (`.` matches a newline too).
    pub matches: Option<String>,
    /// A file beside the case whose text is the exact output.
    pub file: Option<String>,
}

impl Matcher {
    /// Checks `actual`; `{exe}` in the expected text stands for the sealed file's path.
    ///
    /// # Panics
    /// When it does not match: the message shows what was expected and all that was printed.
    pub fn check(&self, stream: &str, actual: &str, exe: &Path, folder: &Path, shown: &str) {
        let fill = |text: &str| text.replace("{exe}", &exe.to_string_lossy());
        match self {
            Self::Exact(expected) => exact(stream, actual, &fill(expected), shown),
            Self::Rules(rules) => {
                let mut rest = actual;
                for part in rules.contains.iter().map(|part| fill(part)) {
                    match rest.find(&part) {
                        Some(at) => rest = &rest[at + part.len()..],
                        None => panic!("{stream} lacks, in this order: {part:?}\n{shown}"),
                    }
                }
                for part in rules.lacks.iter().map(|part| fill(part)) {
                    assert!(
                        !actual.contains(&part),
                        "{stream} contains {part:?}\n{shown}"
                    );
                }
                if let Some(pattern) = &rules.matches {
                    let whole = format!(
                        "(?s)\\A(?:{})\\z",
                        pattern.replace("{exe}", &regex_lite::escape(&exe.to_string_lossy()))
                    );
                    let regex =
                        Regex::new(&whole).unwrap_or_else(|error| panic!("case.toml: {error}"));
                    assert!(
                        regex.is_match(actual),
                        "{stream} does not match {pattern}\n{shown}"
                    );
                }
                if let Some(file) = &rules.file {
                    let path = folder.join(file);
                    let expected = fs::read_to_string(&path)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                    exact(stream, actual, &fill(&expected), shown);
                }
            }
        }
    }
}

fn exact(stream: &str, actual: &str, expected: &str, shown: &str) {
    assert!(
        actual == expected,
        "{stream} differs; expected:\n{expected}\n{shown}"
    );
}

/// `actual` contains `part`.
///
/// # Panics
/// When it does not.
pub fn expect_contains(actual: &str, part: &str, shown: &str) {
    assert!(actual.contains(part), "missing: {part:?}\n{shown}");
}

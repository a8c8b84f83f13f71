//! How a source uses the package `pyxidium`, as the compile worker reads it out of the syntax tree.

use std::collections::BTreeMap;
use std::path::Path;

use recipe::{Literal, Origin, Setting};
use serde::Deserialize;
use serde_json::Value;

/// Names of the package that need a capability, and which.
const NEEDS: &[(&str, &str)] = &[
    ("clipboard", "clipboard"),
    ("dialog", "dialog"),
    ("notify", "notification"),
    ("on_second_start", "single-instance"),
    ("open", "open"),
    ("reveal", "open"),
    ("Tray", "tray"),
];

/// What one source uses.
#[derive(Debug)]
pub(crate) struct Uses {
    windows: Vec<Call>,
    names: BTreeMap<String, Origin>,
}

/// A call of `px.window`.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) at: Origin,
    pub(crate) arguments: Vec<Setting>,
}

impl Uses {
    /// Whether it is worth to look into a source.
    pub(crate) fn possible(source: &[u8]) -> bool {
        const NAME: &[u8] = b"pyxidium";
        source.windows(NAME.len()).any(|part| part == NAME)
    }

    /// Reads the worker's answer about the source at `path`; `None` where it is not of the known form.
    pub(crate) fn parse(json: &[u8], path: &Path) -> Option<Self> {
        #[derive(Deserialize)]
        struct Answer {
            names: BTreeMap<String, usize>,
            windows: Vec<Window>,
        }
        #[derive(Deserialize)]
        struct Window {
            line: usize,
            arguments: Vec<Argument>,
        }
        #[derive(Deserialize)]
        struct Argument {
            key: String,
            line: usize,
            value: Value,
        }
        let answer: Answer = serde_json::from_slice(json).ok()?;
        let at = |line: usize| Origin {
            path: path.to_owned(),
            line,
        };
        let argument = |a: Argument| {
            // `None` means what leaving it out means.
            (!a.value.is_null()).then(|| Setting {
                key: a.key,
                value: literal(a.value),
                origin: at(a.line),
            })
        };
        let window = |w: Window| Call {
            at: at(w.line),
            arguments: w.arguments.into_iter().filter_map(argument).collect(),
        };
        Some(Self {
            windows: answer.windows.into_iter().map(window).collect(),
            names: answer
                .names
                .into_iter()
                .map(|(name, line)| (name, at(line)))
                .collect(),
        })
    }

    /// Whether it takes this name of the package.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The call that stands for the main window: the first that gives no other label.
    pub(crate) fn main_window(&self) -> Option<Call> {
        let is_main = |call: &&Call| {
            let label = call.arguments.iter().find(|a| a.key == "label");
            label.is_none_or(|l| l.value == Literal::Text("main".into()))
        };
        self.windows.iter().find(is_main).cloned()
    }

    /// Warnings about names whose capability is not declared.
    pub(crate) fn undeclared(&self, declared: &[String]) -> Vec<String> {
        let missing = |(name, capability): &(&str, &str)| {
            let at = self.names.get(*name)?;
            (!declared.iter().any(|d| d == capability)).then(|| {
                format!(
                    "{}, line {}: px.{name} is refused unless [tool.pyxidium] has \
                     capabilities = [\"{capability}\"]",
                    at.path.display(),
                    at.line
                )
            })
        };
        NEEDS.iter().filter_map(missing).collect()
    }
}

fn literal(value: Value) -> Literal {
    match value {
        Value::String(text) => Literal::Text(text),
        Value::Bool(value) => Literal::Bool(value),
        Value::Number(number) => number.as_f64().map_or(Literal::Other, Literal::Number),
        Value::Array(values) => Literal::List(values.into_iter().map(literal).collect()),
        Value::Null | Value::Object(_) => Literal::Other,
    }
}

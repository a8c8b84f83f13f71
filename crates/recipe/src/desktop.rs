//! What a project says of its window and of the desktop, as written: `[tool.pyxidium.window]`,
//! `identifier` and `capabilities`. Whether a value makes sense is for the packager to say, which
//! knows the same settings from calls of `px.window` in the source.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::settings::Document;
use crate::{Error, Origin};

/// A literal value, in TOML or in Python.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A list or tuple.
    List(Vec<Literal>),
    /// Something else; in Python also an expression, whose value is known only at run time.
    Other,
}

/// A setting and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name, as an argument of `px.window`: `min_size`.
    pub key: String,
    /// Its value.
    pub value: Literal,
    /// Where.
    pub origin: Origin,
}

/// What a project says of the desktop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desktop {
    /// `identifier`.
    pub identifier: Option<Setting>,
    /// `capabilities`, one setting each.
    pub capabilities: Vec<Setting>,
    /// `[tool.pyxidium.window]`, in the order of its keys.
    pub window: Option<Vec<Setting>>,
}

/// Reads it out of a document.
pub(crate) fn read(document: &Document<'_>) -> Result<Desktop, Error> {
    #[derive(Deserialize, Default)]
    struct Table {
        identifier: Option<Spanned<String>>,
        #[serde(default)]
        capabilities: Vec<Spanned<String>>,
        window: Option<BTreeMap<Spanned<String>, toml::Value>>,
    }
    let table: Table = document.own()?;
    let setting = |key: &str, offset: usize, value: Literal| Setting {
        key: key.to_owned(),
        value,
        origin: Origin {
            path: document.path.to_owned(),
            line: document.line(offset),
        },
    };
    let text = |key: &str, value: &Spanned<String>| {
        setting(
            key,
            value.span().start,
            Literal::Text(value.as_ref().clone()),
        )
    };
    let window = |entries: BTreeMap<Spanned<String>, toml::Value>| {
        let one = |(key, value): (Spanned<String>, toml::Value)| {
            let name = key.as_ref().replace('-', "_");
            setting(&name, key.span().start, literal(value))
        };
        entries.into_iter().map(one).collect()
    };
    Ok(Desktop {
        identifier: table.identifier.as_ref().map(|i| text("identifier", i)),
        capabilities: table
            .capabilities
            .iter()
            .map(|c| text("capabilities", c))
            .collect(),
        window: table.window.map(window),
    })
}

fn literal(value: toml::Value) -> Literal {
    match value {
        toml::Value::String(text) => Literal::Text(text),
        toml::Value::Integer(number) => Literal::Number(number as f64),
        toml::Value::Float(number) => Literal::Number(number),
        toml::Value::Boolean(value) => Literal::Bool(value),
        toml::Value::Array(values) => Literal::List(values.into_iter().map(literal).collect()),
        toml::Value::Table(_) | toml::Value::Datetime(_) => Literal::Other,
    }
}

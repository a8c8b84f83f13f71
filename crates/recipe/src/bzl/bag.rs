//! Attributes of the types of a recipe: a table of what there is, of which kind and what becomes of it;
//! and the values that were set, each with its place.

use std::collections::BTreeMap;

use super::current;
use super::datum::Datum;
use super::error::Fail;
use super::near::nearest;
use super::older;
use crate::Origin;

/// Which values an attribute takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    Texts,
    /// A dict of texts.
    Map,
    /// One of these texts; one that ends in `:` stands for all that begin so.
    OneOf(&'static [&'static str]),
    /// One of these numbers.
    Level(&'static [i64]),
    /// Anything that is plain data.
    Any,
}

impl Kind {
    fn accepts(self, value: &Datum) -> bool {
        match (self, value) {
            (Self::Bool, Datum::Bool(_))
            | (Self::Int, Datum::Int(_))
            | (Self::Text, Datum::Text(_))
            | (Self::Any, _) => true,
            (Self::Texts, list) => list.texts().is_some(),
            (Self::Map, Datum::Map(map)) => map.values().all(|v| v.text().is_some()),
            (Self::Level(levels), Datum::Int(level)) => levels.contains(level),
            (Self::OneOf(names), Datum::Text(text)) => names
                .iter()
                .any(|n| n == text || (n.ends_with(':') && text.starts_with(n))),
            _ => false,
        }
    }

    fn expected(self) -> String {
        match self {
            Self::Bool => "True or False".into(),
            Self::Int => "a whole number".into(),
            Self::Text => "text".into(),
            Self::Texts => "a list of texts".into(),
            Self::Map => "a dict of texts".into(),
            Self::Any => "plain data".into(),
            Self::Level(levels) => {
                let names: Vec<_> = levels.iter().map(i64::to_string).collect();
                names.join(", ")
            }
            Self::OneOf(names) => {
                let names: Vec<_> = names
                    .iter()
                    .map(|n| match n.strip_suffix(':') {
                        Some(start) => format!("\"{start}:...\""),
                        None => format!("\"{n}\""),
                    })
                    .collect();
                names.join(", ")
            }
        }
    }
}

/// What is to be said of a value, if anything.
pub(super) type Note = fn(&Datum) -> Option<&'static str>;

/// What is wrong with a value of the right kind, if anything is.
pub(super) type Check = fn(&Datum) -> Result<(), String>;

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attr {
    pub(super) name: &'static str,
    kind: Kind,
    optional: bool,
    read_only: bool,
    /// Attributes that a text like `a-b-c` is for, instead of this one.
    parts: &'static [&'static str],
    default: Default,
    note: Note,
    check: Check,
}

/// Its value before it is set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Default {
    None,
    Bool(bool),
    Text(&'static str),
    Empty,
}

impl Default {
    fn datum(self) -> Datum {
        match self {
            Self::None => Datum::None,
            Self::Bool(b) => Datum::Bool(b),
            Self::Text(text) => Datum::Text(text.into()),
            Self::Empty => Datum::Map(BTreeMap::new()),
        }
    }
}

impl Attr {
    /// One that is None until it is set, and may be set to None.
    pub(super) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            optional: true,
            read_only: false,
            parts: &[],
            default: Default::None,
            note: |_| None,
            check: |_| Ok(()),
        }
    }

    /// One that is others together, joined by `-`.
    pub(super) const fn parts(name: &'static str, parts: &'static [&'static str]) -> Self {
        Self {
            parts,
            ..Self::with(name, Kind::Text, Default::None)
        }
    }

    /// One that always has a value.
    pub(super) const fn with(name: &'static str, kind: Kind, default: Default) -> Self {
        Self {
            optional: false,
            default,
            ..Self::optional(name, kind)
        }
    }

    /// With something to be said where it is set.
    pub(super) const fn note(self, note: Note) -> Self {
        Self { note, ..self }
    }

    /// With more to ask of a value than its kind.
    pub(super) const fn check(self, check: Check) -> Self {
        Self { check, ..self }
    }

    /// One that only the type itself sets.
    pub(super) const fn read_only(self) -> Self {
        Self {
            read_only: true,
            ..self
        }
    }
}

/// The attributes of one object.
#[derive(Debug, Clone)]
pub(super) struct Bag {
    owner: &'static str,
    table: &'static [Attr],
    values: BTreeMap<&'static str, (Datum, Origin)>,
}

impl Bag {
    pub(super) fn new(owner: &'static str, table: &'static [Attr]) -> Self {
        Self {
            owner,
            table,
            values: BTreeMap::new(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.table.iter().map(|a| a.name)
    }

    fn attr(&self, name: &str) -> Option<&'static Attr> {
        self.table.iter().find(|a| a.name == name)
    }

    /// The value, set or not.
    pub(super) fn get(&self, name: &str) -> Option<Datum> {
        let attr = self.attr(name)?;
        Some(match self.values.get(name) {
            Some((value, _)) => value.clone(),
            None => attr.default.datum(),
        })
    }

    /// The value if a recipe set it, with its place.
    pub(super) fn given(&self, name: &str) -> Option<&(Datum, Origin)> {
        self.values.get(name).filter(|(d, _)| *d != Datum::None)
    }

    pub(super) fn truth(&self, name: &str) -> bool {
        self.get(name) == Some(Datum::Bool(true))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(str::to_owned)
    }

    /// Sets a value as the type itself, unchecked.
    pub(super) fn put(&mut self, name: &str, value: Datum, at: Origin) {
        if let Some(attr) = self.attr(name) {
            self.values.insert(attr.name, (value, at));
        }
    }

    /// Sets a value as a recipe does: checked, and explained where there is something to say.
    pub(super) fn set(&mut self, name: &str, value: Option<Datum>) -> Result<(), Fail> {
        let Some(attr) = self.attr(name) else {
            if let Some(moved) = value
                .as_ref()
                .and_then(|v| older::moved(self.owner, name, v))
            {
                return self.set_moved(name, moved);
            }
            let mut fail = Fail::new(format!("{} has no attribute `{name}`", self.owner));
            if let Some(hint) = super::renamed::attribute(self.owner, name) {
                fail = fail.hint(hint);
            } else if let Some(near) = nearest(name, self.names()) {
                fail = fail.hint(format!("did you mean `{near}`?"));
            }
            return Err(fail);
        };
        if attr.read_only {
            return Err(Fail::new(format!("{}.{name} can only be read", self.owner)));
        }
        let value = value.map(|v| older::value(self.owner, name, v));
        let fits = |v: &Datum| (attr.optional && *v == Datum::None) || attr.kind.accepts(v);
        let given = value.as_ref().map_or("that".to_owned(), Datum::to_string);
        let Some(value) = value.filter(fits) else {
            let none = if attr.optional { ", or None" } else { "" };
            return Err(
                Fail::new(format!("{}.{name} cannot be {given}", self.owner))
                    .hint(format!("it is {}{none}", attr.kind.expected())),
            );
        };
        (attr.check)(&value).map_err(|why| Fail::new(format!("{}.{name}: {why}", self.owner)))?;
        if !attr.parts.is_empty() {
            return self.set_parts(attr, value.text().unwrap_or_default());
        }
        if let Some(text) = (attr.note)(&value) {
            current::explain(&format!("{}.{name}", self.owner), text);
        }
        self.values.insert(attr.name, (value, current::place()));
        Ok(())
    }

    fn set_parts(&mut self, attr: &Attr, text: &str) -> Result<(), Fail> {
        let values: Vec<&str> = text.split('-').collect();
        if values.len() != attr.parts.len() {
            let fail = Fail::new(format!("{}.{} cannot be \"{text}\"", self.owner, attr.name));
            return Err(fail.hint(format!("it is {}, joined by `-`", attr.parts.join(", "))));
        }
        for (name, value) in attr.parts.iter().zip(values) {
            self.set(name, Some(Datum::Text(value.to_owned())))?;
        }
        Ok(())
    }

    /// Sets what an attribute of an older release is today.
    pub(super) fn set_moved(&mut self, name: &str, moved: older::Moved) -> Result<(), Fail> {
        let what = format!("{}.{name}", self.owner);
        match moved {
            older::Moved::To(new, value) => {
                current::explain(&what, format!("today it is `{new} = {value}`"));
                self.set(new, Some(value))
            }
            older::Moved::Gone(why) => {
                current::explain(&what, why);
                Ok(())
            }
            older::Moved::Same => Ok(()),
        }
    }

    /// Everything that was set, for plans.
    pub(super) fn all(&self) -> BTreeMap<String, Datum> {
        self.values
            .iter()
            .filter(|(_, (value, _))| *value != Datum::None)
            .map(|(name, (value, _))| ((*name).to_owned(), value.clone()))
            .collect()
    }
}

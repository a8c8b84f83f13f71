//! Licences for people: who asks for what, and all texts that have to be passed on with an app.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Bom, Licence, Part};

/// Parts under one licence.
#[derive(Debug)]
pub struct Group<'a> {
    /// The licence; none where none is named.
    pub licence: Option<&'a Licence>,
    /// Those under it.
    pub parts: Vec<&'a Part>,
}

/// Parts by their licences: the unknown first, then what asks most, then what most are under.
#[must_use]
pub fn groups(bom: &Bom) -> Vec<Group<'_>> {
    let mut found: BTreeMap<Option<&Licence>, Vec<&Part>> = BTreeMap::new();
    for part in &bom.parts {
        found.entry(part.licence.as_ref()).or_default().push(part);
    }
    let mut groups: Vec<Group<'_>> = found
        .into_iter()
        .map(|(licence, parts)| Group { licence, parts })
        .collect();
    groups.sort_by_key(|g| {
        let asks = g.licence.is_some_and(|l| l.copyleft().is_some());
        (g.licence.is_some(), !asks, usize::MAX - g.parts.len())
    });
    groups
}

/// Everything in one text, to be passed on with the app: each licence's text once, with the names of
/// those that it is of.
#[must_use]
pub fn text(bom: &Bom) -> String {
    let mut out = String::new();
    let title = match &bom.version {
        Some(version) => format!("{} {version}", bom.name),
        None => bom.name.clone(),
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{title}: what it is made of, and under which licences\n"
    );
    if let Some(license) = &bom.about.license {
        let authors = match &bom.about.authors[..] {
            [] => String::new(),
            authors => format!(", by {}", authors.join(", ")),
        };
        let _ = writeln!(out, "{} itself: {license}{authors}\n", bom.name);
    }
    let width = bom
        .parts
        .iter()
        .map(|p| p.name.len() + p.version.len() + 1)
        .max()
        .unwrap_or(0);
    for part in &bom.parts {
        let name = format!("{} {}", part.name, part.version);
        let licence = part
            .licence
            .as_ref()
            .map_or("licence not stated", Licence::as_str);
        let _ = writeln!(out, "{name:<width$}  {licence}");
        for bundled in &part.bundled {
            let version = bundled.version.as_deref().unwrap_or_default();
            let _ = writeln!(out, "    brings {} {version}", bundled.name);
        }
    }
    for unknown in &bom.unknown {
        let _ = writeln!(out, "Not known: {unknown}");
    }
    for (text, of) in texts(bom) {
        let _ = writeln!(out, "\n{}\n{}\n", "=".repeat(78), of.join(", "));
        let _ = writeln!(out, "{text}");
    }
    out
}

/// Every text once, in order of the first part that it is of.
fn texts(bom: &Bom) -> Vec<(&str, Vec<String>)> {
    let mut list: Vec<(&str, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for part in &bom.parts {
        for text in &part.texts {
            let place = *places.entry(&text.text).or_insert_with(|| {
                list.push((&text.text, Vec::new()));
                list.len() - 1
            });
            let name = match &text.file {
                Some(file) if part.texts.len() > 1 => format!("{} ({file})", part.name),
                _ => part.name.clone(),
            };
            list[place].1.push(name);
        }
    }
    for (_, of) in &mut list {
        of.dedup();
    }
    list
}

//! A profile as folded stacks (the text form that flame graph tools read) and as a page that shows it
//! and needs nothing else.

use std::fmt::Write as _;

use crate::profile::{Node, Profile};

/// One line a stack: functions with `;` between them, then microseconds in which they ran.
#[must_use]
pub fn folded(profile: &Profile) -> String {
    let mut paths: Vec<String> = Vec::new();
    let mut text = String::new();
    for Node {
        function,
        parent,
        own,
        ..
    } in &profile.nodes
    {
        let name = profile.functions.get(*function).map_or_else(
            || "?".to_owned(),
            |f| format!("{} ({}:{})", f.name, f.place, f.line).replace(';', ","),
        );
        let path = match parent.and_then(|p| paths.get(p)) {
            Some(parent) => format!("{parent};{name}"),
            None => name,
        };
        let microseconds = (own * 1e6).round();
        if microseconds > 0.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{path} {microseconds}");
        }
        paths.push(path);
    }
    text
}

/// A page with the flame graph, the table and the lines, in one file.
#[must_use]
pub fn page(profile: &Profile) -> String {
    let data = serde_json::to_string(profile).unwrap_or_default();
    // A text in the data must not end the element that holds it.
    let data = data.replace('<', "\\u003c");
    include_str!("flame.html").replacen("{\"profile\":0}", &data, 1)
}

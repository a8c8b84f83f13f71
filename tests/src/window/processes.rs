//! The processes of an app: those of its group, which WebKit's helpers belong to.

use std::fs;

/// Ids of all processes of a group.
#[must_use]
pub fn group(leader: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| stat(*id).is_some_and(|stat| stat.group == leader))
        .collect()
}

/// Those that still run; one that has ended and was not yet waited for does not.
#[must_use]
pub fn alive(ids: &[u32]) -> Vec<u32> {
    let runs = |id: &&u32| stat(**id).is_some_and(|stat| !matches!(stat.state, 'Z' | 'X'));
    ids.iter().filter(runs).copied().collect()
}

struct Stat {
    state: char,
    group: u32,
}

fn stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before it is in parentheses and may contain anything.
    let (_, rest) = text.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    let state = words.next()?.chars().next()?;
    let group = words.nth(1)?.parse().ok()?;
    Some(Stat { state, group })
}

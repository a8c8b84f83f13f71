//! A sealed app that says what it uses, and what comes of it: [`recipe::Record`]. The runtime writes;
//! here its lines are read.

use std::path::Path;

use packed_resources::PackageInfo;
use recipe::Record;

use crate::{APP, Error, carried};

/// What one run of an app used, by the file that the app wrote.
pub fn recorded(lines: &Path, packages: &[PackageInfo]) -> Result<Record, Error> {
    let text = match fs_err::read(lines) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        // The app never came so far as to look at anything.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e.into()),
    };
    let mut record = Record {
        runs: 1,
        packages: packages
            .iter()
            .map(|p| (p.name.clone(), p.version.clone()))
            .collect(),
        ..Record::default()
    };
    let app = format!("{APP}/");
    for line in text.lines() {
        let Some((kind, path)) = line.split_once(' ') else {
            continue;
        };
        // The app's own files always go in.
        if path == APP || path.starts_with(&app) || carried::is_pyxidium(path) {
            continue;
        }
        match kind {
            "f" => record.files.insert(path.to_owned()),
            "d" => record.folders.insert(path.to_owned()),
            _ => continue,
        };
    }
    Ok(record)
}

/// Packages of a record that are there in other versions, as a warning.
pub(crate) fn other_versions(
    recorded: &std::collections::BTreeMap<String, String>,
    packages: &[PackageInfo],
) -> Option<String> {
    let others: Vec<String> = packages
        .iter()
        .filter_map(|p| {
            let then = recorded.get(&p.name)?;
            (*then != p.version).then(|| format!("{} {} (now {})", p.name, then, p.version))
        })
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "--only-used: the record was made with {}; record again if anything is missing",
            others.join(", ")
        )
    })
}

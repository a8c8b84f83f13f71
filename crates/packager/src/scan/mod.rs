//! Installed distributions, read from what an installer laid down, as inputs for packs.
//!
//! Everything that a distribution lists goes in. Left out is only what an installer adds of its own
//! (which differs between installers and machines) and what CPython caches.

pub(crate) mod needs;
mod pth;
mod record;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::pack::{self, Input, PackInfo};
use crate::{Error, SITE_PACKAGES, carried};
use needs::{Libraries, Library};
use record::Record;

/// Written into `.dist-info` by installers, not by the distribution.
const INSTALLERS_OWN: [&str; 5] = [
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "uv_cache.json",
    "uv_build.json",
];

/// An installed distribution.
#[derive(Debug)]
pub(crate) struct Distribution {
    pub(crate) info: PackInfo,
    pub(crate) inputs: Vec<Input>,
}

/// Names of the `.dist-info` folders below `prefix`, sorted.
pub(crate) fn installed(prefix: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    let site = prefix.join(SITE_PACKAGES);
    if !site.is_dir() {
        return Ok(names);
    }
    for entry in fs_err::read_dir(site)? {
        if let Ok(name) = entry?.file_name().into_string()
            && name.ends_with(".dist-info")
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// What the shared objects of one distribution say of themselves, by payload path.
pub(crate) fn libraries(prefix: &Path, dist_info: &str) -> Result<Libraries, Error> {
    let record = fs_err::read_to_string(prefix.join(SITE_PACKAGES).join(dist_info).join("RECORD"))?;
    let mut found = Libraries::new();
    for path in listed(&record).filter(|p| is_library(p)) {
        let file = prefix.join(&path);
        // Placeholders without contents exist, and nothing can be mapped of them.
        if file.metadata().is_ok_and(|m| m.is_file() && m.len() > 0)
            && let Some(library) = Library::read(&pack::Mapped::open(&file)?.0)
        {
            found.insert(path, library);
        }
    }
    Ok(found)
}

/// Whether a file is a shared object by its name: `a.so`, `liba.so.3`.
pub(crate) fn is_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".so") || name.contains(".so.")
}

/// Reads one distribution. `libraries` are its own and then those of the others.
pub(crate) fn read(
    prefix: &Path,
    dist_info: &str,
    libraries: &[&Libraries],
) -> Result<Distribution, Error> {
    let folder = prefix.join(SITE_PACKAGES).join(dist_info);
    let record_path = format!("{SITE_PACKAGES}/{dist_info}/RECORD");
    let listed = Record::parse(&fs_err::read_to_string(folder.join("RECORD"))?);
    let mut info = metadata(&folder)?;
    let mut inputs = Vec::new();
    let mut kept = Vec::new();
    for line in listed.lines {
        let Some(path) = payload_path(&line.path) else {
            continue;
        };
        if path == record_path || is_not_the_distributions(&path, dist_info) {
            continue;
        }
        let source = prefix.join(&path);
        // A list may name what was never there; installers do not mind either.
        let Ok(meta) = fs_err::metadata(&source) else {
            continue;
        };
        if !meta.is_file() {
            continue;
        }
        let data = fs_err::read(&source)?;
        // Entry points, written by the installer for its own interpreter's path.
        if path.starts_with("bin/") && data.starts_with(b"#!") {
            continue;
        }
        let executable = meta.permissions().mode() & 0o111 != 0;
        inputs.push(Input {
            path,
            source,
            data,
            executable,
            needs: Vec::new(),
        });
        kept.push(line);
    }
    let data = Record { lines: kept }
        .write(&format!("{dist_info}/RECORD"))
        .into_bytes();
    inputs.push(Input {
        path: record_path,
        source: folder.join("RECORD"),
        data,
        executable: false,
        needs: Vec::new(),
    });
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs.dedup_by(|a, b| a.path == b.path);
    pth::read(prefix, &inputs, &mut info);
    let any = |test: fn(&[u8]) -> bool| {
        let mut sources = inputs.iter().filter(|i| pack::is_source(&i.path));
        sources.any(|i| test(&i.data))
    };
    info.compute = any(carried::may_import_compute);
    info.oxidized = any(carried::may_import_oxidized);
    for input in &mut inputs {
        input.needs = needs::of(&input.path, libraries);
    }
    Ok(Distribution { info, inputs })
}

/// A path of RECORD, which is relative to site-packages, as a payload path. `None` for one that
/// leaves the prefix.
fn payload_path(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') || path.contains('\0') {
        return None;
    }
    needs::join(SITE_PACKAGES, path)
}

fn is_not_the_distributions(path: &str, dist_info: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let cached = path.split('/').any(|p| p == "__pycache__")
        || name.ends_with(".pyc")
        || name.ends_with(".pyo");
    let leftover = name == ".DS_Store" || name.ends_with(".o");
    let installers = path
        .strip_suffix(name)
        .is_some_and(|p| p.ends_with(&format!("{dist_info}/")))
        && INSTALLERS_OWN.contains(&name);
    cached || leftover || installers
}

/// Name, version and licence out of METADATA, whose head is like that of a mail.
fn metadata(dist_info: &Path) -> Result<PackInfo, Error> {
    let bytes = fs_err::read(dist_info.join("METADATA"))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut classifier = None;
    let mut lines = text.lines().take_while(|l| !l.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(": ") else {
            continue;
        };
        if key == "Classifier" && value.starts_with("License :: ") {
            classifier = value.rsplit(" :: ").next().map(str::to_owned);
        }
        // A field that goes on in the next line holds the whole text of a licence, not its name.
        let goes_on = lines
            .peek()
            .is_some_and(|l| l.starts_with([' ', '\t', '|']));
        if !(key == "License" && goes_on) {
            let value = value.trim().to_owned();
            fields.entry(key.to_ascii_lowercase()).or_insert(value);
        }
    }
    let short = fields
        .get("license")
        .filter(|l| l.len() <= 60 && !l.is_empty() && *l != "UNKNOWN")
        .cloned();
    Ok(PackInfo {
        name: fields.remove("name").unwrap_or_default(),
        version: fields.remove("version").unwrap_or_default(),
        license: fields.remove("license-expression").or(short).or(classifier),
        ..PackInfo::default()
    })
}

/// The payload paths that a RECORD lists.
pub(crate) fn listed(record: &str) -> impl Iterator<Item = String> {
    Record::parse(record)
        .lines
        .into_iter()
        .filter_map(|l| payload_path(&l.path))
}

/// The RECORD at payload path `path` with the files that stay.
pub(crate) fn filtered_record(record: &str, path: &str, stays: &dyn Fn(&str) -> bool) -> String {
    let mut record = Record::parse(record);
    let own = path.strip_prefix(SITE_PACKAGES).unwrap_or(path);
    let own = own.trim_start_matches('/');
    let kept = |l: &record::Line| l.path != own && payload_path(&l.path).is_none_or(|p| stays(&p));
    record.lines.retain(kept);
    record.write(own)
}

//! Everything that other people made of a sealed file, with versions, licences and their texts: packages
//! and what they bundle, CPython and its libraries, the crates of the runtime. Read from the sealed
//! file alone, so it is true of the file that is passed on, wherever it was made.

mod cyclonedx;
mod licence;
mod metadata;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use packed_resources::{About, Kind, Payload};
use serde::Serialize;

use crate::components::Components;
use crate::inspect::{Contents, SealedFile, inspect};
use crate::{Error, SITE_PACKAGES, digits};
pub use licence::{Copyleft, Licence};
use metadata::Metadata;
pub use report::{Group, groups, text};

/// What a sealed file is made of.
#[derive(Debug, Clone, Serialize)]
pub struct Bom {
    /// The app's name.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// What it says of itself.
    pub about: About,
    /// SHA-256 of the sealed file.
    pub sha256: String,
    /// Identifies the payload.
    pub payload_hash: String,
    /// The target that it was sealed for.
    pub target: String,
    /// The version of Pyxidium that sealed it.
    pub pyxidium: String,
    /// What it is made of: packages first, then CPython and its libraries, then crates.
    pub parts: Vec<Part>,
    /// What is in the file and cannot be said more of.
    pub unknown: Vec<String>,
}

/// One part.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// Where it comes from.
    pub kind: PartKind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, where it names one.
    pub licence: Option<Licence>,
    /// Its package URL.
    pub purl: String,
    /// What it is, in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Patches on top of the version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
    /// Package URLs of those that it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Libraries that it brings along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bundled: Vec<Bundled>,
    /// The texts of its licences.
    #[serde(skip)]
    pub texts: Vec<Text>,
}

/// Where a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// A Python package.
    Package,
    /// CPython, or a library that it links.
    Python,
    /// A crate of the runtime.
    Crate,
}

/// A library inside of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bundled {
    /// Its name, or the file's.
    pub name: String,
    /// Its version, where the package says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its package URL, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
}

/// The text of a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The file it stood in, where that is known.
    pub file: Option<String>,
    /// The text.
    pub text: String,
}

/// Reads what a sealed file is made of.
pub fn sbom(file: &SealedFile) -> Result<Bom, Error> {
    of(file, &inspect(file)?)
}

/// The same where somebody has looked into the file already.
pub(crate) fn of(file: &SealedFile, contents: &Contents) -> Result<Bom, Error> {
    let payload = file.payload()?;
    let failed = || Error::payload(format!("{} cannot be read", contents.path.display()));
    let mut unknown = Vec::new();
    let mut parts = packages(&payload, contents).map_err(failed())?;
    match Components::of(&payload).map_err(failed())? {
        Some(components) => {
            if let Some(runtime) = &components.own_runtime {
                unknown.push(format!("the runtime {runtime}, which is the author's own"));
            }
            parts.extend(of_pyxidium(&components));
        }
        None => unknown.push("CPython and the runtime: an older Pyxidium sealed the file".into()),
    }
    parts.sort_by_cached_key(|p| (p.kind, p.name.to_ascii_lowercase(), p.version.clone()));
    let manifest = &contents.manifest;
    Ok(Bom {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        about: manifest.about.clone(),
        sha256: digits::sha256(file.bytes()),
        payload_hash: contents.hash.clone(),
        target: manifest.build.target.clone(),
        pyxidium: manifest.build.pyxidium.clone(),
        parts,
        unknown,
    })
}

impl Bom {
    /// As CycloneDX 1.6, in JSON: the same file, the same text.
    #[must_use]
    pub fn to_cyclonedx(&self) -> String {
        cyclonedx::write(self)
    }
}

/// The packages, by the metadata that came with them.
fn packages(
    payload: &Payload<'_>,
    contents: &Contents,
) -> Result<Vec<Part>, packed_resources::Error> {
    let mut found = Vec::new();
    for entry in payload.prefix(Kind::File, &format!("{SITE_PACKAGES}/")) {
        let entry = entry?;
        let Some(folder) = entry.name().strip_suffix("/METADATA") else {
            continue;
        };
        if folder.ends_with(".dist-info") && !folder[SITE_PACKAGES.len() + 1..].contains('/') {
            let metadata = Metadata::parse(&String::from_utf8_lossy(&entry.read()?));
            found.push((folder.to_owned(), metadata));
        }
    }
    let present: BTreeMap<String, String> = found
        .iter()
        .map(|(_, m)| (metadata::normalized(&m.name), m.purl()))
        .collect();
    let one = |(folder, metadata): (String, Metadata)| {
        // Sealing settled on one of the fields that may say it.
        let listed = contents.manifest.packages.iter();
        let licence = listed
            .filter(|p| p.name == metadata.name)
            .find_map(|p| p.license.as_deref());
        let needs: BTreeSet<String> = metadata
            .requires
            .iter()
            .filter_map(|name| present.get(name).cloned())
            .collect();
        Ok(Part {
            kind: PartKind::Package,
            licence: licence.map(Licence::new),
            purl: metadata.purl(),
            summary: metadata.summary,
            patches: Vec::new(),
            needs: needs.into_iter().collect(),
            bundled: bundled(payload, contents, &folder, &metadata.name)?,
            texts: texts(payload, &folder)?,
            name: metadata.name,
            version: metadata.version,
        })
    };
    found.into_iter().map(one).collect()
}

/// The files with licences among a package's metadata.
fn texts(payload: &Payload<'_>, folder: &str) -> Result<Vec<Text>, packed_resources::Error> {
    let mut texts = Vec::new();
    let folder = format!("{folder}/");
    for entry in payload.prefix(Kind::File, &folder) {
        let entry = entry?;
        let file = &entry.name()[folder.len()..];
        if !metadata::is_licence(file) {
            continue;
        }
        let text = String::from_utf8_lossy(&entry.read()?).trim().to_owned();
        if !text.is_empty() && !texts.iter().any(|t: &Text| t.text == text) {
            texts.push(Text {
                file: Some(file.strip_prefix("licenses/").unwrap_or(file).to_owned()),
                text,
            });
        }
    }
    Ok(texts)
}

/// The libraries that a package brings along: as its own bill of materials names them (PEP 770), or
/// else the files.
fn bundled(
    payload: &Payload<'_>,
    contents: &Contents,
    folder: &str,
    package: &str,
) -> Result<Vec<Bundled>, packed_resources::Error> {
    let mut known = BTreeSet::new();
    for entry in payload.prefix(Kind::File, &format!("{folder}/sboms/")) {
        let entry = entry?;
        if entry.name().ends_with(".json") {
            known.extend(cyclonedx::components(&entry.read()?));
        }
    }
    known.retain(|b| metadata::normalized(&b.name) != metadata::normalized(package));
    if !known.is_empty() {
        return Ok(known.into_iter().collect());
    }
    let files = contents.files.iter().filter(|f| f.part == package);
    let libraries = files.filter_map(|f| {
        let name = f.path.rsplit('/').next()?;
        // Modules are the package itself; what is called a library is somebody else's, or may be.
        let library = crate::scan::is_library(name) && name.starts_with("lib");
        (library && f.kind == Kind::File).then(|| Bundled {
            name: name.to_owned(),
            version: None,
            purl: None,
        })
    });
    known.extend(libraries);
    Ok(known.into_iter().collect())
}

/// CPython, its libraries, the crates.
fn of_pyxidium(components: &Components) -> Vec<Part> {
    let one = |component: &crate::components::Component| {
        let texts = component
            .texts
            .iter()
            .filter_map(|&n| components.texts.get(n));
        let rust = component.purl.starts_with("pkg:cargo/") || component.name == "rust-std";
        Part {
            kind: if rust {
                PartKind::Crate
            } else {
                PartKind::Python
            },
            name: component.name.clone(),
            version: component.version.clone(),
            licence: component.license.as_deref().map(Licence::new),
            purl: component.purl.clone(),
            summary: None,
            patches: component.patches.clone(),
            needs: Vec::new(),
            bundled: Vec::new(),
            texts: texts
                .map(|text| Text {
                    file: None,
                    text: text.clone(),
                })
                .collect(),
        }
    };
    components.components.iter().map(one).collect()
}

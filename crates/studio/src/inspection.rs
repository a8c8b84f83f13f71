//! A sealed file, looked into: what the page shows of it, and the check of its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use packager::{Contents, PackageSize, Progress as _, SealedFile, Unit};
use packed_resources::{EntryPoint, WindowConfig};
use serde_json::{Value, json};

use crate::Error;
use crate::reporter::Reporter;

/// Everything about a sealed file, as JSON.
pub(crate) fn describe(path: &Path) -> Result<String, Error> {
    let contents = packager::inspect(&SealedFile::open(path)?)?;
    let manifest = &contents.manifest;
    let runs = match &manifest.entry {
        EntryPoint::Script { path } => path.clone(),
        EntryPoint::Module { name } => format!("-m {name}"),
        EntryPoint::Directory { path } => format!("{path}/__main__.py"),
        EntryPoint::Function { module, function } => format!("{module}:{function}"),
        EntryPoint::Command { code } => format!("-c {}", code.lines().next().unwrap_or_default()),
        EntryPoint::Python => "what its command line says".into(),
    };
    let json = json!({
        "path": contents.path,
        "name": manifest.name,
        "version": manifest.version,
        "runs": runs,
        "python": manifest.python,
        "pyxidium": manifest.build.pyxidium,
        "target": manifest.build.target,
        "format": contents.format,
        "hash": contents.hash,
        "size": contents.size,
        "payload_size": contents.payload_size,
        "modules": contents.modules,
        "window": manifest.window.as_ref().map(window),
        "parts": parts(&contents),
        "libraries": contents.libraries,
    });
    Ok(json.to_string())
}

/// What the page shows of a window.
pub(crate) fn window(config: &WindowConfig) -> Value {
    json!({
        "title": config.title,
        "ui": config.ui,
        "width": config.size.0,
        "height": config.size.1,
        "capabilities": config.capabilities,
        "origins": config.origins,
    })
}

/// The parts with their files. What none of them accounts for is the runtime and the payload's
/// index: the file's length is the sum of all parts.
pub(crate) fn parts(contents: &Contents) -> Vec<Value> {
    let mut entries: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    // Entries with the same contents share their place in the file.
    let mut places = BTreeSet::new();
    for file in &contents.files {
        let stored = if places.insert(&file.hash) {
            file.stored
        } else {
            0
        };
        entries.entry(&file.part).or_default().push(json!({
            "path": file.path,
            "size": file.size,
            "stored": stored,
        }));
    }
    let shown = |part: &PackageSize, (name, kind): (&str, &str)| {
        json!({
            "name": name,
            "kind": kind,
            "version": part.version,
            "license": part.license,
            "size": part.size,
            "stored": part.stored,
            "entries": entries.get(part.name.as_str()).map_or(&[][..], Vec::as_slice),
        })
    };
    let stored: u64 = contents.packages.iter().map(|part| part.stored).sum();
    let mut index = contents.payload_size.saturating_sub(stored);
    let mut parts = Vec::new();
    for part in &contents.packages {
        match part.name.as_str() {
            "(app)" => parts.push(shown(part, ("Your code", "app"))),
            "(standard library)" => parts.push(shown(part, ("Standard library", "stdlib"))),
            "(pyxidium)" => parts.push(shown(part, ("Pyxidium for Python", "other"))),
            "(manifest)" => index += part.stored,
            name => parts.push(shown(part, (name, "package"))),
        }
    }
    let runtime = contents.size.saturating_sub(contents.payload_size);
    for (name, kind, size) in [
        ("Runtime", "runtime", runtime),
        ("Index and manifest", "other", index),
    ] {
        parts.push(json!({
            "name": name,
            "kind": kind,
            "version": null,
            "license": null,
            "size": size,
            "stored": size,
            "entries": [],
        }));
    }
    parts
}

/// Checks every byte of a sealed file; how many entries there are.
pub(crate) fn verify(path: &Path, reporter: &Reporter) -> Result<Value, Error> {
    let file = SealedFile::open(path)?;
    let contents = packager::inspect(&file)?;
    reporter.begin("Verifying", Some(contents.payload_size), Unit::Bytes);
    let stopped = AtomicBool::new(false);
    let advance = |bytes| {
        reporter.advance(bytes);
        if reporter.cancelled() {
            stopped.store(true, Ordering::Relaxed);
        }
    };
    file.verify(&advance)?;
    if stopped.into_inner() {
        return Err(packager::Error::Cancelled.into());
    }
    reporter.end();
    Ok(contents.files.len().into())
}

//! CycloneDX 1.6, in JSON: the form of a bill of materials that scanners read.
//!
//! No clock and no chance: what other writers make up (a serial number), here follows from the file.

use serde_json::{Map, Value, json};

use super::{Bom, Bundled, Licence, Part, PartKind};

/// Writes a bill of materials.
pub(super) fn write(bom: &Bom) -> String {
    let root = "app";
    let mut app = Map::new();
    app.insert("type".into(), "application".into());
    app.insert("bom-ref".into(), root.into());
    app.insert("name".into(), bom.name.clone().into());
    if let Some(version) = &bom.version {
        app.insert("version".into(), version.clone().into());
    }
    let about = &bom.about;
    if let Some(summary) = &about.summary {
        app.insert("description".into(), summary.clone().into());
    }
    if let Some(license) = &about.license {
        app.insert("licenses".into(), licences(&Licence::new(license)));
    }
    if !about.authors.is_empty() {
        let authors = about.authors.iter().map(|a| author(a));
        app.insert("authors".into(), authors.collect());
    }
    if let Some(homepage) = &about.homepage {
        let reference = json!([{ "type": "website", "url": homepage }]);
        app.insert("externalReferences".into(), reference);
    }
    app.insert(
        "hashes".into(),
        json!([{ "alg": "SHA-256", "content": bom.sha256 }]),
    );
    app.insert(
        "properties".into(),
        json!([
            { "name": "pyxidium:payload", "value": bom.payload_hash },
            { "name": "pyxidium:target", "value": bom.target },
        ]),
    );
    let direct: Vec<&str> = bom.parts.iter().map(|p| p.purl.as_str()).collect();
    let mut dependencies = vec![json!({ "ref": root, "dependsOn": direct })];
    dependencies.extend(
        bom.parts
            .iter()
            .map(|p| json!({ "ref": p.purl, "dependsOn": p.needs })),
    );
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(&bom.sha256),
        "version": 1,
        "metadata": {
            "tools": { "components": [
                { "type": "application", "name": "pyxidium", "version": bom.pyxidium },
            ]},
            "component": app,
            "properties": bom.unknown.iter().map(|what| {
                json!({ "name": "pyxidium:unknown", "value": what })
            }).collect::<Vec<_>>(),
        },
        "components": bom.parts.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    format!("{document:#}\n")
}

fn component(part: &Part) -> Value {
    let mut value = Map::new();
    let kind = match part.kind {
        PartKind::Python if part.name == "cpython" => "platform",
        _ => "library",
    };
    value.insert("type".into(), kind.into());
    value.insert("bom-ref".into(), part.purl.clone().into());
    value.insert("name".into(), part.name.clone().into());
    value.insert("version".into(), part.version.clone().into());
    value.insert("purl".into(), part.purl.clone().into());
    if let Some(summary) = &part.summary {
        value.insert("description".into(), summary.clone().into());
    }
    if let Some(licence) = &part.licence {
        value.insert("licenses".into(), licences(licence));
    }
    if !part.patches.is_empty() {
        let patches: Vec<Value> = part.patches.iter().map(|p| patch(p)).collect();
        value.insert("pedigree".into(), json!({ "patches": patches }));
    }
    if !part.bundled.is_empty() {
        let inner = part.bundled.iter().map(|b| bundled(part, b));
        value.insert("components".into(), inner.collect());
    }
    value.into()
}

fn licences(licence: &Licence) -> Value {
    match (licence, licence.id()) {
        (_, Some(id)) => json!([{ "license": { "id": id } }]),
        (Licence::Spdx(expression), None) => json!([{ "expression": expression }]),
        (Licence::Words(words), None) => json!([{ "license": { "name": words } }]),
    }
}

/// `Name <mail>`, or a name.
fn author(text: &str) -> Value {
    match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
        Some((name, mail)) => json!({ "name": name.trim(), "email": mail.trim() }),
        None => json!({ "name": text }),
    }
}

/// A patch that is named after what it mends: `CVE-2025-1234-2.patch`.
fn patch(name: &str) -> Value {
    let stem = name.strip_suffix(".patch").unwrap_or(name);
    let id: Vec<&str> = stem.splitn(4, '-').take(3).collect();
    json!({
        "type": "backport",
        "resolves": [{ "type": "security", "id": id.join("-"), "description": name }],
    })
}

fn bundled(part: &Part, bundled: &Bundled) -> Value {
    let mut value = Map::new();
    value.insert("type".into(), "library".into());
    value.insert("name".into(), bundled.name.clone().into());
    // Two packages may bring the same one.
    let reference = format!("{}#{}", part.purl, bundled.name);
    value.insert("bom-ref".into(), reference.into());
    if let Some(version) = &bundled.version {
        value.insert("version".into(), version.clone().into());
    }
    if let Some(purl) = &bundled.purl {
        value.insert("purl".into(), purl.clone().into());
    }
    value.into()
}

/// A UUID of version 8 out of a hash, as RFC 9562 has it for what follows from contents.
fn serial(sha256: &str) -> String {
    let digit = |n: usize| sha256.get(n..=n).unwrap_or("0");
    let digits = |from: usize, to: usize| (from..to).map(digit).collect::<String>();
    let variant = u8::from_str_radix(digit(16), 16).unwrap_or(0) & 3 | 8;
    format!(
        "urn:uuid:{}-{}-8{}-{variant:x}{}-{}",
        digits(0, 8),
        digits(8, 12),
        digits(13, 16),
        digits(17, 20),
        digits(20, 32)
    )
}

/// The components that another bill of materials names, whatever else is in it.
pub(super) fn components(json: &[u8]) -> Vec<Bundled> {
    let document: Value = serde_json::from_slice(json).unwrap_or_default();
    let list = document["components"].as_array().map(Vec::as_slice);
    let field = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let one = |value: &Value| {
        Some(Bundled {
            name: field(value, "name")?,
            version: field(value, "version"),
            purl: field(value, "purl"),
        })
    };
    list.unwrap_or_default().iter().filter_map(one).collect()
}

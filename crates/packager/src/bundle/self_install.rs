//! What a sealed file carries in order to install itself for one user, without a packager and without
//! root. Everything is decided here, at sealing; `pyxidium._install` only copies it.

use packed_resources::{Item, Kind, Manifest};
use serde::Serialize;

use super::product::{self, Names};
use super::{BundleError, desktop};

/// What asks for it.
pub(crate) const ARGUMENTS: [&str; 2] = ["--install", "--uninstall"];

/// Where `pyxidium._install` finds it.
const PLACE: &str = "share/pyxidium/install.json";

/// Stands in the entry for menus where the installed program's path will.
const PROGRAM: &str = "PYXIDIUM_PROGRAM";

#[derive(Serialize)]
struct Spec<'a> {
    identifier: &'a str,
    name: &'a str,
    title: &'a str,
    version: Option<&'a str>,
    extensions: Vec<&'a str>,
    files: Vec<File<'a>>,
}

/// A file below the user's folder for data.
#[derive(Serialize)]
struct File<'a> {
    path: String,
    /// What is in it, or
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// which file of the payload it is a copy of.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// The entry that says what is installed; `icon` is the window's, as it is in the payload.
pub(crate) fn item(manifest: &Manifest, icon: Option<&[u8]>) -> Result<Item<'static>, BundleError> {
    let names = Names::of(manifest)?;
    let window = manifest.window.as_ref();
    let width = icon.and_then(product::width);
    let picture = window.and_then(|w| w.icon.as_deref()).zip(width);
    let facts = desktop::Facts {
        names: &names,
        about: &manifest.about,
        icon: picture.is_some(),
    };
    let id = &names.identifier;
    let text = |path: String, text: String| File {
        path,
        text: Some(text),
        source: None,
    };
    let mut files = Vec::new();
    if facts.about.graphical {
        let entry = desktop::entry(facts, PROGRAM);
        files.push(text(format!("applications/{id}.desktop"), entry));
    }
    if let Some((source, width)) = picture {
        files.push(File {
            path: desktop::own_icon_path(id, width),
            text: None,
            source: Some(source),
        });
    }
    if let Some(kinds) = desktop::mime(&manifest.about) {
        files.push(text(format!("mime/packages/{id}.xml"), kinds));
    }
    let types = manifest.about.file_types.iter();
    let spec = Spec {
        identifier: id,
        name: &names.name,
        title: &names.title,
        version: manifest.version.as_deref(),
        extensions: types.map(|t| t.extension.as_str()).collect(),
        files,
    };
    // Plain data of ours: nothing that fails to serialise.
    let json = serde_json::to_vec(&spec).unwrap_or_default();
    Ok(Item::new(Kind::File, PLACE, json).zstd(17))
}

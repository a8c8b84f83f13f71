//! Apps that update themselves: what is sealed into them for that, and the manifest that announces a new
//! version. What is signed stands in [`statement`]; `pyxidium.update` checks the same text.

#[cfg(test)]
mod tests;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use packed_resources::{Item, Kind, Manifest};
use serde::{Deserialize, Serialize};

use crate::bundle::{Names, version};
use crate::digits::{hex, sha256};
use crate::inspect::SealedFile;
use crate::{Error, signature};

/// Asks a file who it is, without running its app: a new version is tried so before it replaces the old one.
pub(crate) const ARGUMENT: &str = "--pyxidium-starts";

/// Run before the app.
pub(crate) const STARTUP: &str = "import pyxidium._trial";

/// Where `pyxidium.update` finds what was sealed in.
const PLACE: &str = "share/pyxidium/update.json";

/// What the files of this machine run on, as updaters call it.
const PLATFORM: &str = "linux-x86_64";

/// Keeps a signature from being good for anything else that is signed with the same key.
const CONTEXT: &str = "Pyxidium: an update, 1";

/// Why an app cannot update itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// Without a version nothing is newer.
    #[error("an app that updates itself must have a version")]
    NoVersion,
    /// A version that cannot be compared.
    #[error("`{version}` is no version that others could be newer than")]
    BadVersion {
        /// The app's version.
        version: String,
    },
    /// A file that does not ask for updates.
    #[error("{} does not update itself", .path.display())]
    NotConfigured {
        /// The file.
        path: std::path::PathBuf,
    },
    /// An address that anybody on the way could answer for.
    #[error("`{url}` is no address for updates")]
    BadUrl {
        /// The address.
        url: String,
    },
}

impl UpdateError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoVersion => {
                "set `version` in [project] of pyproject.toml, or `exe.version` in a recipe"
            }
            Self::BadVersion { .. } => {
                "versions are like 1.2.0, or 2.0rc1: set it in [project] of pyproject.toml, or as `exe.version` in a recipe"
            }
            Self::NotConfigured { .. } => {
                "seal it with `key` and `url` in [tool.pyxidium.update] of pyproject.toml, or with \
                 `exe.update(key = ..., url = ...)` in a recipe"
            }
            Self::BadUrl { .. } => "they come by https, or by http from this machine",
        }
    }
}

/// What an app knows of its updates.
#[derive(Debug, Serialize, Deserialize)]
struct Spec {
    identifier: String,
    version: String,
    platform: String,
    /// The public key, in hexadecimal digits.
    key: String,
    url: String,
}

/// The entry that says who may update an app.
pub(crate) fn item(update: &recipe::Update, manifest: &Manifest) -> Result<Item<'static>, Error> {
    let key = signature::public_key(&update.key)?;
    let version = manifest.version.clone().ok_or(UpdateError::NoVersion)?;
    if version::native(&version).is_none() {
        return Err(UpdateError::BadVersion { version }.into());
    }
    let spec = Spec {
        identifier: Names::of(manifest)?.identifier,
        version,
        platform: PLATFORM.into(),
        key: hex(key.as_bytes()),
        url: update.url.clone(),
    };
    // Plain data of ours: nothing that fails to serialise.
    let json = serde_json::to_vec(&spec).unwrap_or_default();
    Ok(Item::new(Kind::File, PLACE, json))
}

/// What an author says of a new version.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    /// Where the file will be; may be relative to the manifest.
    pub url: String,
    /// What is new.
    pub notes: Option<String>,
    /// When it came out.
    pub date: Option<String>,
}

/// The manifest of a new version.
#[derive(Debug)]
pub struct UpdateManifest {
    /// JSON, in lines.
    pub json: String,
    /// The version.
    pub version: String,
    /// Whether apps that get this version expect the next one from another key.
    pub other_key: bool,
}

/// Announces a sealed file as the newest version of its app.
pub fn update_manifest(
    file: &SealedFile,
    key: &SigningKey,
    announcement: &Announcement,
) -> Result<UpdateManifest, Error> {
    let spec = spec(file)?;
    let url = &announcement.url;
    let relative =
        !url.contains(':') && !url.is_empty() && url.chars().all(|c| c.is_ascii_graphic());
    if !relative && !recipe::is_safe(url) {
        return Err(UpdateError::BadUrl { url: url.clone() }.into());
    }
    let (size, hash) = (file.bytes().len(), sha256(file.bytes()));
    let signature = key.sign(statement(&spec, size, &hash).as_bytes());
    let mut manifest = serde_json::json!({
        "version": spec.version,
        "app": spec.identifier,
        "platforms": {
            PLATFORM: {
                "url": url,
                "size": size,
                "sha256": hash,
                "signature": Base64::encode_string(&signature.to_bytes()),
            }
        }
    });
    for (name, value) in [
        ("notes", &announcement.notes),
        ("pub_date", &announcement.date),
    ] {
        if let Some(value) = value {
            manifest[name] = value.as_str().into();
        }
    }
    Ok(UpdateManifest {
        json: format!("{manifest:#}\n"),
        other_key: spec.key != hex(key.verifying_key().as_bytes()),
        version: spec.version,
    })
}

/// What is signed: all that must not be exchanged for that of another app or version. Notes, date and address may
/// change without a signature.
fn statement(spec: &Spec, size: usize, hash: &str) -> String {
    let Spec {
        identifier,
        version,
        platform,
        ..
    } = spec;
    format!("{CONTEXT}\n{identifier}\n{version}\n{platform}\n{size}\n{hash}\n")
}

fn spec(file: &SealedFile) -> Result<Spec, Error> {
    let failed = || Error::payload(format!("{} cannot be read", file.path().display()));
    let entry = file.payload()?.get(Kind::File, PLACE).map_err(failed())?;
    let data = entry.map(|e| e.read()).transpose().map_err(failed())?;
    let spec = data.and_then(|data| serde_json::from_slice(&data).ok());
    let path = file.path().to_owned();
    Ok(spec.ok_or(UpdateError::NotConfigured { path })?)
}

//! What is inside a sealed file, as data. Reads; never runs anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use packed_resources::{Kind, Manifest, Payload, Summary};
use serde::Serialize;

use crate::pack::Mapped;
use crate::section::{SectionError, elf};
use crate::signature::SignatureError;
use crate::{Error, SITE_PACKAGES, STDLIB, carried, runtime};

/// A file with a payload, mapped.
#[derive(Debug)]
pub struct SealedFile {
    path: PathBuf,
    map: Mapped,
    place: std::ops::Range<usize>,
}

impl SealedFile {
    /// Finds the payload in a file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.is_dir() {
            return Err(Error::Section {
                path: path.into(),
                source: SectionError::NotElf,
            });
        }
        if !path.exists() {
            return Err(Error::Missing { path: path.into() });
        }
        if fs_err::metadata(path)?.len() == 0 {
            return Err(Error::Section {
                path: path.into(),
                source: SectionError::NotElf,
            });
        }
        let map = Mapped::open(path)?;
        let place = elf::find(&map.0).map_err(|source| Error::Section {
            path: path.into(),
            source,
        })?;
        Ok(Self {
            path: path.into(),
            map,
            place,
        })
    }

    /// The payload; its index is checked, its entries are not yet.
    pub fn payload(&self) -> Result<Payload<'_>, Error> {
        Payload::parse(&self.map.0[self.place.clone()]).map_err(self.failed())
    }

    /// Checks every byte of the payload.
    pub fn verify(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Summary, Error> {
        self.payload()?.verify(progress).map_err(self.failed())
    }

    /// Length of the file.
    pub fn len(&self) -> u64 {
        self.map.0.len() as u64
    }

    /// Never: a file without bytes holds no payload.
    pub fn is_empty(&self) -> bool {
        self.map.0.is_empty()
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The payload's place in it, with the room for a signature.
    pub(crate) fn place(&self) -> &std::ops::Range<usize> {
        &self.place
    }

    /// An error about its signature.
    pub(crate) fn signature(&self, source: SignatureError) -> Error {
        Error::Signature {
            path: self.path.clone(),
            source,
        }
    }

    /// The bytes of the whole file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map.0
    }

    fn failed(&self) -> impl FnOnce(packed_resources::Error) -> Error + use<> {
        Error::payload(format!("{} cannot be read", self.path.display()))
    }
}

/// What a sealed file holds.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub size: u64,
    /// Version of the payload format.
    pub format: u16,
    /// Length of the payload.
    pub payload_size: u64,
    /// Identifies the payload.
    pub hash: String,
    /// What the app says of itself.
    pub manifest: Manifest,
    /// How many modules.
    pub modules: usize,
    /// The parts: the app's own, the standard library, each package.
    pub packages: Vec<PackageSize>,
    /// Shared libraries.
    pub libraries: Vec<LibraryInfo>,
    /// Every file.
    pub files: Vec<FileInfo>,
}

/// A part's share of the file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PackageSize {
    /// Its name.
    pub name: String,
    /// Its version, for a package.
    pub version: Option<String>,
    /// Its licence, where it names one.
    pub license: Option<String>,
    /// Files in it.
    pub files: usize,
    /// Modules with bytecode.
    pub modules: usize,
    /// Bytes of all its entries.
    pub size: u64,
    /// Bytes that they take in the file.
    pub stored: u64,
}

/// A shared library.
#[derive(Debug, Serialize)]
pub struct LibraryInfo {
    /// Its payload path.
    pub path: String,
    /// Its length.
    pub size: u64,
    /// Bytes that it takes in the file.
    pub stored: u64,
    /// What is loaded before it.
    pub needs: Vec<String>,
}

/// An entry.
#[derive(Debug, Serialize)]
pub struct FileInfo {
    /// What it is.
    pub kind: Kind,
    /// Its payload path or name.
    pub path: String,
    /// The part that it belongs to: a name among [`Contents::packages`].
    pub part: String,
    /// Its length.
    pub size: u64,
    /// Bytes that it takes in the file.
    pub stored: u64,
    /// BLAKE3 of these bytes.
    pub hash: String,
}

/// Reads what a sealed file holds.
pub fn inspect(file: &SealedFile) -> Result<Contents, Error> {
    let payload = file.payload()?;
    let manifest = payload.manifest().map_err(file.failed())?;
    let owners = owners(&payload).map_err(file.failed())?;
    let mut parts: BTreeMap<String, PackageSize> = BTreeMap::new();
    let (mut files, mut libraries, mut modules) = (Vec::new(), Vec::new(), 0);
    let mut places = BTreeSet::new();
    for entry in payload.iter() {
        let entry = entry.map_err(file.failed())?;
        let (kind, path) = (entry.kind(), entry.name());
        let name = part_of(kind, path, &owners);
        let part = parts.entry(name.clone()).or_default();
        part.size += entry.raw_len();
        // Entries with the same contents share their place in the file.
        if places.insert(entry.offset()) {
            part.stored += entry.stored_len();
        }
        part.files += usize::from(kind == Kind::File);
        part.modules += usize::from(kind == Kind::Code);
        modules += usize::from(kind == Kind::Code);
        if kind == Kind::File && crate::scan::is_library(path) {
            libraries.push(LibraryInfo {
                path: path.to_owned(),
                size: entry.raw_len(),
                stored: entry.stored_len(),
                needs: entry
                    .needs()
                    .map_err(file.failed())?
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            });
        }
        files.push(FileInfo {
            kind,
            path: path.to_owned(),
            part: name,
            size: entry.raw_len(),
            stored: entry.stored_len(),
            hash: blake3::Hash::from_bytes(entry.hash()).to_hex().to_string(),
        });
    }
    let mut packages: Vec<PackageSize> = parts
        .into_iter()
        .map(|(name, part)| PackageSize { name, ..part })
        .collect();
    for part in &mut packages {
        if let Some(info) = manifest.packages.iter().find(|p| p.name == part.name) {
            part.version = Some(info.version.clone());
            part.license.clone_from(&info.license);
        }
    }
    packages.sort_by(|a, b| b.stored.cmp(&a.stored).then_with(|| a.name.cmp(&b.name)));
    Ok(Contents {
        path: file.path.clone(),
        size: file.len(),
        format: payload.version(),
        payload_size: payload.total_len(),
        hash: blake3::Hash::from_bytes(payload.hash())
            .to_hex()
            .to_string(),
        manifest,
        modules,
        packages,
        libraries,
        files,
    })
}

/// Which package lists which file, by the packages' RECORDs.
fn owners(payload: &Payload<'_>) -> Result<BTreeMap<String, String>, packed_resources::Error> {
    let mut owners = BTreeMap::new();
    for entry in payload.prefix(Kind::File, &format!("{SITE_PACKAGES}/")) {
        let entry = entry?;
        let Some(folder) = entry.name().strip_suffix(".dist-info/RECORD") else {
            continue;
        };
        let metadata = payload.get(Kind::File, &format!("{folder}.dist-info/METADATA"))?;
        let metadata = metadata.map(|m| m.read()).transpose()?.unwrap_or_default();
        let text = String::from_utf8_lossy(&metadata);
        let name = text
            .lines()
            .find_map(|l| l.strip_prefix("Name: "))
            .unwrap_or(folder)
            .to_owned();
        let record = entry.read()?;
        for path in crate::scan::listed(&String::from_utf8_lossy(&record)) {
            owners.insert(path, name.clone());
        }
    }
    Ok(owners)
}

fn part_of(kind: Kind, path: &str, owners: &BTreeMap<String, String>) -> String {
    if let Some(owner) = owners.get(path) {
        return owner.clone();
    }
    let below = |root: &str| path.strip_prefix(root).is_some_and(|r| r.starts_with('/'));
    match kind {
        Kind::Frozen => "(standard library)".into(),
        _ if below(STDLIB) && !below(SITE_PACKAGES) => "(standard library)".into(),
        _ if carried::is_pyxidium(path) => "(pyxidium)".into(),
        _ if below(runtime::FOLDER) => "(runtimes)".into(),
        Kind::Meta => "(manifest)".into(),
        _ => "(app)".into(),
    }
}

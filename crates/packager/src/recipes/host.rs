//! What recipes ask of the world: packages through the same door as any build's, listed file by file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use packed_resources::{EXECUTABLE, Kind, Payload};
use recipe::bzl::{Host, HostError, HostFile, Install, Pip, Reader};
use recipe::{Origin, Requirement};

use crate::build::{self, BuildOptions};
use crate::carried::{self, Parts};
use crate::pack::{Mapped, PackInfo};
use crate::{Error, Progress, Python, STDLIB, resolve};

/// The packager as a recipe sees it.
pub(super) struct PackagerHost<'a> {
    python: Python,
    options: &'a BuildOptions<'a>,
    progress: &'a dyn Progress,
}

impl<'a> PackagerHost<'a> {
    pub(super) fn new(
        options: &'a BuildOptions<'a>,
        progress: &'a dyn Progress,
    ) -> Result<Self, Error> {
        let own = options
            .base
            .manifest()
            .map_err(Error::payload(carried::UNREADABLE))?;
        Ok(Self {
            python: build::python(options, &own),
            options,
            progress,
        })
    }

    /// Reads files of packs and of Python's own library.
    pub(super) fn reader(&self) -> Reader {
        let base = self.options.base;
        Arc::new(move |file: &HostFile| match &file.pack {
            Some(pack) => Ok(read_packed(pack, &file.path)?),
            None => Ok(read(&base, &file.path)?),
        })
    }

    fn packs(&self, install: &Install, at: &Origin) -> Result<Vec<PathBuf>, Error> {
        let (pip, environment) = match install {
            Install::Environment { path } => {
                return resolve::of_environment(
                    &self.python,
                    self.options.cache,
                    path,
                    self.progress,
                );
            }
            Install::Pip { pip, environment } => (pip.clone(), environment),
            Install::Project { path, environment } => {
                let pip = Pip {
                    requirements: vec![path.display().to_string()],
                    no_dependencies: true,
                    ..Pip::default()
                };
                (pip, environment)
            }
        };
        let mut options = self.options.resolve.clone();
        options.environment = environment.clone();
        options.upgrade |= pip.upgrade && !options.offline;
        let indexes = &mut options.indexes;
        indexes.index_url = indexes.index_url.take().or(pip.index_url);
        indexes.extra_index_urls.extend(pip.extra_index_urls);
        indexes.find_links.extend(pip.find_links);
        for file in pip.constraints {
            options
                .extra
                .extend(["-c".into(), file.display().to_string()]);
        }
        for (flag, name) in [
            (pip.no_dependencies, "--no-deps"),
            (pip.pre_releases, "--pre"),
            (pip.no_index, "--no-index"),
            (pip.require_hashes, "--require-hashes"),
        ] {
            if flag {
                options.extra.push(name.into());
            }
        }
        let stated: Vec<Requirement> = pip
            .requirements
            .into_iter()
            .map(|text| Requirement {
                text,
                origin: at.clone(),
            })
            .collect();
        let find = || {
            resolve::packs(
                &self.python,
                self.options.cache,
                &stated,
                &pip.files,
                &options,
                self.progress,
            )
        };
        let packs = find()?;
        if build::discard_damaged(&packs, self.progress)? {
            return find();
        }
        Ok(packs)
    }
}

impl Host for PackagerHost<'_> {
    fn standard_library(&self) -> Result<Vec<HostFile>, HostError> {
        let parts = Parts {
            oxidized: false,
            compute: false,
            own: false,
            update: false,
            packager: false,
        };
        let mut files = Vec::new();
        for entry in self.options.base.iter() {
            let entry = entry.map_err(Error::payload(carried::UNREADABLE))?;
            let ours = entry.kind() == Kind::File
                && entry.name().starts_with(&format!("{STDLIB}/"))
                && !carried::is_pyxidium(entry.name());
            if ours && carried::goes_into_apps(&entry, parts).is_some() {
                files.push(HostFile {
                    path: entry.name().to_owned(),
                    pack: None,
                    distribution: String::new(),
                    executable: false,
                });
            }
        }
        Ok(files)
    }

    fn install(&self, install: &Install, at: &Origin) -> Result<Vec<HostFile>, HostError> {
        let mut files = Vec::new();
        for pack in self.packs(install, at)? {
            files.extend(listed(&pack)?);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// The files of a pack.
fn listed(pack: &Path) -> Result<Vec<HostFile>, Error> {
    let what = || format!("{} cannot be read", pack.display());
    let map = Mapped::open(pack)?;
    let payload = Payload::parse(&map.0).map_err(Error::payload(what()))?;
    let info = PackInfo::read(&payload, pack)?;
    let mut files = Vec::new();
    for entry in payload.iter() {
        let entry = entry.map_err(Error::payload(what()))?;
        if entry.kind() == Kind::File {
            files.push(HostFile {
                path: entry.name().to_owned(),
                pack: Some(pack.to_owned()),
                distribution: info.name.clone(),
                executable: entry.flags() & EXECUTABLE != 0,
            });
        }
    }
    Ok(files)
}

/// A file of a pack.
pub(super) fn read_packed(pack: &Path, path: &str) -> Result<Vec<u8>, Error> {
    let map = Mapped::open(pack)?;
    let what = format!("{} cannot be read", pack.display());
    read(&Payload::parse(&map.0).map_err(Error::payload(what))?, path)
}

/// A file of a payload.
pub(super) fn read(payload: &Payload<'_>, path: &str) -> Result<Vec<u8>, Error> {
    let what = || format!("{path} cannot be read");
    let entry = payload
        .get(Kind::File, path)
        .map_err(Error::payload(what()))?;
    let entry = entry.ok_or_else(|| Error::Missing { path: path.into() })?;
    Ok(entry.read().map_err(Error::payload(what()))?.into_owned())
}

//! Requirements to packs. An installer (uv where it is on PATH, else the pip that Pyxidium carries)
//! finds and lays down wheels once; each distribution becomes a pack; which packs a set of
//! requirements gave is kept, so that a second build needs neither the installer nor a network.

mod explain;
mod installer;
pub(crate) mod key;
mod project;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use recipe::Requirement;
use serde::{Deserialize, Serialize};

use crate::pack::{self, Effort};
use crate::{Cache, Error, Progress, Python, SITE_PACKAGES, cache, progress, scan};
use installer::Installer;
pub(crate) use installer::run;
pub(crate) use project::project_files;

/// Where packages come from.
#[derive(Debug, Clone, Default)]
pub struct Indexes {
    /// `--index-url`.
    pub index_url: Option<String>,
    /// `--extra-index-url`.
    pub extra_index_urls: Vec<String>,
    /// `--find-links`: folders or pages with wheels.
    pub find_links: Vec<String>,
}

/// How to find packages.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where they come from.
    pub indexes: Indexes,
    /// Look for newer versions although an answer is kept.
    pub upgrade: bool,
    /// Never reach for a network.
    pub offline: bool,
    /// Leave uv alone: the Python at hand may be started by its own program only.
    pub only_pip: bool,
    /// More arguments for the installer: `--no-deps`, `--pre`, `-c FILE`.
    pub extra: Vec<String>,
    /// Variables of its environment.
    pub environment: BTreeMap<String, String>,
}

/// What a set of requirements gave.
#[derive(Debug, Serialize, Deserialize)]
struct Resolution {
    packs: Vec<String>,
}

/// Packs for the requirements, in order of the distributions' names.
pub(crate) fn packs(
    python: &Python,
    cache: &Cache,
    stated: &[Requirement],
    files: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Error> {
    if stated.is_empty() && files.is_empty() {
        return Ok(Vec::new());
    }
    let hashed = stated.iter().any(|r| r.text.contains(" --hash="));
    // Folders of sources are built first: what is asked for then is a wheel with contents.
    let stated = stated
        .iter()
        .map(|r| project::built(python, cache, r, hashed, options, progress))
        .collect::<Result<Vec<_>, _>>()?;
    let asked = key::read(&stated, files)?;
    let key = asked.key(python, options);
    let kept = cache.resolution(&key);
    if !options.upgrade
        && let Some(packs) = asked.fixed.then(|| recall(&kept, cache)).flatten()
    {
        progress.note(&format!("packages: {} from the cache", packs.len()));
        return Ok(packs);
    }
    progress::check(progress)?;
    let work = cache.work()?;
    let own = work.path().join("stated.txt");
    let lines: String = stated
        .iter()
        .flat_map(|r| [r.text.as_str(), "\n"])
        .collect();
    fs_err::write(&own, lines)?;
    let mut lists: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    if !stated.is_empty() {
        lists.insert(0, &own);
    }
    let prefix = work.path().join("prefix");
    Installer::choose(python, cache, options)?
        .install(&prefix, &lists, options, &asked, progress)?;
    let names = pack_all(python, cache, &prefix, progress)?;
    let resolution = serde_json::to_vec(&Resolution {
        packs: names.clone(),
    })
    .unwrap_or_default();
    cache::write_file(&kept, &resolution, 0o644)?;
    Ok(names.iter().map(|n| cache.pack(n)).collect())
}

/// Packs of what is installed in a virtual environment.
pub(crate) fn of_environment(
    python: &Python,
    cache: &Cache,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Error> {
    let names = pack_all(python, cache, folder, progress)?;
    Ok(names.iter().map(|n| cache.pack(n)).collect())
}

/// Packs of pip, out of its own wheel, for Pyxidium's own file.
pub(crate) fn pip_itself(
    python: &Python,
    wheel: &Path,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Error> {
    let work = cache.work()?;
    let prefix = work.path().join("prefix");
    // A wheel of pure Python is an archive of what is installed, so no installer is needed for it.
    installer::unzip(python, wheel, &prefix.join(SITE_PACKAGES), progress)?;
    let names = pack_all(python, cache, &prefix, progress)?;
    Ok(names.iter().map(|n| cache.pack(n)).collect())
}

/// The packs of a kept answer, if they are all there.
fn recall(kept: &Path, cache: &Cache) -> Option<Vec<PathBuf>> {
    let resolution: Resolution = serde_json::from_slice(&std::fs::read(kept).ok()?).ok()?;
    let packs: Vec<PathBuf> = resolution.packs.iter().map(|n| cache.pack(n)).collect();
    packs.iter().all(|p| p.is_file()).then_some(packs)
}

/// Makes the packs that are missing; returns the keys of all.
fn pack_all(
    python: &Python,
    cache: &Cache,
    prefix: &Path,
    progress: &dyn Progress,
) -> Result<Vec<String>, Error> {
    let mut keys = Vec::new();
    let names = scan::installed(prefix)?;
    let libraries = names
        .iter()
        .map(|n| scan::libraries(prefix, n))
        .collect::<Result<Vec<_>, _>>()?;
    for (at, dist_info) in names.iter().enumerate() {
        progress::check(progress)?;
        let others = libraries
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, l)| l);
        let own_first: Vec<_> = std::iter::once(&libraries[at]).chain(others).collect();
        let distribution = scan::read(prefix, dist_info, &own_first)?;
        let key = key::of_pack(python, &distribution.info, &distribution.inputs);
        let scan::Distribution { info, inputs } = distribution;
        pack::make(
            python,
            info,
            &inputs,
            Effort::Package,
            &cache.pack(&key),
            progress,
        )?;
        keys.push(key);
    }
    Ok(keys)
}

//! Packs in another form: bytecode of another optimisation level, libraries without symbols, more
//! thoroughly compressed. Each is made out of the pack as it is and kept beside it, so no installer and no
//! network is asked again; the standard library is a pack of Pyxidium's own payload here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use packed_resources::{EXECUTABLE, Entry, Kind, Payload, Writer};
use rayon::prelude::*;
use recipe::BuildPlan;

use crate::pack::{self, Effort, Input, Mapped, PackInfo};
use crate::{Cache, Error, Progress, Python, carried, scan, strip};

/// The form of all packs of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    /// Level of the bytecode.
    pub(crate) optimize: u8,
    /// Whether libraries lose their symbols.
    pub(crate) strip: bool,
    /// Whether large files are compressed as far as it goes.
    pub(crate) smallest: bool,
}

impl Variant {
    /// What a plan asks for, if it is another form.
    pub(crate) fn of(plan: &BuildPlan) -> Option<Self> {
        let this = Self {
            optimize: plan.interpreter.optimization_level,
            strip: plan.strip,
            smallest: plan.smallest && plan.compress,
        };
        (this.optimize > 0 || this.strip || this.smallest).then_some(this)
    }

    fn key(self, of: &str, python: &Python) -> String {
        let text = format!(
            "{} {} {of} {} {} {}",
            pack::RECIPE,
            python.key,
            self.optimize,
            self.strip,
            self.smallest
        );
        blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
    }

    /// The variant of a package's pack.
    pub(crate) fn of_pack(
        self,
        path: &Path,
        python: &Python,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<PathBuf, Error> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut label = format!("-O{}", self.optimize);
        if self.strip {
            label.push_str("-stripped");
        }
        if self.smallest {
            label.push_str("-smallest");
        }
        let plain = name.rsplit_once('-').map_or(&*name, |(plain, _)| plain);
        let key = format!("{plain}{label}-{}", self.key(&name, python));
        let made = cache.pack(&key);
        if made.is_file() {
            return Ok(made);
        }
        let map = Mapped::open(path)?;
        let failed = || Error::payload(format!("{} cannot be used", path.display()));
        let payload = Payload::parse(&map.0).map_err(failed())?;
        let info = PackInfo {
            optimize: self.optimize,
            ..PackInfo::read(&payload, path)?
        };
        let inputs = self.inputs(&payload, &|_| true).map_err(failed())?;
        let changed: BTreeSet<&str> = inputs.iter().map(|i| i.path.as_str()).collect();
        let mut writer = Writer::new();
        writer.add(info.item()).map_err(failed())?;
        let stays = |e: &Entry<'_>| {
            let other = e.kind() == Kind::Meta || changed.contains(e.name());
            (!other).then(|| e.name().to_owned())
        };
        writer.merge(&payload, stays).map_err(failed())?;
        let codes = pack::compile(python, &info.name, &inputs, self.optimize, progress)?;
        for item in pack::entries(&inputs, &codes, self.effort(), &info.name, progress)? {
            writer.add_stored(item).map_err(failed())?;
        }
        pack::write(&made, &mut writer)?;
        Ok(made)
    }

    fn effort(self) -> Effort {
        if self.smallest {
            Effort::Smallest
        } else {
            Effort::Package
        }
    }

    /// Whether the standard library is another one, too. Its own libraries have no symbols.
    pub(crate) fn changes_base(self) -> bool {
        self.optimize > 0
    }

    /// The variant of what every app gets of Pyxidium's own payload, but for what is frozen.
    pub(crate) fn of_base(
        self,
        base: &Payload<'_>,
        python: &Python,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<PathBuf, Error> {
        let hash = blake3::Hash::from_bytes(base.hash()).to_hex();
        let made = cache.pack(&format!(
            "base-O{}-{}",
            self.optimize,
            self.key(&hash, python)
        ));
        if made.is_file() {
            return Ok(made);
        }
        let info = PackInfo {
            name: "the standard library".into(),
            version: python.version.clone(),
            optimize: self.optimize,
            ..PackInfo::default()
        };
        let inputs = self
            .inputs(base, &carried::is_for_apps)
            .map_err(Error::payload(carried::UNREADABLE))?;
        pack::make(python, info, &inputs, self.effort(), &made, progress)?;
        Ok(made)
    }

    /// The files of a pack that are other ones in this form.
    fn inputs(
        self,
        payload: &Payload<'_>,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> packed_resources::Result<Vec<Input>> {
        let entries = payload
            .prefix(Kind::File, "")
            .collect::<packed_resources::Result<Vec<_>>>()?;
        let read = |entry: &Entry<'_>| {
            let path = entry.name();
            let source = self.optimize > 0 && pack::is_source(path);
            let library = self.strip && scan::is_library(path);
            let large = self.smallest && Effort::smallest_pays(entry.raw_len());
            if !(source || library || large) || !wanted(path) {
                return Ok(None);
            }
            let mut data = entry.read()?.into_owned();
            if library {
                match strip::stripped(&data) {
                    Some(smaller) => data = smaller,
                    None if large => {}
                    None => return Ok(None),
                }
            }
            Ok(Some(Input {
                path: path.to_owned(),
                source: PathBuf::from(path),
                data,
                executable: entry.flags() & EXECUTABLE != 0,
                needs: entry.needs()?.into_iter().map(str::to_owned).collect(),
            }))
        };
        let found = entries
            .par_iter()
            .map(read)
            .collect::<packed_resources::Result<Vec<_>>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

//! Packs and Pyxidium's own payload into one: which entries, by the plan's selection, and in which form.
//! Bytes are taken as they are unless the plan wants them uncompressed.

use std::collections::BTreeSet;
use std::path::Path;

use packed_resources::{Entry, Item, Kind, Payload, Writer};
use recipe::BuildPlan;

use crate::pack::{Mapped, PackInfo};
use crate::select::Selector;
use crate::{Error, carried};

/// A pack that goes in.
pub(crate) struct Pack<'m> {
    path: &'m Path,
    payload: Payload<'m>,
    pub(crate) info: PackInfo,
}

impl<'m> Pack<'m> {
    pub(crate) fn read(path: &'m Path, map: &'m Mapped) -> Result<Self, Error> {
        let payload = Payload::parse(&map.0).map_err(Error::payload(unusable(path)))?;
        let info = PackInfo::read(&payload, path)?;
        Ok(Self {
            path,
            payload,
            info,
        })
    }
}

fn unusable(path: &Path) -> String {
    format!("{} cannot be used", path.display())
}

/// A payload under construction.
pub(crate) struct Merge<'m, 'p> {
    pub(crate) writer: Writer<'m>,
    pub(crate) selector: Selector<'p>,
    /// The standard library in the form that the plan asks for.
    library: Payload<'m>,
    compress: bool,
}

impl<'m, 'p> Merge<'m, 'p> {
    pub(crate) fn new(
        plan: &'p BuildPlan,
        base: Payload<'m>,
        library: Payload<'m>,
        packs: &[Pack<'m>],
        own: bool,
    ) -> Result<Self, Error> {
        let folders: Vec<String> = packs.iter().flat_map(|p| p.info.sys_path.clone()).collect();
        let mut payloads: Vec<(Payload<'_>, Option<&str>)> = packs
            .iter()
            .map(|p| (p.payload, Some(p.info.name.as_str())))
            .collect();
        payloads.extend([(library, None), (base, None)]);
        Ok(Self {
            writer: Writer::new(),
            selector: Selector::new(&plan.selection, &folders, &payloads, own)?,
            library,
            compress: plan.compress,
        })
    }

    /// Adds a package's entries; false if all of them stay out.
    pub(crate) fn pack(&mut self, pack: &Pack<'m>) -> Result<bool, Error> {
        let failed = || Error::payload(unusable(pack.path));
        let mut skip: BTreeSet<(Kind, String)> = BTreeSet::new();
        let mut any = false;
        let mut lists = Vec::new();
        for entry in pack.payload.iter() {
            let entry = entry.map_err(failed())?;
            let (kind, name) = (entry.kind(), entry.name());
            // The `pyxidium` of an index is for editors; in an app it is the one made for its runtime.
            let ours = kind == Kind::Meta || carried::is_pyxidium(name);
            // Two packages may bring the same file (`tests/__init__.py`); the installer left one of them.
            let taken = self.writer.contains(kind, name) || self.writer.contains(Kind::File, name);
            if ours || taken || !self.selector.takes(&entry, name, Some(&pack.info.name)) {
                skip.insert((kind, name.to_owned()));
            } else {
                any = true;
                if name.ends_with(".dist-info/RECORD") {
                    lists.push(entry);
                }
            }
        }
        for list in lists {
            let data = list.read().map_err(failed())?;
            if let Some(data) = self.selector.record(list.name(), &data) {
                skip.insert((list.kind(), list.name().to_owned()));
                let item = Item::new(Kind::File, list.name(), data);
                let item = if self.compress { item.zstd(17) } else { item };
                self.writer.add(item).map_err(failed())?;
            }
        }
        let map = |e: &Entry<'m>| {
            let key = (e.kind(), e.name().to_owned());
            (!skip.contains(&key)).then_some(key.1)
        };
        self.add(&pack.payload, map).map_err(failed())?;
        Ok(any)
    }

    /// Adds what every app gets, and the parts that this one gets besides.
    pub(crate) fn base(&mut self, base: &Payload<'m>, parts: carried::Parts) -> Result<(), Error> {
        let failed = || Error::payload(carried::UNREADABLE);
        let library = self.library;
        let mut payloads = vec![library];
        if library.hash() != base.hash() {
            payloads.push(*base);
        }
        for payload in payloads {
            let mut skip = BTreeSet::new();
            for entry in payload.iter() {
                let entry = entry.map_err(failed())?;
                let key = (entry.kind(), entry.name());
                let other_form = payload.hash() != library.hash()
                    && library.get(key.0, key.1).is_ok_and(|e| e.is_some());
                if let Some(path) = carried::goes_into_apps(&entry, parts)
                    && (other_form || !self.selector.takes(&entry, &path, None))
                {
                    skip.insert((key.0, key.1.to_owned()));
                }
            }
            let map = |e: &Entry<'m>| {
                let stays = !skip.contains(&(e.kind(), e.name().to_owned()));
                stays.then(|| carried::goes_into_apps(e, parts)).flatten()
            };
            self.add(&payload, map).map_err(failed())?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        payload: &Payload<'m>,
        map: impl Fn(&Entry<'m>) -> Option<String>,
    ) -> packed_resources::Result<()> {
        if self.compress {
            return self.writer.merge(payload, map);
        }
        for entry in payload.iter() {
            let entry = entry?;
            let Some(name) = map(&entry) else { continue };
            let mut item = Item::new(entry.kind(), name, entry.read()?);
            item.flags = entry.flags();
            item.align = entry.align();
            for path in entry.needs()? {
                let needed = payload
                    .get(Kind::File, path)?
                    .and_then(|library| map(&library));
                item.needs.push(needed.unwrap_or_else(|| path.to_owned()));
            }
            self.writer.add(item)?;
        }
        Ok(())
    }
}

//! What other people made of a sealed file, besides its packages: CPython, the libraries that it links,
//! the crates of the runtime. `cargo xtask dist` writes the list; an app gets its share of it, in an
//! entry of its own, with the texts of the licences.

use std::collections::{BTreeMap, BTreeSet};

use packed_resources::{Item, Kind, Payload};
use serde::{Deserialize, Serialize};

use crate::{Error, Runtime};

/// Name of the meta entry.
const ENTRY: &str = "components";

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, an SPDX expression.
    #[serde(default)]
    pub license: Option<String>,
    /// Its package URL.
    pub purl: String,
    /// Numbers of the licence texts that come with it, in [`Components::texts`].
    #[serde(default)]
    pub texts: Vec<usize>,
    /// Patches on top of the version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Components {
    /// By part of Pyxidium: numbers of components.
    pub parts: BTreeMap<String, Vec<usize>>,
    /// The components of all parts, each once.
    pub components: Vec<Component>,
    /// Texts of licences, each once.
    pub texts: Vec<String>,
    /// A runtime of the author's own, of which nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_runtime: Option<String>,
}

impl Components {
    /// Those of a sealed file; none for one that an older Pyxidium sealed.
    pub(crate) fn of(payload: &Payload<'_>) -> Result<Option<Self>, packed_resources::Error> {
        let Some(entry) = payload.get(Kind::Meta, ENTRY)? else {
            return Ok(None);
        };
        serde_json::from_slice(&entry.read()?)
            .map(Some)
            .map_err(packed_resources::Error::Manifest)
    }

    /// The share of an app.
    pub(crate) fn share(&self, runtime: &Runtime, compute: bool, packager: bool) -> Self {
        let mut parts = vec!["python"];
        match runtime {
            Runtime::Console => parts.push("console"),
            Runtime::Window => parts.push("window"),
            Runtime::File(_) => {}
        }
        if compute {
            parts.push("compute");
        }
        if packager {
            parts.extend(["command-line", "console", "window", "compute"]);
        }
        let mut share = Self {
            own_runtime: match runtime {
                Runtime::File(path) => Some(path.file_name().map_or_else(
                    || runtime.name(),
                    |name| name.to_string_lossy().into_owned(),
                )),
                _ => None,
            },
            ..Self::default()
        };
        for part in parts {
            let numbers = self.parts.get(part).into_iter().flatten();
            let wanted: BTreeSet<&Component> =
                numbers.filter_map(|&n| self.components.get(n)).collect();
            let numbers = wanted.into_iter().map(|c| self.take(c, &mut share));
            let numbers = numbers.collect();
            share.parts.insert(part.to_owned(), numbers);
        }
        share
    }

    /// The number in `share` of a component of ours.
    fn take(&self, component: &Component, share: &mut Self) -> usize {
        if let Some(known) = share
            .components
            .iter()
            .position(|c| c.purl == component.purl)
        {
            return known;
        }
        let texts = component.texts.iter().filter_map(|&n| self.texts.get(n));
        let texts = texts.map(|text| number(text, &mut share.texts)).collect();
        share.components.push(Component {
            texts,
            ..component.clone()
        });
        share.components.len() - 1
    }

    /// The entry, of which a hundred licences are small.
    pub(crate) fn item(&self) -> Item<'static> {
        // Plain data: nothing in it that JSON cannot say.
        let json = serde_json::to_vec(self).unwrap_or_default();
        Item::new(Kind::Meta, ENTRY, json).zstd(LEVEL)
    }
}

/// Read now and then, written once.
const LEVEL: i32 = 19;

fn number(text: &str, texts: &mut Vec<String>) -> usize {
    if let Some(known) = texts.iter().position(|t| t == text) {
        return known;
    }
    texts.push(text.to_owned());
    texts.len() - 1
}

/// Reads what `cargo xtask dist` wrote.
pub(crate) fn written(path: &std::path::Path) -> Result<Components, Error> {
    serde_json::from_slice(&fs_err::read(path)?).map_err(|e| Error::Worker {
        what: format!("{}: {e}", path.display()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(name: &str, texts: &[usize]) -> Component {
        Component {
            name: name.into(),
            version: "1".into(),
            license: None,
            purl: format!("pkg:generic/{name}@1"),
            texts: texts.into(),
            patches: Vec::new(),
        }
    }

    fn all() -> Components {
        Components {
            parts: [
                ("python", vec![0]),
                ("console", vec![2, 1]),
                ("window", vec![1, 2, 3]),
            ]
            .map(|(part, numbers)| (part.to_owned(), numbers))
            .into(),
            components: vec![
                component("cpython", &[2]),
                component("zlib", &[0]),
                component("blake3", &[0, 1]),
                component("gtk", &[1]),
            ],
            texts: ["MIT", "Apache", "PSF"].map(str::to_owned).into(),
            own_runtime: None,
        }
    }

    #[test]
    fn an_app_gets_its_share_in_order_with_the_texts_that_belong_to_it() {
        let share = all().share(&Runtime::Console, false, false);
        let names: Vec<_> = share.components.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["cpython", "blake3", "zlib"]);
        assert_eq!(share.texts, ["PSF", "MIT", "Apache"]);
        assert_eq!(share.components[1].texts, [1, 2]);
        assert!(!share.parts.contains_key("window"));
    }

    #[test]
    fn a_runtime_of_the_authors_own_is_named() {
        let share = all().share(&Runtime::File("out/mine".into()), false, false);
        assert_eq!(share.own_runtime.as_deref(), Some("mine"));
        assert_eq!(share.components.len(), 1);
    }
}

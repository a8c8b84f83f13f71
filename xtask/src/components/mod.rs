//! What the runtimes are made of, with licences and their texts: for `pyxidium sbom` and `pyxidium licenses`.
//!
//! Written when Pyxidium is sealed, since only then crates and system packages can be asked. The
//! packager reads this file (`packager::components`); apps get the parts that they are made of.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::Context;
use crate::error::{Error, Result};
use crate::python::Cpython;

mod crates;
mod python;

/// One thing that somebody else made.
#[derive(Debug, Clone, Serialize)]
struct Component {
    name: String,
    version: String,
    /// An SPDX expression.
    license: Option<String>,
    /// A package URL, by which databases of vulnerabilities know it.
    purl: String,
    /// Numbers of the licence texts that come with it.
    texts: Vec<usize>,
    /// Patches on top of the version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patches: Vec<String>,
}

/// Everything, each component and each text once.
#[derive(Debug, Default, Serialize)]
struct Components {
    /// By part of Pyxidium: numbers of components.
    parts: BTreeMap<&'static str, Vec<usize>>,
    components: Vec<Component>,
    texts: Vec<String>,
}

impl Components {
    /// The number of a text, which is kept once.
    fn text(&mut self, text: &str) -> usize {
        let text = text.trim();
        match self.texts.iter().position(|t| t == text) {
            Some(number) => number,
            None => {
                self.texts.push(text.to_owned());
                self.texts.len() - 1
            }
        }
    }

    /// Adds a component to a part.
    fn add(&mut self, part: &'static str, component: Component) {
        let known = self
            .components
            .iter()
            .position(|c| c.purl == component.purl);
        let number = known.unwrap_or_else(|| {
            self.components.push(component);
            self.components.len() - 1
        });
        self.parts.entry(part).or_default().push(number);
    }
}

/// Writes the file and says where it is.
pub fn write(context: &Context, cpython: &Cpython) -> Result<PathBuf> {
    let mut all = Components::default();
    python::add(&cpython.home, &mut all)?;
    crates::add(context, &mut all)?;
    let out = context.workspace.release("components.json");
    let json = serde_json::to_vec(&all).map_err(|e| Error::Unexpected {
        what: e.to_string(),
    })?;
    fs_err::write(&out, json)?;
    Ok(out)
}

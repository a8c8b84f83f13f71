//! Modules that were left out of a sealed file on purpose, so that the app can say so when one is missed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Modules that are not in the payload, and why. Stored as the meta entry `left-out`, which is read
/// only when an import fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutModules {
    /// Why; `{module}` in it stands for the name that was asked for.
    pub reasons: Vec<String>,
    /// Dotted names, each with the number of its reason. What is inside of a package that is named is
    /// not named again: it cannot be imported without it.
    pub modules: BTreeMap<String, usize>,
}

impl LeftOutModules {
    /// Name of the meta entry.
    pub const ENTRY: &'static str = "left-out";

    /// Reads JSON.
    ///
    /// # Errors
    /// When it is not such a list.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(Error::Manifest)
    }

    /// Writes JSON: the same list, the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Only a map with keys that are no strings, or a failing writer, can make this fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Why a module is not there, if it was left out.
    #[must_use]
    pub fn reason(&self, module: &str) -> Option<String> {
        let reason = self.reasons.get(*self.modules.get(module)?)?;
        Some(reason.replace("{module}", module))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_the_module() {
        let list = LeftOutModules {
            reasons: vec!["x".into(), "build with --keep {module}".into()],
            modules: BTreeMap::from([("a.b".into(), 1), ("c".into(), 7)]),
        };
        let list = LeftOutModules::from_json(&list.to_json()).unwrap();
        assert_eq!(list.reason("a.b").unwrap(), "build with --keep a.b");
        assert_eq!(list.reason("a"), None);
        assert_eq!(list.reason("c"), None);
    }
}

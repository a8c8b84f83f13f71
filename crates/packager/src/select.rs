//! Which entries of the packs and of the standard library go into an app, as its [`Selection`] says.
//! Decides only; merging is `build`'s. The app's own files and what starts CPython are no question.

use std::collections::{BTreeMap, BTreeSet};

use packed_resources::{Entry, Item, Kind, LeftOutModules, Payload};
use recipe::{Part, Selection};
use serde::Serialize;

use crate::{APP, Error, SITE_PACKAGES, STDLIB, carried};

/// Suffixes of modules, longest first.
const SUFFIXES: [&str; 4] = [".cpython-313-x86_64-linux-gnu.so", ".abi3.so", ".so", ".py"];

/// What [`crate::inspect`] and messages call what comes with Python.
const STANDARD_LIBRARY: &str = "(standard library)";

/// A file or module that stays out.
#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    /// Its payload path.
    pub path: String,
    /// The package that it belongs to.
    pub part: String,
    /// Why.
    pub reason: String,
    /// Bytes that it would take in the file.
    pub stored: u64,
}

/// Decides about entries, and remembers what it left out.
pub(crate) struct Selector<'p> {
    selection: &'p Selection,
    /// Folders in which modules are looked for, the longest first.
    roots: Vec<String>,
    /// All paths that stay, if only some do.
    only: Option<BTreeSet<String>>,
    missing: BTreeMap<String, Missing>,
    modules: BTreeMap<String, usize>,
}

impl<'p> Selector<'p> {
    /// `sys_path` are the folders that packages add; `payloads` is all that entries come from, each
    /// with the name of its package. `own`: what answers to the manifest's own arguments stays.
    pub(crate) fn new(
        selection: &'p Selection,
        sys_path: &[String],
        payloads: &[(Payload<'_>, Option<&str>)],
        own: bool,
    ) -> Result<Self, Error> {
        let mut roots: Vec<String> = [APP, STDLIB, SITE_PACKAGES].map(str::to_owned).into();
        roots.push(format!("{STDLIB}/lib-dynload"));
        roots.extend(sys_path.iter().filter(|f| !f.is_empty()).cloned());
        roots.sort_by_key(|r| std::cmp::Reverse(r.len()));
        roots.dedup();
        let mut this = Self {
            selection,
            roots,
            only: None,
            missing: BTreeMap::new(),
            modules: BTreeMap::new(),
        };
        if selection.only.is_some() {
            let stays = this.stays(payloads, own).map_err(Error::payload(FAILED))?;
            this.only = Some(stays);
        }
        Ok(this)
    }

    /// The closure of what was seen: with libraries go the libraries that they need.
    fn stays(
        &self,
        payloads: &[(Payload<'_>, Option<&str>)],
        own: bool,
    ) -> packed_resources::Result<BTreeSet<String>> {
        let Some(only) = &self.selection.only else {
            return Ok(BTreeSet::new());
        };
        let mut stays = only.paths.clone();
        let kept = self.kept(payloads, &only.keep)?;
        let mut always = ALWAYS.to_vec();
        if own {
            always.extend(carried::OWN_NEEDS);
            stays.insert(format!("{}/__init__.py", carried::pyxidium()));
        }
        // A package of the standard library stays whole: which part of it is used may depend on the
        // machine or on an error, and none of them is large.
        let whole: BTreeSet<&str> = only
            .paths
            .iter()
            .filter_map(|path| standard_package(path))
            .collect();
        for (payload, part) in payloads {
            let mut used = BTreeSet::new();
            for entry in payload.iter() {
                let entry = entry?;
                let path = entry.name();
                let standard = part.is_none()
                    && (standard_package(path).is_some_and(|p| whole.contains(p))
                        || always.iter().any(|m| self.in_package(path, m)));
                let goes_in = standard
                    || only.paths.contains(path)
                    || kept.contains(path)
                    || only.keep.iter().any(|m| self.in_package(path, m));
                if goes_in {
                    stays.insert(path.to_owned());
                    stays.extend(entry.needs()?.into_iter().map(str::to_owned));
                    used.extend(distribution_folder(path).map(str::to_owned));
                }
            }
            // A package of which anything stays keeps its name, its terms and its list of files.
            let any = payload.iter().any(|e| {
                e.is_ok_and(|e| {
                    e.kind() == Kind::File
                        && stays.contains(e.name())
                        && distribution_folder(e.name()).is_none()
                })
            });
            if any || !used.is_empty() {
                for entry in payload.prefix(Kind::File, &format!("{SITE_PACKAGES}/")) {
                    let path = entry?.name();
                    if is_about(path) {
                        stays.insert(path.to_owned());
                    }
                }
            }
        }
        Ok(stays)
    }

    /// Files of the modules that `keep` names, of the packages around them, and of what they all import, as far as
    /// their sources say it: no run has shown what they need.
    fn kept(
        &self,
        payloads: &[(Payload<'_>, Option<&str>)],
        keep: &[String],
    ) -> packed_resources::Result<BTreeSet<String>> {
        let mut kept = BTreeSet::new();
        if keep.is_empty() {
            return Ok(kept);
        }
        let mut modules = BTreeMap::new();
        let mut waiting = Vec::new();
        for (payload, _) in payloads {
            for entry in payload.iter() {
                let entry = entry?;
                let module = (entry.kind() == Kind::File).then(|| self.module_of(entry.name()));
                if let Some(module) = module.flatten() {
                    if keep.iter().any(|k| self.in_package(entry.name(), k)) {
                        waiting.push(module.clone());
                    }
                    modules.entry(module).or_insert(entry);
                }
            }
        }
        while let Some(module) = waiting.pop() {
            let above = module.rsplit_once('.').map_or("", |(above, _)| above);
            // Nothing is imported without the packages that it is in.
            waiting.extend((!above.is_empty()).then(|| above.to_owned()));
            let Some(entry) = modules.get(&module) else {
                continue;
            };
            let path = entry.name();
            if !kept.insert(path.to_owned()) || !path.ends_with(".py") {
                continue;
            }
            let package = if path.ends_with("/__init__.py") {
                &module
            } else {
                above
            };
            waiting.extend(recipe::imported(&entry.read()?, package));
        }
        Ok(kept)
    }

    /// Whether an entry that would be called `path` goes in. `part` is the package that it is of.
    pub(crate) fn takes(&mut self, entry: &Entry<'_>, path: &str, part: Option<&str>) -> bool {
        if matches!(entry.kind(), Kind::Frozen | Kind::Meta) {
            return true;
        }
        let Some((number, reason)) = self.reason(path, part) else {
            return true;
        };
        if let Some(module) = self.module_of(path) {
            self.modules.entry(module).or_insert(number);
        }
        let missing = self
            .missing
            .entry(path.to_owned())
            .or_insert_with(|| Missing {
                path: path.to_owned(),
                part: part.unwrap_or(STANDARD_LIBRARY).to_owned(),
                reason,
                stored: 0,
            });
        missing.stored += entry.stored_len();
        false
    }

    /// Why a path stays out: the number of the reason, and the reason.
    fn reason(&self, path: &str, part: Option<&str>) -> Option<(usize, String)> {
        let left_out = &self.selection.left_out;
        let fits = |what: &Part| match what {
            Part::Path(there) => path == there || below(path, there),
            Part::Module(name) => self.module_of(path).as_ref() == Some(name),
            Part::Package(name) => self.in_package(path, name),
            Part::Distribution(name) => part.is_some_and(|p| normalised(p) == normalised(name)),
        };
        if let Some(number) = left_out.iter().position(|l| fits(&l.what)) {
            return Some((number, left_out[number].reason.clone()));
        }
        let only = self.selection.only.as_ref()?;
        let stays = carried::is_pyxidium(path)
            || below(path, APP)
            || self.only.as_ref().is_some_and(|o| o.contains(path));
        (!stays).then(|| (left_out.len(), only.reason.clone()))
    }

    /// The module whose code a file is.
    fn module_of(&self, path: &str) -> Option<String> {
        let root = self.roots.iter().find(|r| below(path, r))?;
        let rest = &path[root.len() + 1..];
        let stem = SUFFIXES.iter().find_map(|s| rest.strip_suffix(s))?;
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        let name = |part: &str| !part.is_empty() && !part.contains(['.', '-']);
        stem.split('/').all(name).then(|| stem.replace('/', "."))
    }

    /// Whether a file is of a module or package, or lies in it.
    fn in_package(&self, path: &str, name: &str) -> bool {
        let folder = name.replace('.', "/");
        let inside = |root: &String| below(path, root) && below(&path[root.len() + 1..], &folder);
        self.module_of(path).as_deref() == Some(name) || self.roots.iter().any(inside)
    }

    /// A package's list of its files without those that stay out, if any does.
    pub(crate) fn record(&self, path: &str, data: &[u8]) -> Option<Vec<u8>> {
        if self.missing.is_empty() || !path.ends_with(".dist-info/RECORD") {
            return None;
        }
        let text = String::from_utf8_lossy(data);
        let stays = |p: &str| !self.missing.contains_key(p);
        Some(crate::scan::filtered_record(&text, path, &stays).into_bytes())
    }

    /// What an app must hold besides its entries: empty folders that it looks at, and the list that
    /// tells why an import fails. `has` tells whether anything is at or below a path.
    pub(crate) fn items(&self, has: &dyn Fn(&str) -> bool) -> Vec<Item<'static>> {
        let mut items: Vec<Item<'static>> = Vec::new();
        if let Some(only) = &self.selection.only {
            // Of two folders in one another only the inner needs to be said.
            let gone = |f: &&String| !has(f) && !only.folders.iter().any(|o| below(o, f));
            for folder in only.folders.iter().filter(gone) {
                items.push(Item::new(Kind::Directory, folder.clone(), Vec::new()));
            }
        }
        if !self.modules.is_empty() {
            let parent_is_gone = |name: &str| {
                let parent = name.rsplit_once('.').map(|(parent, _)| parent);
                parent.is_some_and(|p| self.modules.contains_key(p))
            };
            let mut reasons: Vec<String> = self
                .selection
                .left_out
                .iter()
                .map(|l| l.reason.clone())
                .collect();
            reasons.extend(self.selection.only.iter().map(|o| o.reason.clone()));
            let list = LeftOutModules {
                reasons,
                modules: self
                    .modules
                    .iter()
                    .filter(|(name, _)| !parent_is_gone(name))
                    .map(|(name, number)| (name.clone(), *number))
                    .collect(),
            };
            items.push(Item::new(Kind::Meta, LeftOutModules::ENTRY, list.to_json()).zstd(17));
        }
        items
    }

    /// What stays out, in order of paths.
    pub(crate) fn into_missing(self) -> Vec<Missing> {
        self.missing.into_values().collect()
    }
}

/// What Python needs to say what went wrong, which a recorded run may not have shown.
const ALWAYS: [&str; 32] = [
    "__future__",
    "_collections_abc",
    "_colorize",
    "_sitebuiltins",
    "_weakrefset",
    "abc",
    "ast",
    "codecs",
    "collections",
    "contextlib",
    "copyreg",
    "encodings",
    "enum",
    "functools",
    "genericpath",
    "io",
    "keyword",
    "linecache",
    "operator",
    "os",
    "posixpath",
    "re",
    "reprlib",
    "stat",
    "textwrap",
    "threading",
    "token",
    "tokenize",
    "traceback",
    "types",
    "unicodedata",
    "warnings",
];

/// The package of the standard library that a file lies in, as its payload path.
fn standard_package(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(STDLIB)?.strip_prefix('/')?;
    let (package, inside) = rest.split_once('/')?;
    let other = ["site-packages", "lib-dynload"].contains(&package);
    (!other).then(|| &path[..path.len() - inside.len() - 1])
}

const FAILED: &str = "a package's pack cannot be read";

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The `.dist-info` folder that a file lies in.
fn distribution_folder(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(SITE_PACKAGES)?.strip_prefix('/')?;
    let folder = rest.split('/').next()?;
    (folder.ends_with(".dist-info") && rest.len() > folder.len()).then_some(folder)
}

/// Files that say what a package is and on what terms it may be passed on.
fn is_about(path: &str) -> bool {
    if distribution_folder(path).is_none() {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let upper = name.to_ascii_uppercase();
    let terms = ["LICEN", "COPYING", "NOTICE", "AUTHORS", "PATENTS"];
    matches!(name, "METADATA" | "RECORD" | "entry_points.txt")
        || path.contains(".dist-info/licenses/")
        || terms.iter().any(|t| upper.contains(t))
}

/// Names of packages are compared like this.
fn normalised(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars().map(|c| {
        if "._".contains(c) {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    }) {
        if !(c == '-' && plain.ends_with('-')) {
            plain.push(c);
        }
    }
    plain
}

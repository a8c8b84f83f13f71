//! Which bundled libraries a shared object needs, in the order in which they have to be loaded.
//!
//! In memory there is no folder beside a library, so the loader cannot follow RUNPATH. The answer is
//! worked out here as the loader would have found it: by RUNPATH from the object's own folder, or by
//! name among the libraries of the same package.

use std::collections::{BTreeMap, BTreeSet};

use crate::section::dynamic::Dynamic;
use crate::section::elf::Elf;

/// What a shared object says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Library {
    pub(crate) soname: Option<String>,
    pub(crate) needed: Vec<String>,
    /// RPATH and RUNPATH.
    pub(crate) search: Vec<String>,
}

/// Shared objects by payload path.
pub(crate) type Libraries = BTreeMap<String, Library>;

impl Library {
    /// Reads a shared object; `None` for any other file.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        let Dynamic {
            soname,
            needed,
            search,
            glibc: _,
        } = Elf::parse(data).ok()?.dynamic()?;
        Some(Self {
            soname,
            needed,
            search,
        })
    }
}

/// Payload paths of what `path` needs, dependencies first. The first of `packs` is the object's own
/// package; in the others only RUNPATH finds something.
pub(crate) fn of(path: &str, packs: &[&Libraries]) -> Vec<String> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::from([path.to_owned()]);
    visit(path, packs, &mut seen, &mut order);
    order.pop();
    order
}

fn visit(path: &str, packs: &[&Libraries], seen: &mut BTreeSet<String>, order: &mut Vec<String>) {
    if let Some(library) = packs.iter().find_map(|p| p.get(path)) {
        for name in &library.needed {
            if let Some(found) = find(path, library, name, packs)
                && seen.insert(found.clone())
            {
                visit(&found, packs, seen, order);
            }
        }
    }
    order.push(path.to_owned());
}

fn find(path: &str, library: &Library, name: &str, packs: &[&Libraries]) -> Option<String> {
    let origin = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for folder in &library.search {
        let folder = folder.replace("${ORIGIN}", "$ORIGIN");
        let Some(rest) = folder.strip_prefix("$ORIGIN") else {
            continue;
        };
        let candidate = join(origin, &format!("{rest}/{name}"));
        if let Some(candidate) = candidate.filter(|c| packs.iter().any(|p| p.contains_key(c))) {
            return Some(candidate);
        }
    }
    if is_systems(name) {
        return None;
    }
    // A library that another one of the package brings in, or that Python code loads first.
    let own = packs.first()?;
    let named = |(p, l): &(&String, &Library)| {
        p.rsplit('/').next() == Some(name) || l.soname.as_deref() == Some(name)
    };
    let mut found = own.iter().filter(named);
    match (found.next(), found.next()) {
        (Some((path, _)), None) => Some(path.clone()),
        _ => None,
    }
}

/// Names that mean the machine's own library unless RUNPATH says otherwise.
fn is_systems(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "libc.so",
        "libm.so",
        "libdl.so",
        "libpthread.so",
        "librt.so",
        "libutil.so",
        "ld-linux",
        "libgcc_s.so",
        "libstdc++.so",
        "libresolv.so",
        "libnsl.so",
        "libcrypt.so",
        "libX11.so",
        "libGL.so",
    ];
    NAMES.iter().any(|n| name.starts_with(n))
}

/// The payload path that `path` means in `folder`; `None` for one that leaves the payload.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(list: &[(&str, &[&str], &[&str])]) -> Libraries {
        let strings = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
        list.iter()
            .map(|(path, needed, search)| {
                (
                    (*path).to_owned(),
                    Library {
                        soname: None,
                        needed: strings(needed),
                        search: strings(search),
                    },
                )
            })
            .collect()
    }

    #[test]
    fn dependencies_come_first() {
        let numpy = pack(&[
            (
                "s/numpy/_core/m.so",
                &["libblas.so", "libc.so.6"],
                &["$ORIGIN/../../numpy.libs"],
            ),
            (
                "s/numpy.libs/libblas.so",
                &["libfort.so", "libm.so.6"],
                &["$ORIGIN"],
            ),
            ("s/numpy.libs/libfort.so", &["libquad.so"], &[]),
            ("s/numpy.libs/libquad.so", &[], &[]),
        ]);
        assert_eq!(
            of("s/numpy/_core/m.so", &[&numpy]),
            [
                "s/numpy.libs/libquad.so",
                "s/numpy.libs/libfort.so",
                "s/numpy.libs/libblas.so"
            ]
        );
    }

    #[test]
    fn other_packs_are_reached_by_runpath_only() {
        let one = pack(&[("s/a/m.so", &["libx.so", "liby.so"], &["$ORIGIN/../b/lib"])]);
        let two = pack(&[("s/b/lib/libx.so", &[], &[]), ("s/c/liby.so", &[], &[])]);
        assert_eq!(of("s/a/m.so", &[&one, &two]), ["s/b/lib/libx.so"]);
    }

    #[test]
    fn rings_end() {
        let ring = pack(&[
            ("a.so", &["b.so"], &["$ORIGIN"]),
            ("b.so", &["a.so"], &["$ORIGIN"]),
        ]);
        assert_eq!(of("a.so", &[&ring]), ["b.so"]);
    }
}

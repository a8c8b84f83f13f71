//! For any entries at all: what is written is read, found, listed, and the same each time.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::finish;
use packed_resources::{Item, Kind, Payload, Writer, compress};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Spec {
    data: Vec<u8>,
    level: Option<i32>,
    align: u32,
    flags: u32,
    needs: Vec<String>,
    x86: (u64, u64),
}

type Specs = BTreeMap<(Kind, String), Spec>;

fn path() -> impl Strategy<Value = String> {
    // Letters below and above the slash in the order of bytes, and short names that meet.
    prop::collection::vec("[ab.\\-0é~]{1,3}", 1..5)
        .prop_map(|parts| parts.join("/"))
        .prop_filter("plain", |path| {
            path.split('/').all(|part| part != "." && part != "..")
        })
}

fn spec() -> impl Strategy<Value = Spec> {
    let data = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        (any::<u8>(), 0..5000usize).prop_map(|(byte, len)| vec![byte; len]),
        // A few contents that several entries share.
        (0..4u8).prop_map(|n| vec![n; 100]),
        // What looks like instructions, and addresses small enough to be some.
        prop::collection::vec(
            prop::sample::select(&[0xe8, 0xff, 0x15, 0x48, 0x0f, 0xc5, 0x05, 0, 0, 0, 1, 0xfe][..]),
            0..900
        ),
    ];
    let needs = prop::collection::vec(path(), 0..3);
    (
        data,
        prop::option::of(-5..12i32),
        0..13u32,
        any::<u32>(),
        needs,
        (0..100u64, 0..999u64),
    )
        .prop_map(|(data, level, align, flags, needs, x86)| Spec {
            data,
            level,
            align: 1 << align,
            flags,
            needs,
            x86,
        })
}

/// Entries that fit together: no file has anything below it.
fn specs() -> impl Strategy<Value = Specs> {
    let kind = prop::sample::select(&Kind::ALL[..]);
    prop::collection::vec(((kind, path()), spec()), 0..60).prop_map(|list| {
        let mut specs = Specs::new();
        let mut dirs = BTreeSet::new();
        for ((kind, name), mut spec) in list {
            let above: Vec<String> = parents(&name).collect();
            let in_tree = matches!(kind, Kind::File | Kind::Directory);
            let is_file = |path: &String| specs.contains_key(&(Kind::File, path.clone()));
            let clash = in_tree && (above.iter().any(is_file) || is_file(&name))
                || kind == Kind::File && dirs.contains(&name);
            if clash {
                continue;
            }
            if in_tree {
                dirs.extend(above);
            }
            if kind == Kind::Directory {
                dirs.insert(name.clone());
                spec.data.clear();
            }
            specs.insert((kind, name), spec);
        }
        specs
    })
}

fn parents(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('/').map(|(at, _)| path[..at].to_owned())
}

fn item<'a>((kind, name): &(Kind, String), spec: &'a Spec) -> Item<'a> {
    let mut item = Item::new(*kind, name.clone(), &spec.data[..]);
    if let Some(level) = spec.level {
        item = item.zstd(level);
    }
    (item.align, item.flags, item.needs) = (spec.align, spec.flags, spec.needs.clone());
    item.x86 = Some(spec.x86.0..spec.x86.1);
    item.smallest = spec.align > 1;
    item
}

fn write<'a>(specs: impl Iterator<Item = (&'a (Kind, String), &'a Spec)>) -> Vec<u8> {
    let mut writer = Writer::new();
    specs.for_each(|(key, spec)| writer.add(item(key, spec)).unwrap());
    finish(&mut writer)
}

/// Directory listings the slow way: name to whether it is a directory.
fn listings(specs: &Specs) -> BTreeMap<String, BTreeMap<String, bool>> {
    let mut listings = BTreeMap::from([(String::new(), BTreeMap::new())]);
    for (kind, name) in specs
        .keys()
        .filter(|(kind, _)| matches!(kind, Kind::File | Kind::Directory))
    {
        let mut steps: Vec<(String, bool)> = parents(name).map(|dir| (dir, true)).collect();
        steps.push((name.clone(), *kind == Kind::Directory));
        for (path, is_dir) in steps {
            let (dir, name) = path.rsplit_once('/').unwrap_or(("", &path));
            listings
                .get_mut(dir)
                .unwrap()
                .insert(name.to_owned(), is_dir);
            if is_dir {
                listings.entry(path).or_default();
            }
        }
    }
    listings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn written_is_read(specs in specs()) {
        let bytes = write(specs.iter());
        let payload = Payload::parse(&bytes).unwrap();
        let summary = payload.verify(&|_| ()).unwrap();
        prop_assert_eq!(summary.entries, specs.len());
        for (i, (entry, ((kind, name), spec))) in payload.iter().zip(&specs).enumerate() {
            let entry = entry.unwrap();
            prop_assert_eq!((entry.kind(), entry.name(), entry.index()), (*kind, name.as_str(), i));
            prop_assert_eq!(entry.flags(), spec.flags);
            prop_assert_eq!(entry.offset() % u64::from(entry.align()), 0);
            prop_assert!(spec.data.is_empty() || entry.align() >= spec.align);
            prop_assert_eq!(entry.needs().unwrap(), spec.needs.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(&*entry.read().unwrap(), &spec.data[..]);
            prop_assert_eq!(payload.get(*kind, name).unwrap().unwrap().index(), i);
        }
    }

    #[test]
    fn the_order_of_adding_does_not_show(specs in specs()) {
        prop_assert_eq!(write(specs.iter()), write(specs.iter().rev()));
    }

    #[test]
    fn look_ups_agree_with_the_slow_way(specs in specs(), other in path()) {
        let bytes = write(specs.iter());
        let payload = Payload::parse(&bytes).unwrap();
        let listings = listings(&specs);
        for (dir, expected) in &listings {
            let mut found = BTreeMap::new();
            for child in payload.children(dir).unwrap() {
                let child = child.unwrap();
                let kind = if child.is_dir { Kind::Directory } else { Kind::File };
                let slash = if dir.is_empty() { "" } else { "/" };
                let full = format!("{dir}{slash}{}", child.name);
                let own = payload.get(kind, &full).unwrap().map(|entry| entry.index());
                prop_assert_eq!(child.entry.map(|entry| entry.index()), own);
                prop_assert_eq!(found.insert(child.name.to_owned(), child.is_dir), None, "{} twice", full);
            }
            prop_assert_eq!(&found, expected);
        }
        let paths = specs.keys().map(|(_, name)| name.clone()).chain([other, String::new()]);
        for path in paths.flat_map(|path| [format!("{path}x"), path]) {
            prop_assert_eq!(payload.is_dir(&path).unwrap(), listings.contains_key(&path));
            for kind in Kind::ALL {
                let has = specs.contains_key(&(kind, path.clone()));
                prop_assert_eq!(payload.get(kind, &path).unwrap().is_some(), has);
                let slow = specs.keys().filter(|(k, name)| *k == kind && name.starts_with(&path));
                let fast = payload.prefix(kind, &path).map(|entry| entry.unwrap().name());
                prop_assert!(fast.eq(slow.map(|(_, name)| name.as_str())));
            }
        }
    }

    #[test]
    fn merging_parts_gives_the_whole(specs in specs(), split in any::<u64>()) {
        let half = |odd| {
            let mut n = 0u32;
            move |_: &(&(Kind, String), &Spec)| {
                n += 1;
                (split >> (n % 64) & 1 == 1) == odd
            }
        };
        let parts = [write(specs.iter().filter(half(true))), write(specs.iter().filter(half(false)))];
        let payloads = parts.each_ref().map(|bytes| Payload::parse(bytes).unwrap());
        let mut writer = Writer::new();
        for payload in &payloads {
            writer.merge(payload, |entry| Some(entry.name().to_owned())).unwrap();
        }
        let merged = finish(&mut writer);
        let mut whole = Writer::new();
        for (key, spec) in &specs {
            whole.add_stored(compress(item(key, spec)).unwrap()).unwrap();
        }
        let summary = whole.finish(&mut std::io::sink()).unwrap();
        let payload = Payload::parse(&merged).unwrap();
        prop_assert_eq!(payload.verify(&|_| ()).unwrap().kinds, summary.kinds);
        for (entry, spec) in payload.iter().zip(specs.values()) {
            prop_assert_eq!(&*entry.unwrap().read().unwrap(), &spec.data[..]);
        }
    }
}

//! Merging: names change, and what entries say of each other follows.

mod common;

use common::{finish, module, sample};
use packed_resources::{Error, Item, Kind, Payload, Writer};

#[test]
fn everything_moves_below_a_folder() {
    let bytes = sample();
    let pack = Payload::parse(&bytes).unwrap();
    let mut writer = Writer::new();
    let moved = |name: &str| format!("site-packages/{name}");
    writer
        .merge(&pack, |entry| {
            (entry.kind() > Kind::Frozen).then(|| moved(entry.name()))
        })
        .unwrap();
    // Entries before the merged ones shift every number.
    writer
        .add(Item::new(Kind::Code, "aaa.py", &b"code"[..]))
        .unwrap();
    let merged = finish(&mut writer);
    let payload = Payload::parse(&merged).unwrap();
    payload.verify(&|_| ()).unwrap();
    for old in pack
        .iter()
        .map(Result::unwrap)
        .filter(|entry| entry.kind() > Kind::Frozen)
    {
        let new = payload
            .get(old.kind(), &moved(old.name()))
            .unwrap()
            .unwrap();
        assert_eq!(new.hash(), old.hash());
        assert_eq!(new.stored().unwrap(), old.stored().unwrap());
        assert_eq!(
            (new.compression(), new.flags()),
            (old.compression(), old.flags())
        );
        assert_eq!(new.read().unwrap(), old.read().unwrap());
    }
    let library = payload
        .get(Kind::File, "site-packages/lib/x.so")
        .unwrap()
        .unwrap();
    assert_eq!(
        library.needs().unwrap(),
        ["site-packages/lib/y.so", "site-packages/lib/z.so"]
    );
    let source = payload
        .get(Kind::File, "site-packages/app.py")
        .unwrap()
        .unwrap();
    assert_eq!(
        source.base().unwrap().unwrap().name(),
        "site-packages/app.py"
    );
    assert_eq!(*source.read().unwrap(), module().1);
}

#[test]
fn libraries_that_are_not_in_the_pack_keep_their_names() {
    let mut item = Item::new(Kind::File, "x.so", &b"x"[..]);
    item.needs = vec!["elsewhere/y.so".into()];
    let mut writer = Writer::new();
    writer.add(item).unwrap();
    let bytes = finish(&mut writer);
    let mut writer = Writer::new();
    let pack = Payload::parse(&bytes).unwrap();
    writer
        .merge(&pack, |entry| Some(format!("lib/{}", entry.name())))
        .unwrap();
    let merged = finish(&mut writer);
    let entry = Payload::parse(&merged).unwrap().entry(0).unwrap();
    assert_eq!(entry.needs().unwrap(), ["elsewhere/y.so"]);
}

#[test]
fn merging_twice_changes_nothing_and_other_contents_are_refused() {
    let bytes = sample();
    let pack = Payload::parse(&bytes).unwrap();
    let mut writer = Writer::new();
    writer
        .merge(&pack, |entry| Some(entry.name().to_owned()))
        .unwrap();
    writer
        .merge(&pack, |entry| Some(entry.name().to_owned()))
        .unwrap();
    assert_eq!(finish(&mut writer), bytes);
    let mut writer = Writer::new();
    writer
        .add(Item::new(Kind::File, "app.py", &b"mine"[..]))
        .unwrap();
    let error = writer
        .merge(&pack, |entry| Some(entry.name().to_owned()))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Duplicate {
                kind: Kind::File,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_damaged_pack_is_not_merged() {
    let mut bytes = sample();
    *bytes.last_mut().unwrap() ^= 1;
    let pack = Payload::parse(&bytes).unwrap();
    let error = Writer::new().merge(&pack, |_| None).unwrap_err();
    assert!(matches!(error, Error::EntryHash { .. }), "{error}");
}

#[test]
fn names_of_merged_entries_are_checked() {
    let bytes = sample();
    let pack = Payload::parse(&bytes).unwrap();
    let error = Writer::new()
        .merge(&pack, |entry| Some(format!("../{}", entry.name())))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`../app.py` cannot be the name of a code: it is no plain relative path"
    );
}

/// Found by the fuzzer: the alignment of whichever came first counted.
#[test]
fn of_equal_entries_the_larger_alignment_counts_in_any_order() {
    let write = |aligns: [u32; 2]| {
        let mut writer = Writer::new();
        for align in aligns {
            let mut item = Item::new(Kind::File, "a", &b"same"[..]);
            item.align = align;
            writer.add(item).unwrap();
        }
        finish(&mut writer)
    };
    assert_eq!(write([1, 64]), write([64, 1]));
    let bytes = write([1, 64]);
    assert_eq!(
        Payload::parse(&bytes).unwrap().entry(0).unwrap().align(),
        64
    );
}

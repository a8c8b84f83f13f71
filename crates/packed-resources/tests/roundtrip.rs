//! What goes into a writer comes out of the reader.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::{Raw, craft, craft_wide, field, finish, module, sample};
use packed_resources::{
    Compression, EntryPoint, Error, Item, Kind, Level, Manifest, NativeLibraries, Payload, Tag,
    Writer, compress, compress_on,
};

fn file<'a>(payload: &Payload<'a>, name: &str) -> packed_resources::Entry<'a> {
    payload.get(Kind::File, name).unwrap().unwrap()
}

#[test]
fn everything_comes_back() {
    let bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    let (code, source) = module();
    let entry = payload.get(Kind::Code, "app.py").unwrap().unwrap();
    assert_eq!(entry.compression(), Compression::Zstd);
    assert_eq!(*entry.read().unwrap(), code);
    let entry = file(&payload, "app.py");
    assert_eq!(entry.compression(), Compression::ZstdPrefix);
    assert_eq!(entry.base().unwrap().unwrap().kind(), Kind::Code);
    assert_eq!(*entry.read().unwrap(), source);
    let entry = file(&payload, "lib/x.so");
    assert_eq!((entry.align(), entry.offset() % 64), (64, 0));
    assert!(entry.is_executable());
    assert_eq!(entry.needs().unwrap(), ["lib/y.so", "lib/z.so"]);
    assert!(entry.extra(Tag::Needs).unwrap().is_some());
    assert!(matches!(
        entry.read().unwrap(),
        std::borrow::Cow::Borrowed(b"\x7fELF and so on")
    ));
    assert_eq!(
        file(&payload, "lib/y.so").offset(),
        file(&payload, "lib/z.so").offset()
    );
    assert_eq!(*file(&payload, "lib/empty.txt").read().unwrap(), *b"");
    assert!(payload.get(Kind::Code, "lib/x.so").unwrap().is_none());
    assert!(payload.get(Kind::File, "").unwrap().is_none());
}

#[test]
fn the_manifest_comes_back() {
    let bytes = sample();
    let manifest = Payload::parse(&bytes).unwrap().manifest().unwrap();
    assert_eq!(manifest.name, "sample");
    assert_eq!(manifest.native_libraries, NativeLibraries::Cache);
    assert_eq!(manifest.packages[0].name, "a");
}

#[test]
fn a_manifest_keeps_what_it_does_not_know_and_is_the_same_each_time() {
    let json = br#"{"name":"n","python":"3.13.5","entry":{"kind":"module","name":"m"},
        "novelty":{"z":1,"a":{"y":2,"b":3}},"build":{"pyxidium":"9","colour":"red"},"later":[1]}"#;
    let manifest = Manifest::from_json(json).unwrap();
    assert_eq!(manifest.entry, EntryPoint::Module { name: "m".into() });
    assert_eq!(manifest.options["later"][0], 1);
    let text = String::from_utf8(manifest.to_json()).unwrap();
    assert!(
        text.ends_with(r#""later":[1],"novelty":{"a":{"b":3,"y":2},"z":1}}"#),
        "{text}"
    );
    assert_eq!(Manifest::from_json(text.as_bytes()).unwrap(), manifest);
}

#[test]
fn verify_counts_and_reports_every_byte() {
    let bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    let done = AtomicU64::new(0);
    let summary = payload
        .verify(&|n| _ = done.fetch_add(n, Ordering::Relaxed))
        .unwrap();
    assert_eq!(done.into_inner(), payload.total_len());
    assert_eq!(summary.entries, payload.len());
    assert_eq!(summary.kinds[&Kind::File].entries, 7);
    assert_eq!(summary.hash, payload.hash());
    // Two libraries share four bytes.
    assert_eq!(summary.data_len, summary.stored_len - 4);
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["kinds"]["frozen"]["entries"], 2);
    assert_eq!(json["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn big_entries_come_back_in_frames_on_any_number_of_threads() {
    let big: Vec<u8> = (0..36_000_001u32).map(|i| (i / 7 % 251) as u8).collect();
    let item = || Item::new(Kind::File, "big", &big[..]).zstd(1);
    let threads = |count: usize, work: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| (0..count).for_each(|i| drop(scope.spawn(move || work(i)))));
    };
    let mut writer = Writer::new();
    writer
        .add_stored(compress_on(item(), &threads).unwrap())
        .unwrap();
    // The same entry again is no conflict: threads did not change it.
    writer.add_stored(compress(item()).unwrap()).unwrap();
    let mut stored = Item::new(Kind::File, "stored", &big[..]);
    stored.align = 4096;
    writer.add(stored).unwrap();
    let bytes = finish(&mut writer);
    let payload = Payload::parse(&bytes).unwrap();
    payload.verify(&|_| ()).unwrap();
    let entry = file(&payload, "big");
    let frames = entry
        .stored()
        .unwrap()
        .windows(4)
        .filter(|w| *w == [0x28, 0xb5, 0x2f, 0xfd]);
    assert_eq!(frames.count(), 5);
    let mut out = vec![0; big.len()];
    for name in ["big", "stored"] {
        assert!(*file(&payload, name).read().unwrap() == big);
        file(&payload, name).read_into(&mut out).unwrap();
        assert!(out == big);
    }
}

#[test]
fn machine_code_comes_back_whatever_its_frames() {
    let code = common::machine_code(40_000_003);
    let compressed = |x86, smallest| {
        let mut item = Item::new(Kind::File, "code", &code[..]).zstd(1);
        (item.x86, item.smallest) = (x86, smallest);
        compress(item).unwrap()
    };
    // The range begins and ends inside of an instruction.
    let range = Some(1_000_001..39_999_999);
    let plain = compressed(None, false).stored_len();
    for (smallest, frames) in [(false, 5), (true, 2)] {
        let item = compressed(range.clone(), smallest);
        assert!(
            item.stored_len() < plain / 4,
            "{plain} {}",
            item.stored_len()
        );
        let mut writer = Writer::new();
        writer.add_stored(item).unwrap();
        let bytes = finish(&mut writer);
        let payload = Payload::parse(&bytes).unwrap();
        payload.verify(&|_| ()).unwrap();
        let entry = file(&payload, "code");
        let magic = |w: &&[u8]| **w == [0x28, 0xb5, 0x2f, 0xfd];
        assert_eq!(
            entry.stored().unwrap().windows(4).filter(magic).count(),
            frames
        );
        assert!(*entry.read().unwrap() == code);

        // The same in another payload, under another name.
        let mut writer = Writer::new();
        writer.merge(&payload, |_| Some("other".into())).unwrap();
        let bytes = finish(&mut writer);
        let payload = Payload::parse(&bytes).unwrap();
        assert!(*file(&payload, "other").read().unwrap() == code);
    }
}

#[test]
fn small_machine_code_in_several_frames_comes_back() {
    // Our writer makes one frame of it, others may make more: each is filtered by itself.
    let code = common::machine_code(6000);
    let stored = |piece: &[u8], at: u64| {
        let mut item = Item::new(Kind::File, "piece", vec![0; at as usize]);
        item.data.to_mut().extend(piece);
        item.data.to_mut().resize(code.len(), 0);
        item.x86 = Some(at..at + piece.len() as u64);
        let mut writer = Writer::new();
        writer.add(item.zstd(1)).unwrap();
        let bytes = finish(&mut writer);
        let payload = Payload::parse(&bytes).unwrap();
        let stored = file(&payload, "piece").stored().unwrap().to_vec();
        let filtered = zstd::bulk::decompress(&stored, code.len()).unwrap();
        zstd::bulk::compress(&filtered[at as usize..][..piece.len()], 1).unwrap()
    };
    let frames = [stored(&code[..2501], 0), stored(&code[2501..], 2501)].concat();
    let fields = [0u64.to_le_bytes(), 6000u64.to_le_bytes()].concat();
    let bytes = common::craft(&[common::Raw {
        fields: common::field(0x8003, &fields),
        ..common::Raw::zstd("a", frames, code.len())
    }]);
    let payload = Payload::parse(&bytes).unwrap();
    let entry = file(&payload, "a");
    assert!(*entry.read().unwrap() == code);
    let mut out = vec![0; code.len()];
    entry.read_into(&mut out).unwrap();
    assert!(out == code);
}

#[test]
fn a_wrong_checksum_is_found_while_other_threads_decompress() {
    let big: Vec<u8> = (0..9_000_001u32).map(|i| (i / 7 % 251) as u8).collect();
    for level in [Level::Store, Level::Zstd(1)] {
        let mut item = Item::new(Kind::File, "big", &big[..]);
        item.level = level;
        let mut writer = Writer::new();
        writer.add(item).unwrap();
        let mut bytes = finish(&mut writer);
        let end = bytes.len();
        bytes[end - 100] ^= 1;
        let payload = Payload::parse(&bytes).unwrap();
        let entry = file(&payload, "big");
        let mut out = vec![0; big.len()];
        for error in [
            entry.read().map(drop).unwrap_err(),
            entry.read_into(&mut out).unwrap_err(),
            payload.verify(&|_| ()).map(drop).unwrap_err(),
        ] {
            // Not `Decode`, which the same byte may cause in a frame.
            assert!(matches!(error, Error::EntryHash { .. }), "{error}");
        }
    }
}

#[test]
fn compression_is_kept_only_where_it_pays() {
    let mut state = 1u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let noise: Vec<u8> = noise.take(10_000).collect();
    let stored = compress(Item::new(Kind::File, "noise", &noise[..]).zstd(19)).unwrap();
    assert_eq!(stored.stored_len(), 10_000);
    let mut frozen = Item::new(Kind::Frozen, "m", vec![0; 1000]);
    frozen.level = Level::Zstd(19);
    assert_eq!(
        compress(frozen).unwrap().stored_len(),
        1000,
        "frozen modules are read in place"
    );
}

#[test]
fn a_payload_after_the_tables_of_the_documentation_is_read() {
    let mut needy = Raw::file("b", b"two");
    needy.fields = [field(0x0100, b"whatever"), field(0x8001, b"x\0y\0")].concat();
    let entries = [
        Raw::file("a", b"one"),
        needy,
        Raw {
            kind: 5,
            ..Raw::file("c", b"")
        },
    ];
    // A later writer of this version may have a longer header and longer records.
    for bytes in [craft(&entries), craft_wide(&entries, 104, 96)] {
        let payload = Payload::parse(&bytes).unwrap();
        payload.verify(&|_| ()).unwrap();
        assert_eq!(*file(&payload, "a").read().unwrap(), *b"one");
        assert_eq!(*file(&payload, "b").read().unwrap(), *b"two");
        assert_eq!(file(&payload, "b").needs().unwrap(), ["x", "y"]);
        // What this version does not know, it passes on.
        let mut writer = Writer::new();
        writer
            .merge(&payload, |entry| Some(entry.name().to_owned()))
            .unwrap();
        let merged = finish(&mut writer);
        assert!(merged.windows(16).any(|w| w == field(0x0100, b"whatever")));
        assert!(Payload::parse(&merged).unwrap().is_dir("c").unwrap());
    }
}

#[test]
fn bytes_after_the_end_are_ignored() {
    let mut bytes = sample();
    let len = bytes.len() as u64;
    bytes.extend([0xAB; 4096]);
    let payload = Payload::parse(&bytes).unwrap();
    assert_eq!(payload.total_len(), len);
    payload.verify(&|_| ()).unwrap();
}

#[test]
fn an_empty_payload_is_one() {
    let bytes = finish(&mut Writer::new());
    let payload = Payload::parse(&bytes).unwrap();
    assert!(payload.is_empty() && payload.is_dir("").unwrap());
    assert_eq!(payload.verify(&|_| ()).unwrap().entries, 0);
    assert_eq!(payload.children("").unwrap().count(), 0);
}

/// Version 1 as written by the first release: stays readable, whatever the writer does later.
/// `PYXIDIUM_BLESS=1` writes it anew, which only a change of the sample may ask for.
#[test]
fn a_payload_of_the_first_release_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/version-1.payload");
    if std::env::var_os("PYXIDIUM_BLESS").is_some() {
        std::fs::write(path, sample()).unwrap();
    }
    let bytes = std::fs::read(path).unwrap();
    common::read_all(&bytes).unwrap();
    let payload = Payload::parse(&bytes).unwrap();
    assert_eq!((payload.version(), payload.len()), (1, 11));
    assert_eq!(*file(&payload, "app.py").read().unwrap(), module().1);
}

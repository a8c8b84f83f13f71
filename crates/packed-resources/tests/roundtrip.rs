//! What goes into a writer comes out of the reader.

use packed_resources::{
    Base, Compression, EXECUTABLE, EntryPoint, Item, Kind, Manifest, Payload, Writer,
};

fn sample() -> Vec<u8> {
    let code = b"def main(): return 'the quick brown fox'\n".repeat(20);
    let source = [&code[..], b"# a comment\n"].concat();
    let mut big = vec![0u8; 9 << 20];
    big.iter_mut()
        .enumerate()
        .for_each(|(i, b)| *b = (i / 7 % 251) as u8);

    let mut writer = Writer::new();
    let entry = EntryPoint::Script {
        path: "app.py".into(),
    };
    let manifest = Manifest::new("app", "3.13.5", entry);
    writer
        .add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()))
        .unwrap();
    writer
        .add(Item::new(Kind::Frozen, "encodings.utf_8", &b"frozen"[..]))
        .unwrap();
    writer
        .add(Item::new(Kind::Code, "app.py", code.clone()).zstd(9))
        .unwrap();
    let mut item = Item::new(Kind::File, "app.py", source).zstd(9);
    item.base = Some(Base {
        kind: Kind::Code,
        name: "app.py",
        data: &code,
    });
    writer
        .add_stored(packed_resources::compress(item).unwrap().into_owned())
        .unwrap();
    let mut item = Item::new(Kind::File, "lib/big.so", big).zstd(3);
    item.flags = EXECUTABLE;
    item.needs = vec!["lib/a.so".into(), "lib/b.so".into()];
    item.align = 4096;
    writer.add(item).unwrap();
    writer
        .add(Item::new(Kind::File, "lib/a.so", &b"a"[..]))
        .unwrap();
    writer.add(Item::directory("lib/empty")).unwrap();
    let mut out = Vec::new();
    let summary = writer.finish(&mut out).unwrap();
    assert_eq!(summary.total_len, out.len() as u64);
    out
}

#[test]
fn everything_comes_back() {
    let bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    assert_eq!(payload.len(), 7);
    let summary = payload.verify(&|_| ()).unwrap();
    assert_eq!(summary.entries, 7);
    assert_eq!(payload.manifest().unwrap().name, "app");
    let source = payload.get(Kind::File, "app.py").unwrap().unwrap();
    assert_eq!(source.compression(), Compression::ZstdPrefix);
    assert!(source.read().unwrap().ends_with(b"# a comment\n"));
    let big = payload.get(Kind::File, "lib/big.so").unwrap().unwrap();
    assert_eq!(big.needs().unwrap(), ["lib/a.so", "lib/b.so"]);
    let read = big.read().unwrap();
    assert!(
        read.iter()
            .enumerate()
            .all(|(i, b)| *b == (i / 7 % 251) as u8)
    );
    let names: Vec<_> = payload
        .children("lib")
        .unwrap()
        .map(|c| c.unwrap().name.to_owned())
        .collect();
    assert_eq!(names, ["a.so", "big.so", "empty"]);
    assert!(payload.is_dir("lib").unwrap() && !payload.is_dir("li").unwrap());
}

//! A payload with any byte changed, cut anywhere, or with an index made by an enemy.

#[path = "../fuzz/body.rs"]
mod body;
mod common;

use common::{Raw, craft, field, put, read_all, sample, seal};
use packed_resources::{Error, Kind, Payload};

#[test]
fn cut_at_any_byte() {
    let bytes = sample();
    for len in 0..bytes.len() {
        let error = Payload::parse(&bytes[..len]).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{len}: {error}");
    }
    Payload::parse(&bytes).unwrap();
}

#[test]
fn any_byte_flipped_is_found() {
    let bytes = sample();
    let original = Payload::parse(&bytes).unwrap();
    let data_off = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
    for at in 0..bytes.len() {
        for bits in [0x01, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= bits;
            let Ok(payload) = Payload::parse(&bytes) else {
                continue;
            };
            assert!(at >= data_off, "a changed index at {at} was not seen");
            let error = payload.verify(&|_| ()).unwrap_err();
            assert!(
                matches!(error, Error::EntryHash { .. } | Error::Padding { .. }),
                "{at}: {error}"
            );
            // Without verifying: what can be read is what was written.
            for (entry, written) in payload.iter().zip(original.iter()) {
                if let Ok(read) = entry.unwrap().read() {
                    assert_eq!(read, written.unwrap().read().unwrap());
                }
            }
        }
    }
}

/// An enemy can compute checksums. Whatever stands in the index, nothing panics and nothing is read
/// from outside the payload.
#[test]
fn any_byte_of_the_index_changed_and_sealed_again() {
    let bytes = sample();
    let data_off = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
    for at in 8..data_off {
        for value in [
            0x00,
            0x01,
            0x2f,
            0x7f,
            0x80,
            0xff,
            bytes[at] ^ 1,
            bytes[at].wrapping_add(1),
        ] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            seal(&mut bytes);
            body::exercise(&bytes);
        }
    }
}

#[test]
fn any_word_of_the_index_huge() {
    let bytes = sample();
    let data_off = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
    let huge = [
        u64::MAX,
        u64::MAX - 95,
        1 << 63,
        i64::MAX as u64,
        u64::from(u32::MAX),
        1 << 31,
    ];
    for at in 10..data_off - 8 {
        for value in huge {
            let mut bytes = bytes.clone();
            put(&mut bytes, at, &value.to_le_bytes());
            if u64::from_le_bytes(bytes[32..40].try_into().unwrap()) >= 96 {
                seal(&mut bytes);
            }
            body::exercise(&bytes);
        }
    }
}

/// Frames are changed and hashed again, so that only the decompressor stands between.
#[test]
fn any_byte_of_the_data_changed_and_hashed_again() {
    let bytes = sample();
    let data_off = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
    for at in data_off..bytes.len() {
        for bits in [0x01, 0x10, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= bits;
            let sealed = body::reseal(&bytes).unwrap();
            assert!(Payload::parse(&sealed).is_ok());
            body::exercise(&sealed);
        }
    }
}

#[test]
fn an_index_that_is_not_sorted_lists_without_panic() {
    let names = [
        "b/c",
        "ä/x",
        "a",
        "b",
        "b/",
        "",
        "b/c/d",
        "é",
        "b/ü/x",
        "b//",
        "a/b/c/d/e",
        "b/z",
    ];
    let mut state = 7usize;
    for _ in 0..2000 {
        let mut entries = Vec::new();
        for _ in 0..6 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut entry = Raw::file(names[(state >> 33) % names.len()], b"");
            entry.kind = [3, 4, 4, 5][(state >> 60) % 4];
            entries.push(entry);
        }
        let bytes = craft(&entries);
        body::exercise(&bytes);
        let payload = Payload::parse(&bytes).unwrap();
        for name in names {
            let _ = (payload.is_dir(name), payload.get(Kind::File, name));
            let _ = payload.children(name).map(|children| children.count());
        }
    }
}

#[test]
fn bases_in_circles_and_chains_are_refused() {
    let base = |index: u32| field(0x8002, &index.to_le_bytes());
    let help = |name, index| Raw {
        compression: 2,
        fields: base(index),
        ..Raw::file(name, b"xxxx")
    };
    for entries in [
        vec![help("a", 0)],
        vec![help("a", 1), help("b", 0)],
        vec![help("a", 1), help("b", 2), Raw::file("c", b"")],
    ] {
        let bytes = craft(&entries);
        body::exercise(&bytes);
        let error = read_all(&bytes).unwrap_err();
        assert!(
            error.to_string().ends_with("its base needs a base itself"),
            "{error}"
        );
    }
}

#[test]
fn other_files_are_not_payloads() {
    let png: &[u8] = b"\x89PNG\r\n\x1a\n and more than a header has, which is ninety-six bytes in all, as it were";
    for bytes in [
        png,
        &[0; 4096],
        &[0xff; 4096],
        b"#!/usr/bin/env python3\n",
        b"pyxidium",
    ] {
        let error = Payload::parse(bytes).unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{error}");
    }
}

/// What the fuzzer found worth keeping, without the fuzzer.
#[test]
fn the_corpus_of_the_fuzzer() {
    for (target, run) in [
        ("read", body::read as fn(&[u8])),
        ("roundtrip", body::roundtrip),
    ] {
        let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert!(files.len() >= 10, "{folder} has lost its files");
        for file in files {
            run(&std::fs::read(&file).unwrap());
        }
    }
}

/// Starting points for the fuzzer: `cargo test -p packed-resources --test damage -- --ignored`.
#[test]
#[ignore = "writes into fuzz/corpus"]
fn write_the_seeds_of_the_corpus() {
    let frame = zstd::bulk::compress(&[7; 300], 3).unwrap();
    let help = Raw {
        compression: 2,
        fields: field(0x8002, &[0; 4]),
        ..Raw::zstd("b", frame.clone(), 300)
    };
    let seeds = [
        sample(),
        craft(&[]),
        craft(&[Raw::file("a", b"one"), Raw::file("a/b", b"two")]),
        craft(&[Raw::zstd("a", frame.clone(), 300), help]),
        craft(&[Raw::zstd("a", frame.repeat(3), 900)]),
        craft(&[Raw {
            fields: [field(1, b"x"), field(0x8001, b"x\0")].concat(),
            ..Raw::file("a", b"")
        }]),
        craft(&[
            Raw {
                kind: 1,
                ..Raw::file("app", b"{}")
            },
            Raw {
                kind: 5,
                ..Raw::file("d/e", b"")
            },
        ]),
        common::craft_wide(&[Raw::file("a", b"one"), Raw::file("b/c", b"two")], 104, 96),
        craft(&["a", "a.b", "a/b", "b/c/d"].map(|name| Raw::file(name, b"same"))),
        b"PYXIDIUM\x01\0".to_vec(),
    ];
    let scripts = [
        &b""[..],
        &[2, 0, 1, 3, 1, 2, 3],
        &[3, 0, 0, 1, 9, 3, 4, 0, 1, 9],
        &[3, 1, 1, 0, 3, 2, 1, 0, 4, 3, 1, 0],
        &[
            [2, 0, 0x11, 200].to_vec(),
            vec![b'x'; 200],
            [3, 0, 0x15, 200].to_vec(),
            vec![b'x'; 200],
        ]
        .concat(),
        &[3, 0x55, 0, 0, 3, 0xaa, 3, 0, 4, 0xff, 1, 0],
        &[0, 0, 0xff, 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        &[1, 0, 0x11, 255],
        &[3, 0xf0, 2, 4, 1, 2, 3, 4, 3, 0xf4, 3, 4, 1, 2, 3, 4],
        &[2, 0, 1, 60, 2, 0, 1, 60, 3, 0, 5, 60],
    ];
    for (target, seeds) in [("read", seeds), ("roundtrip", scripts.map(<[u8]>::to_vec))] {
        for (i, seed) in seeds.iter().enumerate() {
            let path = format!(
                "{}/fuzz/corpus/{target}/seed-{i:02}",
                env!("CARGO_MANIFEST_DIR")
            );
            std::fs::write(path, seed).unwrap();
        }
    }
}

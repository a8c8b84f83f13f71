//! Every error, with its message: what is wrong, where, and what to do.

mod common;

use std::io;

use common::{Raw, craft, field, finish, read_all, sample, tampered};
use packed_resources::{Base, Error, Fault, Item, Kind, Manifest, Payload, Writer, compress};

/// The error's message and whose fault it is.
#[track_caller]
fn check<T>(result: Result<T, Error>, fault: Fault, message: &str) {
    let error = result.err().expect("an error");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.fault(), fault);
}

#[track_caller]
fn check_payload(bytes: &[u8], message: &str) {
    check(read_all(bytes), Fault::Payload, message);
}

#[test]
fn every_error_has_a_test_here() {
    let (source, tests) = (include_str!("../src/error.rs"), include_str!("errors.rs"));
    let variants: Vec<&str> = source
        .split("impl Error")
        .next()
        .unwrap()
        .split("pub enum Error")
        .nth(1)
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.strip_prefix("    ")
                .filter(|line| line.starts_with(char::is_uppercase))
        })
        .map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap())
        .collect();
    assert!(variants.len() > 20, "{variants:?}");
    for variant in variants {
        assert!(
            tests.contains(&format!("// {variant}:")),
            "no test of Error::{variant}"
        );
    }
}

#[test]
fn foreign_and_cut() {
    // Foreign:
    let elf = "not a Pyxidium payload: it begins with `\\x7fELF\\x02\\x01\\x01\\x00` instead of `PYXIDIUM`";
    check_payload(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", elf);
    check_payload(
        b"MZ",
        "not a Pyxidium payload: it begins with `MZ` instead of `PYXIDIUM`",
    );
    // Truncated:
    check_payload(
        b"",
        "the payload is cut short: it should have at least 96 bytes and has 0",
    );
    check_payload(
        b"PYXI",
        "the payload is cut short: it should have at least 96 bytes and has 4",
    );
    let bytes = sample();
    let message = format!(
        "the payload is cut short: it should have at least {} bytes and has 700",
        bytes.len()
    );
    check_payload(&bytes[..700], &message);
}

#[test]
fn newer_version() {
    // NewerVersion:
    let message = "the payload has format version 2, and this Pyxidium reads versions up to 1: \
                   update Pyxidium to read it";
    check_payload(&tampered(8, &[2, 0]), message);
    // It is said of whatever follows, too: a newer header may be shorter.
    check_payload(b"PYXIDIUM\x02\x00", message);
}

#[test]
fn header() {
    // Header:
    let cases: [(usize, &[u8], &str); 9] = [
        (8, &[0, 0], "8: there is no format version 0"),
        (10, &[95, 0], "10: the header is too short"),
        (12, &[79, 0], "12: the records are too short"),
        (14, &[1], "14: a reserved field is not zero"),
        (
            20,
            &[1],
            "20: it has flags that this Pyxidium does not know",
        ),
        (40, &[0; 8], "40: the names begin inside the records"),
        (48, &[0; 8], "48: the fields begin inside the names"),
        (60, &[0xff; 4], "32: the data begin inside the index"),
        (24, &[0; 8], "24: the payload ends inside the index"),
    ];
    for (at, value, message) in cases {
        let message = format!("the payload's header is damaged at offset {message}");
        check_payload(&tampered(at, value), &message);
    }
}

#[test]
fn index_hash() {
    // IndexHash:
    let mut bytes = craft(&[Raw::file("a", b"one")]);
    bytes[96 + 4] ^= 1;
    check_payload(
        &bytes,
        "the payload's index is damaged: the checksum of offsets 0 to 177 does not match",
    );
}

#[test]
fn entry() {
    // Entry:
    let cases = [
        (
            Raw { kind: 9, ..file() },
            "entry 0, `a`, is damaged at offset 96: its kind is unknown",
        ),
        (
            Raw {
                compression: 3,
                ..file()
            },
            "entry 0, `a`, is damaged at offset 97: its compression is unknown",
        ),
        (
            Raw {
                align: 17,
                ..file()
            },
            "entry 0, `a`, is damaged at offset 98: it is not aligned as it says",
        ),
        (
            Raw { align: 4, ..file() },
            "entry 0, `a`, is damaged at offset 98: it is not aligned as it says",
        ),
        (
            Raw {
                offset: Some(u64::MAX - 1),
                ..file()
            },
            "entry 0, `a`, is damaged at offset 112: its data lie outside the payload",
        ),
        (
            Raw {
                offset: Some(4),
                ..file()
            },
            "entry 0, `a`, is damaged at offset 112: its data lie outside the payload",
        ),
        (
            Raw {
                raw_len: Some(4),
                ..file()
            },
            "entry 0, `a`, is damaged at offset 128: its length is impossible",
        ),
        (
            Raw {
                compression: 1,
                raw_len: Some(1 << 40),
                ..file()
            },
            "entry 0, `a`, is damaged at offset 128: its length is impossible",
        ),
        (
            Raw { kind: 5, ..file() },
            "entry 0, `a`, is damaged at offset 120: a directory has no data",
        ),
        (
            Raw {
                kind: 2,
                compression: 1,
                ..file()
            },
            "entry 0, `a`, is damaged at offset 97: a frozen module is never compressed",
        ),
        (
            Raw {
                name: b"\xff".into(),
                ..file()
            },
            "entry 0, `\u{fffd}`, is damaged at offset 104: its name is not UTF-8",
        ),
        (
            Raw {
                name: b"../a".into(),
                ..file()
            },
            "entry 0, `../a`, is damaged at offset 104: its name is not allowed",
        ),
        (
            Raw {
                name: b"/a".into(),
                ..file()
            },
            "entry 0, `/a`, is damaged at offset 104: its name is not allowed",
        ),
        (
            Raw {
                name_place: Some((u32::MAX, u32::MAX)),
                ..file()
            },
            "entry 0 is damaged at offset 104: its name lies outside the names",
        ),
        (
            Raw {
                fields_place: Some((1, 0)),
                ..file()
            },
            "entry 0, `a`, is damaged at offset 136: its fields lie outside the fields' area",
        ),
        (
            Raw {
                fields: vec![1, 0],
                ..file()
            },
            "file `a` is damaged at offset 177: a field is cut short",
        ),
        (
            Raw {
                fields: field(0x8001, b"x"),
                ..file()
            },
            "file `a` is damaged at offset 177: its list of libraries is damaged",
        ),
        (
            Raw {
                fields: field(0x8001, b"../x\0"),
                ..file()
            },
            "file `a` is damaged at offset 177: its list of libraries is damaged",
        ),
        (
            Raw {
                compression: 2,
                ..file()
            },
            "file `a` is damaged at offset 177: its base is not named",
        ),
        (
            Raw {
                compression: 2,
                fields: field(0x8002, &[0; 3]),
                ..file()
            },
            "file `a` is damaged at offset 177: its base is not a number",
        ),
        (
            Raw {
                compression: 2,
                fields: field(0x8002, &[1, 0, 0, 0]),
                ..file()
            },
            "file `a` is damaged at offset 177: its base is no entry",
        ),
        (
            Raw {
                compression: 2,
                fields: field(0x8002, &[0; 4]),
                ..file()
            },
            "file `a` is damaged at offset 177: its base needs a base itself",
        ),
    ];
    for (entry, message) in cases {
        check_payload(&craft(&[entry]), message);
    }
    let unordered = [Raw::file("b", b""), Raw::file("a", b"")];
    check_payload(
        &craft(&unordered),
        "file `a` is damaged at offset 176: it is not in order",
    );
    let twice = [Raw::file("a", b""), Raw::file("a", b"")];
    check_payload(
        &craft(&twice),
        "file `a` is damaged at offset 176: it is not in order",
    );
    let below = [Raw::file("a", b""), Raw::file("a/b", b"")];
    check_payload(
        &craft(&below),
        "file `a/b` is damaged at offset 176: it lies below a file",
    );
    let overlapping = [
        Raw::file("a", b"12"),
        Raw {
            offset: Some(259),
            ..Raw::file("b", b"2")
        },
    ];
    check_payload(
        &craft(&overlapping),
        "file `b` is damaged at offset 259: its data overlap another entry's",
    );
}

fn file() -> Raw {
    Raw::file("a", b"one")
}

#[test]
fn entry_hash() {
    // EntryHash:
    let mut bytes = craft(&[file()]);
    *bytes.last_mut().unwrap() ^= 1;
    let message = "file `a` is damaged: the checksum of its 3 bytes at offset 177 does not match";
    check_payload(&bytes, message);
    let payload = Payload::parse(&bytes).unwrap();
    check(payload.entry(0).unwrap().read(), Fault::Payload, message);
    check(payload.entry(0).unwrap().stored(), Fault::Payload, message);
    check(
        payload.entry(0).unwrap().read_into(&mut [0; 3]),
        Fault::Payload,
        message,
    );
}

#[test]
fn decode() {
    // Decode:
    let frame = zstd::bulk::compress(&[7; 100], 3).unwrap();
    let cases = [
        (
            Raw::zstd("a", frame.clone(), 99),
            "its frames have another length than its record says",
        ),
        (
            Raw::zstd("a", b"no frame at all".into(), 9),
            "Unknown frame descriptor",
        ),
        (
            Raw::zstd("a", frame[..frame.len() - 1].into(), 100),
            "Src size is incorrect",
        ),
        (
            Raw::zstd(
                "a",
                zstd::stream::encode_all(&[7; 100][..], 3).unwrap(),
                100,
            ),
            "a frame does not tell its length",
        ),
        (Raw::zstd("a", Vec::new(), 0), ""),
    ];
    for (entry, why) in cases {
        if why.is_empty() {
            read_all(&craft(&[entry])).unwrap();
        } else {
            check_payload(
                &craft(&[entry]),
                &format!("file `a` at offset 177 cannot be decompressed: {why}"),
            );
        }
    }
    // The frame's header is right and its contents are not: found when it is read.
    let mut broken = zstd::bulk::compress(&common::module().0, 3).unwrap();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let entry = Raw::zstd("a", broken, common::module().0.len());
    let error = read_all(&craft(&[entry])).unwrap_err();
    assert!(
        matches!(error, Error::Decode { offset: 177, .. }),
        "{error}"
    );
}

#[test]
fn decode_with_the_wrong_base() {
    // Bytes that nobody tampered with, but a base with other contents: the frame's checksum tells.
    let bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    let source = payload.get(Kind::File, "app.py").unwrap().unwrap();
    let mut fields = Vec::new();
    fields.extend(field(0x8002, &0u32.to_le_bytes()));
    let wrong = [
        Raw {
            kind: 3,
            ..Raw::file(
                "app.py",
                &common::module().0.iter().rev().copied().collect::<Vec<_>>(),
            )
        },
        Raw {
            compression: 2,
            fields,
            raw_len: Some(source.raw_len()),
            ..Raw::file("app.py", source.stored().unwrap())
        },
    ];
    let error = read_all(&craft(&wrong)).unwrap_err();
    assert!(
        error.to_string().starts_with("file `app.py` at offset"),
        "{error}"
    );
    assert!(matches!(error, Error::Decode { .. }));
}

#[test]
fn machine_code_that_is_none() {
    let frame = || zstd::bulk::compress(&[7; 100], 3).unwrap();
    let range = |from: u64, to: u64| [from.to_le_bytes(), to.to_le_bytes()].concat();
    for (entry, value) in [
        (file(), range(0, 3)),
        (Raw::zstd("a", frame(), 100), range(0, 101)),
        (Raw::zstd("a", frame(), 100), range(9, 9)),
        (Raw::zstd("a", frame(), 100), vec![0; 15]),
    ] {
        let entry = Raw {
            fields: field(0x8003, &value),
            ..entry
        };
        check_payload(
            &craft(&[entry]),
            "file `a` is damaged at offset 177: its range of machine code is none",
        );
    }
}

#[test]
fn unknown_field() {
    // UnknownField:
    let entry = Raw {
        fields: [field(1, b"optional"), field(0x8004, b"")].concat(),
        ..file()
    };
    check_payload(
        &craft(&[entry]),
        "file `a` carries the field 0x8004 at offset 193, which this Pyxidium does not know \
         and may not skip: update Pyxidium to read it",
    );
}

#[test]
fn padding() {
    // Padding:
    let mut bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    let at = payload
        .get(Kind::File, "lib/x.so")
        .unwrap()
        .unwrap()
        .offset() as usize
        - 1;
    bytes[at] = 1;
    check_payload(
        &bytes,
        &format!("the payload is damaged at offset {at}: the padding between entries is not zero"),
    );
    let hidden = [
        file(),
        Raw {
            stored_len: Some(0),
            raw_len: Some(0),
            hash: Some(*blake3::hash(b"").as_bytes()),
            ..Raw::file("b", b"x")
        },
    ];
    check_payload(
        &craft(&hidden),
        "the payload is damaged at offset 261: the padding between entries is not zero",
    );
}

#[test]
fn asking_for_what_cannot_be() {
    let bytes = craft(&[file()]);
    let payload = Payload::parse(&bytes).unwrap();
    // NoSuchEntry:
    check(
        payload.entry(1),
        Fault::Caller,
        "there is no entry 1: the payload has 1",
    );
    // Buffer:
    let result = payload.entry(0).unwrap().read_into(&mut [0; 4]);
    check(
        result,
        Fault::Caller,
        "file `a` has 3 bytes, and the buffer for it has 4",
    );
    // NoManifest:
    check(
        payload.manifest(),
        Fault::Payload,
        "the payload has no manifest",
    );
    // Manifest:
    let bytes = craft(&[Raw {
        kind: 1,
        ..Raw::file(Manifest::ENTRY, b"{}")
    }]);
    let result = Payload::parse(&bytes).unwrap().manifest();
    check(
        result,
        Fault::Payload,
        "the payload's manifest cannot be read",
    );
    // Memory: see memory.rs, which has an allocator that refuses.
    let error = Error::Memory {
        entry: "file `a`".into(),
        len: 9,
    };
    check::<()>(
        Err(error),
        Fault::Machine,
        "file `a` needs 9 bytes of memory, which the system does not give",
    );
}

#[test]
fn writing_what_cannot_be() {
    let add = |item| Writer::new().add(item);
    // Name:
    let cases = [
        (
            Kind::File,
            "",
            "`` cannot be the name of a file: it is empty",
        ),
        (
            Kind::File,
            "a\0",
            "`a\\0` cannot be the name of a file: it contains a zero byte",
        ),
        (
            Kind::Code,
            "/a",
            "`/a` cannot be the name of a code: it is no plain relative path",
        ),
        (
            Kind::File,
            "a/../b",
            "`a/../b` cannot be the name of a file: it is no plain relative path",
        ),
        (
            Kind::Directory,
            "a/",
            "`a/` cannot be the name of a directory: it is no plain relative path",
        ),
    ];
    for (kind, name, message) in cases {
        check(add(Item::new(kind, name, &b""[..])), Fault::Caller, message);
    }
    let full = add(Item::new(Kind::Directory, "a", &b"x"[..]));
    check(
        full,
        Fault::Caller,
        "`a` cannot be the name of a directory: a directory has no data",
    );
    let mut item = Item::new(Kind::File, "a", &b""[..]);
    item.needs = vec!["../x".into()];
    check(
        add(item),
        Fault::Caller,
        "`../x` cannot be the name of a file: it is no plain relative path",
    );
    // Align:
    let mut item = Item::new(Kind::File, "a", &b""[..]);
    item.align = 3;
    let message = "file `a` asks for an alignment of 3: it must be a power of two up to 65536";
    check(add(item), Fault::Caller, message);
    // Duplicate:
    let mut writer = Writer::new();
    writer.add(Item::new(Kind::File, "a", &b"one"[..])).unwrap();
    writer.add(Item::new(Kind::File, "a", &b"one"[..])).unwrap();
    let result = writer.add(Item::new(Kind::File, "a", &b"two"[..]));
    check(
        result,
        Fault::Caller,
        "file `a` was added twice, with different contents",
    );
    // FileAndDirectory:
    writer.add(Item::new(Kind::File, "a.b", &b""[..])).unwrap();
    writer
        .add(Item::new(Kind::File, "a/x/y", &b""[..]))
        .unwrap();
    check(
        writer.finish(&mut Vec::new()),
        Fault::Caller,
        "`a` is a file, and `a/x/y` cannot be below it",
    );
    let mut writer = Writer::new();
    writer.add(Item::new(Kind::File, "d", &b""[..])).unwrap();
    writer.add(Item::directory("d")).unwrap();
    check(
        writer.finish(&mut Vec::new()),
        Fault::Caller,
        "`d` is a file and a directory at once",
    );
    // TooMany:
    let error = Error::TooMany {
        what: "entries",
        found: 1 << 32,
        limit: (1 << 32) - 1,
    };
    let message = "the payload has too many entries: 4294967296, and at most 4294967295 fit";
    check::<()>(Err(error), Fault::Caller, message);
    // Compress: zstd takes every level and every length; only its memory can run out.
    let error = Error::Compress {
        entry: "file `a`".into(),
        why: "Allocation error",
    };
    check::<()>(
        Err(error),
        Fault::Machine,
        "file `a` cannot be compressed: Allocation error",
    );
}

#[test]
fn writing_to_what_cannot_take_it() {
    // Write:
    struct Full(usize);
    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let bytes = sample();
    let mut writer = Writer::new();
    writer
        .merge(&Payload::parse(&bytes).unwrap(), |entry| {
            Some(entry.name().to_owned())
        })
        .unwrap();
    for room in 0..bytes.len() {
        check(
            writer.finish(&mut Full(room)),
            Fault::Machine,
            "the payload cannot be written",
        );
    }
    assert_eq!(finish(&mut writer), bytes);
}

#[test]
fn bases_that_do_not_fit() {
    let (code, source) = common::module();
    let with_base = |kind, name: &str, base: &str, data: &[u8]| {
        let mut item = Item::new(kind, name, source.clone()).zstd(9);
        item.base = Some(Base {
            kind: Kind::Code,
            name: base,
            data,
        });
        compress(item).unwrap().into_owned()
    };
    // NoBase:
    let mut writer = Writer::new();
    writer
        .add_stored(with_base(Kind::File, "m.py", "m.py", &code))
        .unwrap();
    let message = "file `m.py` is compressed with the help of code `m.py`, which is missing";
    check(writer.finish(&mut Vec::new()), Fault::Caller, message);
    // BaseChanged:
    writer
        .add(Item::new(Kind::Code, "m.py", &b"other"[..]))
        .unwrap();
    let message =
        "file `m.py` was compressed with the help of code `m.py`, which has other contents now";
    check(writer.finish(&mut Vec::new()), Fault::Caller, message);
    // BaseChain:
    let mut writer = Writer::new();
    writer
        .add_stored(with_base(Kind::Code, "a.py", "b.py", &code))
        .unwrap();
    writer
        .add_stored(with_base(Kind::Code, "b.py", "a.py", &code))
        .unwrap();
    let message = "code `a.py` is compressed with the help of code `b.py`, which needs the help of another \
                   entry itself";
    check(writer.finish(&mut Vec::new()), Fault::Caller, message);
    // Merging an entry without its base.
    let bytes = sample();
    let payload = Payload::parse(&bytes).unwrap();
    let result = Writer::new().merge(&payload, |entry| {
        (entry.kind() == Kind::File).then(|| entry.name().into())
    });
    let message = "file `app.py` is compressed with the help of code `app.py`, which is missing";
    check(result, Fault::Caller, message);
}

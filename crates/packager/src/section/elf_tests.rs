//! A payload in a real executable: found in the file and by the running program, also after the tools
//! that people and packagers of distributions run over executables.

use std::path::{Path, PathBuf};
use std::process::Command;

use packed_resources::{Item, Kind, Payload, Writer};

use super::super::SectionError;
use super::{Head, find};

/// A compiled runtime in a folder that lives as long as the value.
struct Runtime {
    folder: tempfile::TempDir,
    stub: Vec<u8>,
}

impl Runtime {
    fn compile(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stub = crate::testing::runtime(folder.path(), arguments);
        Self {
            stub: fs_err::read(stub).unwrap(),
            folder,
        }
    }

    fn sealed(&self, payload: &[u8]) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let head = Head::new(&self.stub).unwrap();
        assert_eq!(head.len() % 4096, 0);
        let mut bytes = head.finish(payload.len() as u64);
        bytes.extend_from_slice(payload);
        let path = self.folder.path().join("sealed");
        fs_err::write(&path, bytes).unwrap();
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

fn payload() -> Vec<u8> {
    let mut writer = Writer::new();
    let data: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    writer.add(Item::new(Kind::File, "a/data", data)).unwrap();
    writer
        .add(Item::new(Kind::File, "a/odd", &b"odd"[..]))
        .unwrap();
    let mut out = Vec::new();
    writer.finish(&mut out).unwrap();
    out
}

fn check(file: &Path, payload: &[u8], after: &str) {
    let bytes = fs_err::read(file).unwrap();
    let place = find(&bytes).unwrap_or_else(|e| panic!("after {after}: {e}"));
    let found = &bytes[place];
    // A tool may pad the section; the payload knows its own length.
    assert_eq!(&found[..payload.len()], payload, "after {after}");
    let run = Command::new(file).output().unwrap();
    assert!(run.status.success(), "after {after}: {:?}", run.status);
    assert!(
        run.stdout.starts_with(payload),
        "after {after}: the program sees other bytes"
    );
}

#[test]
fn survives_the_tools_that_people_run_over_executables() {
    let payload = payload();
    let rewriters: [(&str, &[&str]); 7] = [
        ("strip", &["strip", "SEALED"]),
        ("strip --strip-all", &["strip", "--strip-all", "SEALED"]),
        ("objcopy", &["objcopy", "SEALED"]),
        (
            "objcopy --strip-debug",
            &["objcopy", "--strip-debug", "SEALED"],
        ),
        (
            "patchelf --set-rpath",
            &[
                "patchelf",
                "--set-rpath",
                "/opt/a/very/long/folder/for/libraries",
                "SEALED",
            ],
        ),
        (
            "patchelf --set-interpreter",
            &[
                "patchelf",
                "--set-interpreter",
                "/lib64/../lib64/ld-linux-x86-64.so.2",
                "SEALED",
            ],
        ),
        ("eu-strip", &["eu-strip", "SEALED"]),
    ];
    for flags in [
        &["-O1"][..],
        &["-O1", "-g"],
        &["-O1", "-no-pie"],
        &["-O1", "-Wl,-z,max-page-size=65536"],
    ] {
        let runtime = Runtime::compile(flags);
        let file = runtime.sealed(&payload);
        check(&file, &payload, "sealing");
        for (name, command) in rewriters {
            let file = runtime.sealed(&payload);
            let arguments = command[1..].iter().map(|a| {
                if *a == "SEALED" {
                    file.as_os_str()
                } else {
                    a.as_ref()
                }
            });
            let Ok(done) = Command::new(command[0]).args(arguments).output() else {
                continue;
            };
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "{name} {flags:?}: {said}");
            check(&file, &payload, &format!("{name} {flags:?}"));
        }
    }
}

#[test]
fn readers_of_elf_have_nothing_to_complain_about() {
    let runtime = Runtime::compile(&["-O1"]);
    let file = runtime.sealed(&payload());
    let shown = Command::new("readelf")
        .args(["-lSW"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&shown.stderr), "");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains(" .pyxidium "), "{text}");
    let loads: Vec<u64> = text
        .lines()
        .filter_map(|l| l.trim().strip_prefix("LOAD "))
        .map(|l| u64::from_str_radix(&l.split_whitespace().nth(1).unwrap()[2..], 16).unwrap())
        .collect();
    assert!(loads.is_sorted(), "{text}");
    assert_eq!(loads.len(), 5, "{text}");
}

#[test]
fn cut_at_any_byte_is_named_as_such() {
    let runtime = Runtime::compile(&["-O1", "-s"]);
    let payload = payload();
    let bytes = fs_err::read(runtime.sealed(&payload)).unwrap();
    let start = find(&bytes).unwrap().start;
    for len in (0..bytes.len())
        .step_by(977)
        .chain(start - 3..start + 40)
        .chain(bytes.len() - 3..bytes.len())
    {
        match find(&bytes[..len]) {
            Err(SectionError::Truncated { expected, found }) => {
                assert!(found < expected && found == len as u64)
            }
            Err(SectionError::NotElf) => assert!(len < 4),
            other => panic!("cut to {len}: {other:?}"),
        }
    }
}

#[test]
fn a_payload_whose_first_bytes_changed_is_still_found() {
    let runtime = Runtime::compile(&["-O1"]);
    let mut bytes = fs_err::read(runtime.sealed(&payload())).unwrap();
    let place = find(&bytes).unwrap();
    bytes[place.start] ^= 1;
    assert_eq!(find(&bytes).unwrap(), place);
    assert!(matches!(
        Payload::parse(&bytes[place]),
        Err(packed_resources::Error::Foreign { .. })
    ));
}

#[test]
fn damaged_headers_never_panic() {
    let runtime = Runtime::compile(&["-O1", "-s"]);
    let bytes = fs_err::read(runtime.sealed(&payload())).unwrap();
    for at in 0..2000 {
        for value in [0, 0x7f, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            if let Ok(place) = find(&changed) {
                let _ = Payload::parse(&changed[place]);
            }
        }
    }
    for at in 0..1000 {
        let mut changed = runtime.stub.clone();
        changed[at] = 0xff;
        let _ = Head::new(&changed).map(|h| h.finish(10));
    }
}

#[test]
fn what_is_no_runtime_is_refused() {
    assert_eq!(Head::new(b"MZ").unwrap_err(), SectionError::NotElf);
    assert_eq!(find(b"#!/bin/sh\n").unwrap_err(), SectionError::NotElf);
    assert_eq!(
        find(&fs_err::read("/bin/true").unwrap()).unwrap_err(),
        SectionError::NoPayload
    );
    assert_eq!(
        Head::new(&fs_err::read("/bin/true").unwrap()).unwrap_err(),
        SectionError::NoReservation
    );
    let runtime = Runtime::compile(&["-O1"]);
    let sealed = fs_err::read(runtime.sealed(&payload())).unwrap();
    assert_eq!(Head::new(&sealed).unwrap_err(), SectionError::AlreadySealed);
}

//! Payloads for tests: one from the writer, and any at all put together by hand after the tables in the
//! crate's documentation, without a look at the crate's code.
#![allow(dead_code, reason = "each test file uses its part")]

use packed_resources::{
    Base, EXECUTABLE, EntryPoint, Error, Item, Kind, Manifest, NativeLibraries, PackageInfo,
    Payload, Writer,
};

/// Code and source that share text, as a module's do.
pub fn module() -> (Vec<u8>, Vec<u8>) {
    let code: String = (0..40)
        .map(|i| format!("name_{}\0const_{}\u{1}", i * 7919 % 1000, i))
        .collect();
    let source: String = (0..40)
        .map(|i| format!("name_{} = const_{}\n", i * 7919 % 1000, i))
        .collect();
    (code.into_bytes(), source.into_bytes())
}

/// Calls of one function, and loads.
pub fn machine_code(len: usize) -> Vec<u8> {
    let mut code = Vec::new();
    while code.len() < len {
        let next = code.len() as i32 + 5;
        code.push(0xe8);
        code.extend((len as i32 / 2 - next).to_le_bytes());
        code.extend([0x48, 0x8b, 0x05]);
        code.extend((len as i32 / 3 - next - 7).to_le_bytes());
    }
    code.truncate(len);
    code
}

/// Every kind, every compression, alignment with padding, shared contents.
pub fn sample() -> Vec<u8> {
    let (code, source) = module();
    let entry = EntryPoint::Script {
        path: "app.py".into(),
    };
    let mut manifest = Manifest::new("sample", "3.13.5", entry);
    manifest.native_libraries = NativeLibraries::Cache;
    manifest.packages.push(PackageInfo {
        name: "a".into(),
        version: "1".into(),
        license: None,
    });

    let mut writer = Writer::new();
    let mut add = |item| writer.add(item).unwrap();
    add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()));
    add(Item::new(
        Kind::Frozen,
        "encodings",
        &b"frozen encodings"[..],
    ));
    add(Item::new(
        Kind::Frozen,
        "encodings.utf_8",
        &b"frozen utf-8"[..],
    ));
    add(Item::new(Kind::Code, "app.py", code.clone()).zstd(9));
    let mut item = Item::new(Kind::File, "app.py", source).zstd(9);
    item.base = Some(Base {
        kind: Kind::Code,
        name: "app.py",
        data: &code,
    });
    add(item);
    let mut item = Item::new(Kind::File, "lib/x.so", &b"\x7fELF and so on"[..]);
    (item.align, item.flags) = (64, EXECUTABLE);
    item.needs = vec!["lib/y.so".into(), "lib/z.so".into()];
    add(item);
    add(Item::new(Kind::File, "lib/y.so", &b"\x7fELF"[..]));
    add(Item::new(Kind::File, "lib/z.so", &b"\x7fELF"[..]));
    add(Item::new(Kind::File, "lib/deep/er/file.txt", vec![b'x'; 500]).zstd(1));
    let mut item = Item::new(Kind::File, "lib/code.so", machine_code(600)).zstd(9);
    item.x86 = Some(50..590);
    add(item);
    add(Item::new(Kind::File, "lib/empty.txt", &b""[..]).zstd(1));
    add(Item::directory("lib/nothing/at/all"));
    finish(&mut writer)
}

/// The writer's bytes.
pub fn finish(writer: &mut Writer<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    writer.finish(&mut bytes).unwrap();
    bytes
}

/// An entry as its record says, true or not. `None` stands for the truth.
#[derive(Clone, Default)]
pub struct Raw {
    pub kind: u8,
    pub compression: u8,
    pub align: u8,
    pub flags: u32,
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub fields: Vec<u8>,
    pub raw_len: Option<u64>,
    pub stored_len: Option<u64>,
    pub offset: Option<u64>,
    pub hash: Option<[u8; 32]>,
    pub name_place: Option<(u32, u32)>,
    pub fields_place: Option<(u32, u32)>,
}

impl Raw {
    pub fn file(name: &str, data: &[u8]) -> Self {
        Self {
            kind: 4,
            name: name.into(),
            data: data.into(),
            ..Self::default()
        }
    }

    pub fn zstd(name: &str, frames: Vec<u8>, raw_len: usize) -> Self {
        Self {
            compression: 1,
            raw_len: Some(raw_len as u64),
            ..Self::file(name, &frames)
        }
    }
}

/// A field.
pub fn field(tag: u16, value: &[u8]) -> Vec<u8> {
    let len = value.len() as u32;
    [&tag.to_le_bytes()[..], &[0, 0], &len.to_le_bytes(), value].concat()
}

/// Puts a payload together: entries in the order given, data without padding.
pub fn craft(entries: &[Raw]) -> Vec<u8> {
    craft_wide(entries, 96, 80)
}

/// The same, with longer header and records, as a later writer might make them.
pub fn craft_wide(entries: &[Raw], header_len: u16, record_len: u16) -> Vec<u8> {
    let names: Vec<u8> = entries
        .iter()
        .flat_map(|entry| entry.name.clone())
        .collect();
    let fields: Vec<u8> = entries
        .iter()
        .flat_map(|entry| entry.fields.clone())
        .collect();
    let names_off = usize::from(header_len) + entries.len() * usize::from(record_len);
    let extras_off = names_off + names.len();
    let data_off = extras_off + fields.len();
    let total = data_off + entries.iter().map(|entry| entry.data.len()).sum::<usize>();

    let mut out = vec![0xEE; usize::from(header_len)];
    put(&mut out, 0, b"PYXIDIUM");
    put(&mut out, 8, &1u16.to_le_bytes());
    put(&mut out, 10, &header_len.to_le_bytes());
    put(&mut out, 12, &record_len.to_le_bytes());
    put(&mut out, 14, &[0; 2]);
    put(&mut out, 16, &(entries.len() as u32).to_le_bytes());
    put(&mut out, 20, &[0; 4]);
    put(&mut out, 24, &(total as u64).to_le_bytes());
    put(&mut out, 32, &(data_off as u64).to_le_bytes());
    put(&mut out, 40, &(names_off as u64).to_le_bytes());
    put(&mut out, 48, &(extras_off as u64).to_le_bytes());
    put(&mut out, 56, &(names.len() as u32).to_le_bytes());
    put(&mut out, 60, &(fields.len() as u32).to_le_bytes());
    let (mut name_at, mut field_at, mut data_at) = (0u32, 0u32, data_off as u64);
    for entry in entries {
        let mut record = vec![0xEE; usize::from(record_len)];
        let len = entry.data.len() as u64;
        let name = entry
            .name_place
            .unwrap_or((name_at, entry.name.len() as u32));
        let fields = entry
            .fields_place
            .unwrap_or((field_at, entry.fields.len() as u32));
        let hash = entry
            .hash
            .unwrap_or_else(|| *blake3::hash(&entry.data).as_bytes());
        put(
            &mut record,
            0,
            &[entry.kind, entry.compression, entry.align, 0],
        );
        put(&mut record, 4, &entry.flags.to_le_bytes());
        put(&mut record, 8, &name.0.to_le_bytes());
        put(&mut record, 12, &name.1.to_le_bytes());
        put(
            &mut record,
            16,
            &entry.offset.unwrap_or(data_at).to_le_bytes(),
        );
        put(
            &mut record,
            24,
            &entry.stored_len.unwrap_or(len).to_le_bytes(),
        );
        put(&mut record, 32, &entry.raw_len.unwrap_or(len).to_le_bytes());
        put(&mut record, 40, &fields.0.to_le_bytes());
        put(&mut record, 44, &fields.1.to_le_bytes());
        put(&mut record, 48, &hash);
        out.extend(record);
        name_at += entry.name.len() as u32;
        field_at += entry.fields.len() as u32;
        data_at += len;
    }
    out.extend(names);
    out.extend(fields);
    out.extend(entries.iter().flat_map(|entry| entry.data.clone()));
    seal(&mut out);
    out
}

/// Writes the index's checksum, as far as the header leads anywhere.
pub fn seal(bytes: &mut [u8]) {
    let data_off = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
    put(bytes, 64, &[0; 32]);
    if let Some(index) = bytes.get(..data_off) {
        let hash = *blake3::hash(index).as_bytes();
        put(bytes, 64, &hash);
    }
}

pub fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The sample with other bytes at `at` and a right checksum.
pub fn tampered(at: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = sample();
    put(&mut bytes, at, value);
    seal(&mut bytes);
    bytes
}

/// Parses, verifies and reads everything: the first error, if any.
pub fn read_all(bytes: &[u8]) -> Result<(), Error> {
    let payload = Payload::parse(bytes)?;
    payload.verify(&|_| ())?;
    for entry in payload.iter() {
        entry?.read()?;
    }
    Ok(())
}

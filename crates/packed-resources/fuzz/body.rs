//! What the fuzz targets do, without the fuzzer: ordinary tests replay the corpus through this file.
//!
//! Everything here must hold for any bytes at all.

use packed_resources::{
    Base, HEADER_LEN, Item, Kind, MAGIC, Payload, RECORD_LEN, StoredItem, VERSION, Writer, compress,
};

/// Reads `data` as a payload, as it is and with its checksums put right.
pub fn read(data: &[u8]) {
    exercise(data);
    if let Some(sealed) = reseal(data) {
        exercise(&sealed);
    }
}

/// The same bytes with a right magic number, version and checksums, so that what lies behind them is
/// reached. `None` where the header leads nowhere.
pub fn reseal(data: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = data.to_vec();
    bytes.get_mut(..8)?.copy_from_slice(&MAGIC);
    bytes
        .get_mut(8..10)?
        .copy_from_slice(&VERSION.to_le_bytes());
    let u16_at = |at| Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?));
    let u64_at = |at| Some(u64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?));
    let (header_len, record_len) = (u16_at(10)? as usize, u16_at(12)? as usize);
    let data_off = usize::try_from(u64_at(32)?).ok()?;
    if header_len < HEADER_LEN || record_len < RECORD_LEN || data_off < HEADER_LEN {
        return None;
    }
    let count = u32::from_le_bytes(data.get(16..20)?.try_into().ok()?) as usize;
    for record in (0..count.min(64)).map(|i| header_len + i * record_len) {
        let (Some(from), Some(len)) = (u64_at(record + 16), u64_at(record + 24)) else {
            break;
        };
        let stored = usize::try_from(from).ok().zip(usize::try_from(len).ok());
        let stored = stored.and_then(|(from, len)| data.get(from..from.checked_add(len)?));
        if let (Some(stored), Some(hash)) = (stored, bytes.get_mut(record + 48..record + 80)) {
            hash.copy_from_slice(blake3::hash(stored).as_bytes());
        }
    }
    bytes.get_mut(64..96)?.fill(0);
    let hash = *blake3::hash(bytes.get(..data_off)?).as_bytes();
    bytes[64..96].copy_from_slice(&hash);
    Some(bytes)
}

/// Everything that can be asked of a payload.
pub fn exercise(bytes: &[u8]) {
    let Ok(payload) = Payload::parse(bytes) else {
        return;
    };
    let verified = payload.verify(&|_| ()).is_ok();
    let _ = payload.manifest();
    for (i, entry) in payload.iter().take(256).enumerate() {
        let Ok(entry) = entry else {
            assert!(!verified, "entry {i} of a verified payload cannot be had");
            continue;
        };
        let found = payload.get(entry.kind(), entry.name());
        let _ = (
            entry.needs(),
            entry.base(),
            entry.stored(),
            payload.is_dir(entry.name()),
        );
        if verified {
            assert_eq!(found.ok().flatten().map(|entry| entry.index()), Some(i));
            assert!(
                payload
                    .prefix(entry.kind(), entry.name())
                    .next()
                    .is_some_and(|e| e.is_ok())
            );
            assert!(entry.stored().is_ok());
        }
        // More is allowed, but takes the fuzzer's time.
        if entry.raw_len() <= 16 << 20 {
            let mut buffer = vec![0xaa; entry.raw_len() as usize];
            let into = entry.read_into(&mut buffer);
            match entry.read() {
                Ok(read) => assert!(into.is_ok() && *read == buffer),
                Err(_) => assert!(into.is_err()),
            }
        }
    }
    walk(&payload, verified);
}

/// Lists directories from the root down. In a verified payload that finds every file once.
fn walk(payload: &Payload<'_>, verified: bool) {
    let (mut todo, mut files, mut budget) = (vec![String::new()], 0, 4096);
    while let Some(dir) = todo.pop() {
        assert!(!verified || payload.is_dir(&dir).is_ok_and(|is_dir| is_dir));
        let Ok(children) = payload.children(&dir) else {
            continue;
        };
        for child in children {
            budget -= 1;
            if budget == 0 {
                return;
            }
            let Ok(child) = child else {
                assert!(!verified);
                continue;
            };
            files += usize::from(!child.is_dir);
            if child.is_dir {
                let slash = if dir.is_empty() { "" } else { "/" };
                todo.push(format!("{dir}{slash}{}", child.name));
            }
        }
    }
    if verified {
        assert_eq!(files, payload.prefix(Kind::File, "").count());
    }
}

/// Packs what `data` describes, and expects it back.
pub fn roundtrip(data: &[u8]) {
    let mut items: Vec<StoredItem<'_>> = Vec::new();
    let mut contents: Vec<(Kind, String, Vec<u8>)> = Vec::new();
    let mut rest = data;
    while let Some(([kind, name, level, len], tail)) = rest.split_first_chunk::<4>() {
        let (data, tail) = tail.split_at(tail.len().min(usize::from(*len)));
        rest = tail;
        let kind = Kind::ALL[usize::from(kind % 5)];
        let data = if kind == Kind::Directory { &[] } else { data };
        // Few different names, so that they meet.
        let parts: Vec<&str> = (0..=name % 3)
            .map(|i| ["a", "b", "a.b", "a-"][usize::from(name >> (2 * i + 2) & 3)])
            .collect();
        let mut item = Item::new(kind, parts.join("/"), data);
        if level & 1 == 1 {
            // Up to 7. Above, zstd reads a table that GCC's AddressSanitizer takes for a dead variable.
            item = item.zstd(i32::from(level >> 5));
        }
        item.align = 1 << (level % 4);
        if level & 2 == 2 {
            item.needs = vec!["a/b".into(), "x".into()];
        }
        item.x86 = (level & 8 == 8).then_some(u64::from(*name)..u64::from(*len));
        item.smallest = level & 16 == 16;
        let base = contents
            .iter()
            .find(|(kind, _, _)| *kind == Kind::Code)
            .cloned();
        if let Some((kind, name, data)) = &base {
            item.base = (level & 4 == 4).then_some(Base {
                kind: *kind,
                name,
                data,
            });
        }
        contents.push((kind, item.name.clone(), data.to_vec()));
        if let Ok(item) = compress(item) {
            items.push(item.into_owned());
        }
    }
    let mut writer = Writer::new();
    items.retain(|item| writer.add_stored(item.clone()).is_ok());
    let mut bytes = Vec::new();
    let Ok(summary) = writer.finish(&mut bytes) else {
        return;
    };

    let payload = Payload::parse(&bytes).expect("a written payload can be read");
    assert_eq!(
        payload.verify(&|_| ()).expect("a written payload is whole"),
        summary
    );
    for item in &items {
        let entry = payload
            .get(item.kind(), item.name())
            .expect("sorted")
            .expect("written");
        let read = entry.read().expect("whole");
        assert!(contents.contains(&(item.kind(), item.name().to_owned(), read.into_owned())));
    }
    exercise(&bytes);

    let mut again = Vec::new();
    let mut backwards = Writer::new();
    items
        .into_iter()
        .rev()
        .for_each(|item| backwards.add_stored(item).expect("added before"));
    backwards.finish(&mut again).expect("written before");
    assert!(again == bytes, "the order of adding shows");

    let mut merged = Writer::new();
    merged
        .merge(&payload, |entry| Some(entry.name().to_owned()))
        .expect("whole");
    again.clear();
    merged.finish(&mut again).expect("written before");
    assert!(again == bytes, "merging changes bytes");
}

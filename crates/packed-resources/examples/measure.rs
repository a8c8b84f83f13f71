//! How long the reader takes: `cargo run --release -p packed-resources --example measure [PAYLOAD]`.
//!
//! Without a payload it measures one of 10,000 entries, named as a big application's are.
#![allow(clippy::print_stdout, reason = "an example that prints figures")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use packed_resources::{Compression, Item, Kind, Payload, Writer, compress};

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = match std::env::args_os().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => ten_thousand()?,
    };
    let payload = Payload::parse(&bytes)?;
    let entries: Vec<_> = payload.iter().collect::<Result<_, _>>()?;
    let summary = payload.verify(&|_| ())?;
    let index = summary.total_len - summary.data_len;
    println!(
        "{} entries, index {} KB, payload {} KB",
        payload.len(),
        index >> 10,
        summary.total_len >> 10
    );

    let time = best(50, || Payload::parse(&bytes).map(|payload| payload.len()));
    println!("parse          {:8.1} us", time.as_secs_f64() * 1e6);
    // Names in an order that has nothing to do with theirs.
    let count = entries.len();
    let order: Vec<usize> = (0..count).map(|i| i * 7919 % count).collect();
    let each = |time: Duration| time.as_nanos() / count as u128;
    let time = best(20, || {
        order
            .iter()
            .filter_map(|i| payload.get(entries[*i].kind(), entries[*i].name()).ok()?)
            .count()
    });
    println!("look-up        {:8} ns", each(time));
    let names: Vec<String> = order
        .iter()
        .map(|i| format!("{}~", entries[*i].name()))
        .collect();
    let time = best(20, || {
        names
            .iter()
            .filter_map(|n| payload.get(Kind::File, n).ok()?)
            .count()
    });
    println!("look-up, miss  {:8} ns", each(time));
    let time = best(20, || {
        names
            .iter()
            .filter(|n| payload.is_dir(n).unwrap_or(false))
            .count()
    });
    println!("is_dir, miss   {:8} ns", each(time));
    let time = best(20, || {
        payload
            .iter()
            .flatten()
            .map(|entry| entry.raw_len())
            .sum::<u64>()
    });
    println!("walk, an entry {:8} ns", each(time));

    let (mut dirs, mut todo) = (Vec::new(), vec![String::new()]);
    while let Some(dir) = todo.pop() {
        for child in payload.children(&dir)? {
            let child = child?;
            if child.is_dir {
                todo.push(format!(
                    "{dir}{}{}",
                    if dir.is_empty() { "" } else { "/" },
                    child.name
                ));
            }
        }
        dirs.push(dir);
    }
    let list = || {
        dirs.iter()
            .filter_map(|dir| payload.children(dir).ok())
            .flatten()
            .count()
    };
    let (time, children) = (best(20, list), list());
    println!(
        "list           {:8} ns a child ({children} in {} directories)",
        time.as_nanos() / children.max(1) as u128,
        dirs.len()
    );

    let time = best(5, || payload.verify(&|_| ()).is_ok());
    rate("verify", summary.total_len, time);
    for kind in [
        Compression::None,
        Compression::Zstd,
        Compression::ZstdPrefix,
    ] {
        let some: Vec<_> = entries.iter().filter(|e| e.compression() == kind).collect();
        let Some(biggest) = some.iter().max_by_key(|entry| entry.raw_len()) else {
            continue;
        };
        let time = best(5, || biggest.read().map(|read| read.len()).unwrap_or(0));
        rate(&format!("read, {kind:?}, biggest"), biggest.raw_len(), time);
        let raw = some.iter().map(|entry| entry.raw_len()).sum();
        let read = || {
            some.iter()
                .filter_map(|e| e.read().ok())
                .map(|read| read.len())
                .sum::<usize>()
        };
        rate(
            &format!("read, {kind:?}, {} entries", some.len()),
            raw,
            best(5, read),
        );
    }
    Ok(())
}

fn rate(what: &str, bytes: u64, time: Duration) {
    let speed = bytes as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{what}: {:.1} MB in {:.2} ms, {speed:.0} MB/s",
        bytes as f64 / 1e6,
        time.as_secs_f64() * 1e3
    );
}

/// The shortest of so many runs: what the machine can do when nothing else runs.
fn best<T>(runs: usize, work: impl Fn() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..runs).map(|_| once()).min().unwrap_or_default()
}

fn ten_thousand() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = Writer::new();
    for i in 0..5000 {
        let name = format!(
            "lib/python3.13/site-packages/package{}/part{}/module_{i}.py",
            i % 60,
            i % 7
        );
        let text =
            format!("def function_{i}(argument):\n    return argument + {i}\n").repeat(20 + i % 50);
        writer.add_stored(compress(
            Item::new(Kind::Code, name.clone(), text.clone().into_bytes()).zstd(3),
        )?)?;
        writer.add_stored(compress(
            Item::new(Kind::File, name, (text + "#").into_bytes()).zstd(3),
        )?)?;
    }
    let big: Vec<u8> = (0..40u32 << 20)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 27) as u8 ^ (i >> 12) as u8)
        .collect();
    writer.add(Item::new(Kind::File, "lib/big.so", big).zstd(3))?;
    let mut bytes = Vec::new();
    writer.finish(&mut bytes)?;
    Ok(bytes)
}

//! How much of a sealed file each part takes, and what with: `inspect --sizes`, `build --sizes`.

use std::collections::BTreeMap;

use packager::Contents;
use packed_resources::Kind;
use serde::Serialize;

use crate::human;
use crate::printer::Printer;
use crate::table::Table;

/// A part's bytes in the file, by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct PartSize {
    name: String,
    bytecode: u64,
    sources: u64,
    libraries: u64,
    data: u64,
    total: u64,
}

/// The parts, the largest first; the runtime is one of them.
pub(super) fn of(contents: &Contents) -> Vec<PartSize> {
    let mut parts: BTreeMap<&str, PartSize> = BTreeMap::new();
    // Entries with the same contents share their place: the first of them counts.
    let mut seen = std::collections::BTreeSet::new();
    for file in contents.files.iter().filter(|f| seen.insert(&f.hash)) {
        let part = parts.entry(&file.part).or_default();
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let kind = match file.kind {
            Kind::Code | Kind::Frozen => &mut part.bytecode,
            _ if name.ends_with(".py") => &mut part.sources,
            _ if name.ends_with(".so") || name.contains(".so.") => &mut part.libraries,
            _ => &mut part.data,
        };
        *kind += file.stored;
        part.total += file.stored;
    }
    let runtime = contents.size.saturating_sub(contents.payload_size);
    let mut list: Vec<PartSize> = parts
        .into_iter()
        .map(|(name, part)| PartSize {
            name: name.to_owned(),
            ..part
        })
        .collect();
    list.push(PartSize {
        name: "(runtime)".into(),
        libraries: runtime,
        total: runtime,
        ..PartSize::default()
    });
    list.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
    list
}

pub(super) fn show(parts: &[PartSize], whole: u64, json: bool, printer: &Printer) {
    if json {
        // Plain data of ours: nothing that fails to serialise.
        printer.out(&serde_json::to_string_pretty(parts).unwrap_or_default());
        return;
    }
    let mut table = Table::new(&[
        "Part",
        ">Bytecode",
        ">Sources",
        ">Libraries",
        ">Data",
        ">Together",
        ">Share",
    ]);
    let size = |bytes: u64| match bytes {
        0 => String::new(),
        bytes => human::size(bytes),
    };
    for part in parts {
        table.row([
            part.name.clone(),
            size(part.bytecode),
            size(part.sources),
            size(part.libraries),
            size(part.data),
            size(part.total),
            format!("{:.1} %", part.total as f64 * 100.0 / whole.max(1) as f64),
        ]);
    }
    super::inspect::show(&table, printer);
}

//! `pyxidium build`: one file out of a script or a folder.

use std::collections::BTreeMap;
use std::time::Instant;

use packager::{BuildOptions, Cache, Progress as _, Sealed, SealedFile};
use serde_json::json;

use super::project;
use super::sizes::PartSize;
use crate::cli::{BuildArgs, NativeLibraries, Size};
use crate::printer::{Printer, Style};
use crate::{Error, human};

pub(crate) fn run(args: &BuildArgs, printer: &Printer) -> Result<(), Error> {
    let start = Instant::now();
    super::leave_on_interrupt()?;
    let plan = recipe::plan(&recipe::Request {
        path: args.path.clone(),
        module: args.module.clone(),
        requirements: args.packages.requirements.clone(),
        output: args.output.clone(),
        native_libraries: args.native_libraries.map(|n| match n {
            NativeLibraries::Memory => recipe::NativeLibraries::Memory,
            NativeLibraries::Cache => recipe::NativeLibraries::Cache,
        }),
        runtime: args.runtime.clone(),
        script: args.script.clone(),
        extras: args.extra.clone(),
        only_used: only_used(&args.size),
        keep: args.size.keep.clone(),
        strip: args.size.strip,
        no_compress: args.size.no_compress,
        optimize: args.size.optimize,
    })?;
    let cache = Cache::of_user()?;
    let options = BuildOptions {
        carry_packager: args.carry_packager,
        ..project::options(&args.packages, &cache)?
    };
    let sealed = packager::build(&plan, &options, printer)?;
    let seconds = start.elapsed().as_secs_f64();
    let sizes = args.size.sizes.then(|| sizes_of(&sealed)).transpose()?;
    if args.json {
        printer.out(&as_json(&sealed, seconds, sizes.as_deref()));
        return Ok(());
    }
    for missing in &sealed.missing {
        printer.note(&format!(
            "left out: {} ({})",
            missing.path,
            human::size(missing.stored)
        ));
    }
    printer.result(&format!(
        "{} {}  {}, {}, {seconds:.1} s",
        printer.styled_out(Style::Good, "Sealed"),
        printer.styled_out(Style::Strong, &sealed.path.display().to_string()),
        human::size(sealed.len),
        human::count(sealed.packages.len(), "package", "packages"),
    ));
    if !sealed.missing.is_empty() {
        printer.result(&left_out(&sealed));
    }
    if let Some(sizes) = sizes {
        super::sizes::show(&sizes, sealed.len, false, printer);
    }
    Ok(())
}

fn only_used(size: &Size) -> recipe::OnlyUsed {
    match &size.only_used {
        None => recipe::OnlyUsed::AsProject,
        Some(path) => recipe::OnlyUsed::Record(path.clone()),
    }
}

/// One line about what was left out: how much, and of what most.
fn left_out(sealed: &Sealed) -> String {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for missing in &sealed.missing {
        *parts.entry(&missing.part).or_default() += missing.stored;
    }
    let total = parts.values().sum();
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> = parts
        .iter()
        .take(4)
        .map(|(name, bytes)| format!("{} of {name}", human::size(*bytes)))
        .collect();
    let more = if parts.len() > 4 { ", ..." } else { "" };
    format!(
        "Left out {}, {}: {}{more}; --verbose names each",
        human::count(sealed.missing.len(), "file", "files"),
        human::size(total),
        named.join(", "),
    )
}

fn sizes_of(sealed: &Sealed) -> Result<Vec<PartSize>, Error> {
    let file = SealedFile::open(&sealed.path)?;
    Ok(super::sizes::of(&packager::inspect(&file)?))
}

fn as_json(sealed: &Sealed, seconds: f64, sizes: Option<&[PartSize]>) -> String {
    let mut value = json!({
        "path": sealed.path,
        "size": sealed.len,
        "seconds": seconds,
        "packages": sealed.packages,
        "payload": sealed.summary,
        "left_out": sealed.missing,
    });
    if let Some(sizes) = sizes {
        value["sizes"] = json!(sizes);
    }
    format!("{value:#}")
}

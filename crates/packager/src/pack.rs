//! Files to entries: compiled, compressed on all cores, written as a pack, which is a small payload
//! in the cache that later builds merge as it is.

use std::path::{Path, PathBuf};

use packed_resources::{Base, EXECUTABLE, Item, Kind, Payload, StoredItem, Writer, compress_on};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::compile::{self, Job, Outcome};
use crate::output::Unfinished;
use crate::section::elf;
use crate::{Error, Progress, Python, Unit, progress};

/// Changes whenever the same files would become other entries. Part of every pack's key.
pub(crate) const RECIPE: &str = "7";

/// How hard to compress. Measured on numpy and the standard library: 17 is half a per cent behind 19
/// in bytecode, in half the time; for large shared objects 17 and 19 save up to a tenth over 12 and take
/// ten times as long. That is worth it once for everybody, but not to a person who waits for a
/// first build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// A package, compressed once on the user's machine.
    Package,
    /// What is part of every app, compressed once for everybody.
    Everybody,
    /// A package, for an author who would rather wait than ship a byte more.
    Smallest,
    /// Not at all: for a file that is compressed as a whole, or has to start a little faster.
    None,
}

impl Effort {
    /// Longer files are worth less effort: a second here is one in which an author waits.
    const LARGE: usize = 4 << 20;

    /// Whether [`Self::Smallest`] makes much of a difference to a file that [`Self::Package`] has compressed.
    pub(crate) fn smallest_pays(len: u64) -> bool {
        len > Self::LARGE as u64
    }

    pub(crate) fn level(self, len: usize) -> i32 {
        const HUGE: usize = 32 << 20;
        match self {
            Self::None => 0,
            Self::Everybody | Self::Smallest => 19,
            Self::Package if len > HUGE => 9,
            Self::Package if len > Self::LARGE => 12,
            Self::Package => 17,
        }
    }
}

/// A file that is to become an entry, or two with its bytecode.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Payload path.
    pub(crate) path: String,
    /// The file.
    pub(crate) source: PathBuf,
    /// Its bytes.
    pub(crate) data: Vec<u8>,
    /// Whether it may be run.
    pub(crate) executable: bool,
    /// Shared libraries to load before it.
    pub(crate) needs: Vec<String>,
}

/// What a pack says of itself, as meta entry `pack`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PackInfo {
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) license: Option<String>,
    /// Folders that `.pth` files add, as payload paths.
    #[serde(default)]
    pub(crate) sys_path: Vec<String>,
    /// Import lines of `.pth` files.
    #[serde(default)]
    pub(crate) startup: Vec<String>,
    /// Whether one of its sources may import `pyxidium.compute`.
    #[serde(default)]
    pub(crate) compute: bool,
    /// Whether one of its sources may import `oxidized_importer`.
    #[serde(default)]
    pub(crate) oxidized: bool,
    /// Level of optimisation of its bytecode.
    #[serde(default)]
    pub(crate) optimize: u8,
    /// Sources that Python does not accept, for `--verbose`.
    #[serde(default)]
    pub(crate) rejected: Vec<String>,
}

impl PackInfo {
    /// Name of the meta entry.
    pub(crate) const ENTRY: &'static str = "pack";

    pub(crate) fn read(payload: &Payload<'_>, path: &Path) -> Result<Self, Error> {
        let what = || format!("{} cannot be read", path.display());
        let damaged = || Error::DamagedPack { path: path.into() };
        let entry = payload
            .get(Kind::Meta, Self::ENTRY)
            .map_err(Error::payload(what()))?;
        let json = entry
            .ok_or_else(damaged)?
            .read()
            .map_err(Error::payload(what()))?;
        serde_json::from_slice(&json).map_err(|_| damaged())
    }

    pub(crate) fn item(&self) -> Item<'static> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Item::new(Kind::Meta, Self::ENTRY, json)
    }
}

/// Compiles what is Python.
pub(crate) fn compile(
    python: &Python,
    what: &str,
    inputs: &[Input],
    level: u8,
    progress: &dyn Progress,
) -> Result<Vec<Option<Outcome>>, Error> {
    let jobs = jobs(inputs, level);
    progress.begin(
        &format!("compiling {what}"),
        Some(jobs.len() as u64),
        Unit::Items,
    );
    let outcomes = compile::compile(python, &jobs, progress);
    progress.end();
    Ok(in_place(inputs, outcomes?))
}

/// The sources among the inputs.
pub(crate) fn jobs(inputs: &[Input], level: u8) -> Vec<Job<'_>> {
    inputs
        .iter()
        .filter(|i| is_source(&i.path))
        .map(|i| Job::code_at(level, &i.path, &i.data))
        .collect()
}

/// Outcomes of [`jobs`], one place for each input.
pub(crate) fn in_place(inputs: &[Input], outcomes: Vec<Outcome>) -> Vec<Option<Outcome>> {
    let mut outcomes = outcomes.into_iter();
    inputs
        .iter()
        .map(|i| {
            if is_source(&i.path) {
                outcomes.next()
            } else {
                None
            }
        })
        .collect()
}

pub(crate) fn is_source(path: &str) -> bool {
    path.ends_with(".py") || path.ends_with(".pyw")
}

/// Compresses inputs and their code, on all cores.
pub(crate) fn entries<'a>(
    inputs: &'a [Input],
    codes: &'a [Option<Outcome>],
    effort: Effort,
    what: &str,
    progress: &dyn Progress,
) -> Result<Vec<StoredItem<'a>>, Error> {
    let total = inputs.iter().map(|i| i.data.len() as u64).sum();
    progress.begin(&format!("compressing {what}"), Some(total), Unit::Bytes);
    let done: Result<Vec<Vec<StoredItem<'a>>>, Error> = inputs
        .par_iter()
        .zip(codes)
        .map(|(input, code)| {
            progress::check(progress)?;
            let items = entry(input, code.as_ref(), effort);
            progress.advance(input.data.len() as u64);
            items
        })
        .collect();
    progress.end();
    Ok(done?.into_iter().flatten().collect())
}

fn entry<'a>(
    input: &'a Input,
    code: Option<&'a Outcome>,
    effort: Effort,
) -> Result<Vec<StoredItem<'a>>, Error> {
    let compressed = |item: Item<'a>| match effort {
        Effort::None => item,
        _ => {
            let level = effort.level(item.data.len());
            item.zstd(level)
        }
    };
    let mut items = Vec::new();
    let mut file = compressed(Item::new(Kind::File, &input.path, input.data.as_slice()));
    file.flags = if input.executable { EXECUTABLE } else { 0 };
    file.needs.clone_from(&input.needs);
    file.x86 = elf::machine_code(&input.data);
    file.smallest = effort == Effort::Smallest;
    if let Some(Outcome::Code(code)) = code {
        items.push(store(compressed(Item::new(
            Kind::Code,
            &input.path,
            code.as_slice(),
        )))?);
        // Names, strings and docstrings stand in both: half the size of the source alone.
        if effort != Effort::None {
            file.base = Some(Base {
                kind: Kind::Code,
                name: &input.path,
                data: code,
            });
        }
    }
    items.push(store(file)?);
    Ok(items)
}

/// Compresses one item, big ones on several threads.
pub(crate) fn store(item: Item<'_>) -> Result<StoredItem<'_>, Error> {
    let name = item.name.clone();
    compress_on(item, &|count, frame| {
        (0..count).into_par_iter().for_each(frame)
    })
    .map_err(Error::payload(format!("{name} cannot be packed")))
}

/// Writes a pack under its name.
pub(crate) fn write(path: &Path, writer: &mut Writer<'_>) -> Result<(), Error> {
    let mut out = Unfinished::create(path)?;
    let result = writer.finish(&mut std::io::BufWriter::with_capacity(1 << 20, out.file()));
    match result {
        Ok(_) => out.finish(0o644),
        Err(packed_resources::Error::Write(e)) => Err(out.failed(e)),
        Err(e) => Err(Error::payload(format!(
            "{} cannot be written",
            path.display()
        ))(e)),
    }
}

/// A payload file mapped into memory.
#[derive(Debug)]
pub(crate) struct Mapped(pub(crate) memmap2::Mmap);

impl Mapped {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = fs_err::File::open(path)?;
        // SAFETY: files in the cache and sealed files are written once and then only renamed or
        // removed, never changed in place, so the bytes stay as they are while they are mapped. A
        // person who truncates one meanwhile gets a bus error, as with any mapped program.
        let map = unsafe { memmap2::Mmap::map(file.file()) }?;
        Ok(Self(map))
    }
}

/// Compiles and compresses inputs into a pack at `path`, unless it is there.
pub(crate) fn make(
    python: &Python,
    mut info: PackInfo,
    inputs: &[Input],
    effort: Effort,
    path: &Path,
    progress: &dyn Progress,
) -> Result<(), Error> {
    if path.is_file() {
        return Ok(());
    }
    let name = format!("{} {}", info.name, info.version);
    progress.note(&format!("packing {name}"));
    let codes = compile(python, &name, inputs, info.optimize, progress)?;
    for (input, code) in inputs.iter().zip(&codes) {
        // Templates and sources for other Pythons: they stay as files.
        if let Some(Outcome::Rejected(r)) = code {
            info.rejected
                .push(format!("{}, line {}: {}", input.path, r.line, r.message));
        }
    }
    for note in &info.rejected {
        progress.note(&format!("not compiled: {note}"));
    }
    let mut writer = Writer::new();
    let failed = || format!("{} {} cannot be packed", info.name, info.version);
    writer.add(info.item()).map_err(Error::payload(failed()))?;
    for item in entries(inputs, &codes, effort, &name, progress)? {
        writer.add_stored(item).map_err(Error::payload(failed()))?;
    }
    write(path, &mut writer)
}

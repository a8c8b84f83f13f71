//! The payload into the runtime: one file. And Pyxidium's own file, which is sealed the same way and
//! carries what every other sealing starts from.

use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use packed_resources::{BuildInfo, EntryPoint, Item, Kind, Manifest, Payload, Summary, Writer};

use crate::compile::{self, Job, Outcome};
use crate::output::Unfinished;
use crate::pack::{self, Effort, PackInfo};
use crate::section::elf::Head;
use crate::{APP, Cache, Error, Progress, Python, SITE_PACKAGES, STDLIB, Unit, resolve, stdlib};

/// Payload path of the compressed console runtime in Pyxidium's own payload.
pub(crate) const CONSOLE_RUNTIME: &str = "runtime/console";
/// Option of the manifest that names the CPython inside.
pub(crate) const CPYTHON_KEY: &str = "cpython-key";

/// The machine that sealed files are for.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Modules that CPython needs before an importer of ours can run.
const FROZEN_STDLIB: [&str; 5] = [
    "encodings",
    "encodings.aliases",
    "encodings.ascii",
    "encodings.latin_1",
    "encodings.utf_8",
];

/// The folders in which every sealed app looks for modules, in order.
pub(crate) fn sys_path(additions: impl IntoIterator<Item = String>) -> Vec<String> {
    let dynload = format!("{STDLIB}/lib-dynload");
    let mut list: Vec<String> = [APP, STDLIB, &dynload, SITE_PACKAGES]
        .map(str::to_owned)
        .into();
    for folder in additions {
        if !list.contains(&folder) {
            list.push(folder);
        }
    }
    list
}

/// Writes `output`: the runtime `stub` with everything in `writer`.
pub(crate) fn write(
    output: &Path,
    stub: &[u8],
    stub_name: &Path,
    writer: &mut Writer<'_>,
    progress: &dyn Progress,
) -> Result<(Summary, u64), Error> {
    let head = Head::new(stub).map_err(|source| Error::Section {
        path: stub_name.into(),
        source,
    })?;
    progress.begin("writing", None, Unit::Bytes);
    let result = write_parts(output, head, writer);
    progress.end();
    result
}

fn write_parts(
    output: &Path,
    head: Head,
    writer: &mut Writer<'_>,
) -> Result<(Summary, u64), Error> {
    let mut out = Unfinished::create(output)?;
    let start = head.len();
    if let Err(e) = out.file().seek(SeekFrom::Start(start)) {
        return Err(out.failed(e));
    }
    let result = writer.finish(&mut BufWriter::with_capacity(1 << 20, out.file()));
    let summary = match result {
        Ok(summary) => summary,
        Err(packed_resources::Error::Write(e)) => return Err(out.failed(e)),
        Err(e) => return Err(Error::payload("the payload cannot be put together")(e)),
    };
    let head = head.finish(summary.total_len);
    let mut write_head = || -> std::io::Result<()> {
        out.file().seek(SeekFrom::Start(0))?;
        out.file().write_all(&head)
    };
    if let Err(e) = write_head() {
        return Err(out.failed(e));
    }
    out.finish(0o755)?;
    let len = start + summary.total_len;
    Ok((summary, len))
}

/// A module that is frozen into Pyxidium's payload from a source of ours.
#[derive(Debug, Clone, Copy)]
pub struct FrozenSource<'a> {
    /// Dotted name.
    pub name: &'a str,
    /// Python source.
    pub source: &'a str,
}

/// What goes into Pyxidium's own file.
#[derive(Debug, Clone, Copy)]
pub struct SelfSeal<'a> {
    /// A built CPython: `bin/`, `lib/`, `link.json`, `pip.whl`.
    pub cpython: &'a Path,
    /// The command line's executable, which gets the payload.
    pub stub: &'a Path,
    /// The console runtime, which goes into the payload.
    pub console: &'a Path,
    /// Modules of our own that start-up needs.
    pub frozen: &'a [FrozenSource<'a>],
    /// The file to write.
    pub output: &'a Path,
    /// Pyxidium's version.
    pub version: &'a str,
}

/// Seals Pyxidium itself with a CPython, so that it can seal others.
pub fn self_seal(
    request: &SelfSeal<'_>,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let python = built_python(request.cpython)?;
    let stub = fs_err::read(request.stub)?;
    let console = fs_err::read(request.console)?;
    Head::new(&console).map_err(|source| Error::Section {
        path: request.console.into(),
        source,
    })?;

    let inputs = stdlib::read(request.cpython)?;
    let info = PackInfo {
        name: "stdlib".into(),
        version: python.version.clone(),
        ..PackInfo::default()
    };
    let stdlib = cache.pack(&resolve::key::of_pack(&python, &info, &inputs));
    pack::make(&python, info, &inputs, Effort::Everybody, &stdlib, progress)?;
    let mut packs = vec![stdlib];
    packs.extend(resolve::pip_itself(
        &python,
        &request.cpython.join("pip.whl"),
        cache,
        progress,
    )?);
    let maps = packs
        .iter()
        .map(|p| pack::Mapped::open(p))
        .collect::<Result<Vec<_>, _>>()?;

    let mut writer = Writer::new();
    let failed = "Pyxidium's payload cannot be put together";
    for item in frozen(&python, request, &inputs)? {
        writer.add(item).map_err(Error::payload(failed))?;
    }
    progress.begin("compressing the runtime", None, Unit::Items);
    let runtime = Item::new(Kind::File, CONSOLE_RUNTIME, console.as_slice())
        .zstd(Effort::Everybody.level(console.len()));
    writer
        .add_stored(pack::store(runtime)?)
        .map_err(Error::payload(failed))?;
    progress.end();

    let mut manifest = Manifest::new(
        "pyxidium",
        &python.version,
        EntryPoint::Module { name: "pip".into() },
    );
    manifest.version = Some(request.version.into());
    manifest.sys_path = sys_path([]);
    manifest.build = BuildInfo {
        pyxidium: request.version.into(),
        target: TARGET.into(),
    };
    manifest
        .options
        .insert(CPYTHON_KEY.into(), python.key.clone().into());

    for (path, map) in packs.iter().zip(&maps) {
        let what = || format!("{} cannot be used", path.display());
        let payload = Payload::parse(&map.0).map_err(Error::payload(what()))?;
        let PackInfo {
            name,
            version,
            license,
            ..
        } = PackInfo::read(&payload, path)?;
        if name != "stdlib" {
            manifest.packages.push(packed_resources::PackageInfo {
                name,
                version,
                license,
            });
        }
        writer
            .merge(&payload, |e| {
                (e.kind() != Kind::Meta).then(|| e.name().to_owned())
            })
            .map_err(Error::payload(what()))?;
    }
    writer
        .add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()))
        .map_err(Error::payload(failed))?;
    write(request.output, &stub, request.stub, &mut writer, progress).map(|(summary, _)| summary)
}

/// The interpreter of a CPython that was built for us.
pub(crate) fn built_python(root: &Path) -> Result<Python, Error> {
    #[derive(serde::Deserialize)]
    struct Link {
        version: String,
        key: String,
    }
    let path = root.join("link.json");
    let link: Link = serde_json::from_slice(&fs_err::read(&path)?).map_err(|e| Error::Worker {
        what: format!("{}: {e}", path.display()),
    })?;
    let program: PathBuf = std::path::absolute(root.join("bin/python3.13"))?;
    Ok(Python {
        program,
        arguments: Vec::new(),
        version: link.version,
        key: link.key,
    })
}

/// Code of the modules that CPython finds in its table of frozen modules.
fn frozen(
    python: &Python,
    request: &SelfSeal<'_>,
    stdlib: &[pack::Input],
) -> Result<Vec<Item<'static>>, Error> {
    let mut list: Vec<(String, &[u8])> = Vec::new();
    for name in FROZEN_STDLIB {
        let base = format!("{STDLIB}/{}", name.replace('.', "/"));
        let (module, package) = (format!("{base}.py"), format!("{base}/__init__.py"));
        let found = stdlib
            .iter()
            .find(|i| i.path == module || i.path == package);
        let found = found.ok_or_else(|| Error::NoSuchModule {
            module: name.into(),
        })?;
        list.push((name.into(), &found.data));
    }
    list.extend(
        request
            .frozen
            .iter()
            .map(|f| (f.name.into(), f.source.as_bytes())),
    );
    let names: Vec<String> = list
        .iter()
        .map(|(name, _)| format!("<frozen {name}>"))
        .collect();
    let jobs: Vec<Job<'_>> = names
        .iter()
        .zip(&list)
        .map(|(name, (_, source))| Job { name, source })
        .collect();
    let outcomes = compile::compile(python, &jobs, &crate::Silent)?;
    list.into_iter()
        .zip(outcomes)
        .map(|((name, _), outcome)| match outcome {
            Outcome::Code(code) => {
                let mut item = Item::new(Kind::Frozen, name, code);
                item.align = 16;
                Ok(item)
            }
            Outcome::Rejected(r) => Err(Error::Worker {
                what: format!("{name}, line {}: {}", r.line, r.message),
            }),
        })
        .collect()
}

//! Pyxidium's own file, sealed like every other: it carries what all sealing starts from, which is
//! the standard library, the package `pyxidium`, pip and the runtimes.

use std::path::{Path, PathBuf};

use packed_resources::{
    BuildInfo, EntryPoint, Item, Kind, Manifest, PackageInfo, Payload, Summary, Writer,
};

use crate::compile::{self, Job, Outcome};
use crate::pack::{self, Effort, Input, PackInfo};
use crate::seal::{self, CPYTHON_KEY, TARGET};
use crate::section::elf::{Head, machine_code};
use crate::{
    Cache, Error, Progress, Python, Runtime, STDLIB, Unit, carried, components, progress, resolve,
    stdlib,
};

/// Modules that CPython needs before an importer of ours can run.
const FROZEN_STDLIB: [&str; 5] = [
    "encodings",
    "encodings.aliases",
    "encodings.ascii",
    "encodings.latin_1",
    "encodings.utf_8",
];

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
    /// The window runtime, likewise.
    pub window: &'a Path,
    /// The Python package `pyxidium`, for every app.
    pub package: &'a Path,
    /// What all of these are made of: a file that `cargo xtask dist` wrote.
    pub components: &'a Path,
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
    let head = |path: &Path, bytes: &[u8]| {
        Head::new(bytes).map_err(|source| Error::Section {
            path: path.into(),
            source,
        })
    };
    let stub = head(request.stub, &fs_err::read(request.stub)?)?;
    let console = fs_err::read(request.console)?;
    head(request.console, &console)?;
    let window = fs_err::read(request.window)?;

    let stdlib = stdlib::read(request.cpython)?;
    let package = stdlib::read_package(request.package, &carried::pyxidium())?;
    let mut packs = vec![
        own_pack("stdlib", &python.version, &stdlib, &python, cache, progress)?,
        own_pack(PACKAGE, request.version, &package, &python, cache, progress)?,
    ];
    let pip = request.cpython.join("pip.whl");
    packs.extend(resolve::pip_itself(&python, &pip, cache, progress)?);
    let maps = packs
        .iter()
        .map(|p| pack::Mapped::open(p))
        .collect::<Result<Vec<_>, _>>()?;

    let mut writer = Writer::new();
    for item in frozen(&python, request, &stdlib)? {
        writer.add(item).map_err(Error::payload(FAILED))?;
    }
    progress.begin("compressing the runtimes", None, Unit::Items);
    for (runtime, bytes) in [(Runtime::Console, &console), (Runtime::Window, &window)] {
        progress::check(progress)?;
        let mut item = Item::new(Kind::File, runtime.entry(), bytes.as_slice())
            .zstd(Effort::Everybody.level(bytes.len()));
        item.x86 = machine_code(bytes);
        writer
            .add_stored(pack::store(item)?)
            .map_err(Error::payload(FAILED))?;
    }
    progress.end();

    let mut manifest = manifest(&python, request.version);
    for (path, map) in packs.iter().zip(&maps) {
        let what = || format!("{} cannot be used", path.display());
        let payload = Payload::parse(&map.0).map_err(Error::payload(what()))?;
        let info = PackInfo::read(&payload, path)?;
        if info.name != "stdlib" && info.name != PACKAGE {
            manifest.packages.push(PackageInfo {
                name: info.name,
                version: info.version,
                license: info.license,
            });
        }
        let map =
            |e: &packed_resources::Entry<'_>| (e.kind() != Kind::Meta).then(|| e.name().to_owned());
        writer
            .merge(&payload, map)
            .map_err(Error::payload(what()))?;
    }
    let components = components::written(request.components)?;
    for item in [
        Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()),
        components.item(),
    ] {
        writer.add(item).map_err(Error::payload(FAILED))?;
    }
    seal::write(request.output, stub, &mut writer, progress).map(|(summary, _)| summary)
}

/// Name of the pack of our own package.
const PACKAGE: &str = "pyxidium";
const FAILED: &str = "Pyxidium's payload cannot be put together";

/// A pack of something that every app gets.
fn own_pack(
    name: &str,
    version: &str,
    inputs: &[Input],
    python: &Python,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let info = PackInfo {
        name: name.into(),
        version: version.into(),
        ..PackInfo::default()
    };
    let path = cache.pack(&resolve::key::of_pack(python, &info, inputs));
    pack::make(python, info, inputs, Effort::Everybody, &path, progress)?;
    Ok(path)
}

/// Run as an app, Pyxidium's payload is pip; the command line runs before that is asked.
fn manifest(python: &Python, version: &str) -> Manifest {
    let entry = EntryPoint::Module { name: "pip".into() };
    let mut manifest = Manifest::new("pyxidium", &python.version, entry);
    manifest.version = Some(version.into());
    manifest.sys_path = seal::sys_path([]);
    manifest.build = BuildInfo {
        pyxidium: version.into(),
        target: TARGET.into(),
    };
    manifest
        .options
        .insert(CPYTHON_KEY.into(), python.key.clone().into());
    manifest
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
        .map(|(name, (_, source))| Job::code(name, source))
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

//! One build, from plan to file: the order of the steps and what they share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use packed_resources::{
    BuildInfo, EntryPoint, Item, Kind, Manifest, NativeLibraries, PackageInfo, Payload, Summary,
    Writer,
};
use recipe::{BuildPlan, Entry};

use crate::compile::{self, Outcome};
use crate::pack::{self, Effort, Input, Mapped, PackInfo};
use crate::seal::{self, CONSOLE_RUNTIME, CPYTHON_KEY, TARGET};
use crate::{APP, Cache, Error, Progress, Python, SITE_PACKAGES, STDLIB, output, resolve, scan};

/// What a build needs besides its plan.
#[derive(Debug, Clone)]
pub struct BuildOptions<'a> {
    /// Pyxidium's own payload: standard library, runtime.
    pub base: Payload<'static>,
    /// The program that runs as Python with that payload, and its arguments.
    pub python_program: (PathBuf, Vec<std::ffi::OsString>),
    /// The cache.
    pub cache: &'a Cache,
    /// How to find packages.
    pub resolve: resolve::Options,
    /// Pyxidium's version.
    pub version: &'a str,
}

/// What came of a build.
#[derive(Debug)]
pub struct Sealed {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub len: u64,
    /// What its payload holds.
    pub summary: Summary,
    /// The packages in it.
    pub packages: Vec<PackageInfo>,
}

/// Seals a plan.
pub fn build(
    plan: &BuildPlan,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Sealed, Error> {
    // Before anything that takes time, and again when the file is written.
    output::check(&plan.output)?;
    plan.notes.iter().for_each(|n| progress.note(n));
    plan.warnings.iter().for_each(|w| progress.warn(w));
    let base = &options.base;
    let base_failed = "Pyxidium's own file cannot be read";
    let own = base.manifest().map_err(Error::payload(base_failed))?;
    let python = Python {
        program: options.python_program.0.clone(),
        arguments: options.python_program.1.clone(),
        version: own.python.clone(),
        key: own
            .options
            .get(CPYTHON_KEY)
            .and_then(|k| k.as_str())
            .unwrap_or_default()
            .to_owned(),
    };

    // The app first: its errors are the ones that people make most, and found without a network.
    let inputs = read_app(plan)?;
    let codes = compile_app(plan, &inputs, &python, options.cache, progress)?;
    let files = &plan.requirement_files;
    let find = || {
        resolve::packs(
            &python,
            options.cache,
            &plan.requirements,
            files,
            &options.resolve,
            progress,
        )
    };
    let mut packs = find()?;
    if discard_damaged(&packs, progress)? {
        packs = find()?;
    }
    let maps = packs
        .iter()
        .map(|p| Mapped::open(p))
        .collect::<Result<Vec<_>, _>>()?;

    let mut writer = Writer::new();
    let mut infos = Vec::new();
    for (path, map) in packs.iter().zip(&maps) {
        infos.push(merge_pack(&mut writer, path, map)?);
    }
    writer
        .merge(base, stays)
        .map_err(Error::payload(base_failed))?;
    check_app(plan, &inputs, &writer)?;
    for item in pack::entries(&inputs, &codes, Effort::Package, "the app", &crate::Silent)? {
        writer
            .add_stored(item)
            .map_err(Error::payload("the app's files cannot be packed"))?;
    }
    let manifest = manifest(plan, &own, &infos, options.version);
    writer
        .add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()))
        .map_err(Error::payload("the manifest cannot be packed"))?;

    let runtime = base
        .get(Kind::File, CONSOLE_RUNTIME)
        .and_then(|r| r.map(|r| r.read()).transpose());
    let runtime = runtime
        .map_err(Error::payload(base_failed))?
        .ok_or_else(|| Error::Worker {
            what: "this Pyxidium carries no runtime".into(),
        })?;
    let (summary, len) = seal::write(
        &plan.output,
        &runtime,
        Path::new("the runtime"),
        &mut writer,
        progress,
    )?;
    Ok(Sealed {
        path: plan.output.clone(),
        len,
        summary,
        packages: manifest.packages,
    })
}

/// Removes packs that are not as they were written, so that they are made again.
pub(crate) fn discard_damaged(packs: &[PathBuf], progress: &dyn Progress) -> Result<bool, Error> {
    let mut any = false;
    for path in packs {
        let sound = Mapped::open(path).is_ok_and(|map| {
            Payload::parse(&map.0)
                .is_ok_and(|p| p.verify(&|_| ()).is_ok() && PackInfo::read(&p, path).is_ok())
        });
        if !sound {
            progress.warn(&format!("{} is damaged and is made again", path.display()));
            fs_err::remove_file(path)?;
            any = true;
        }
    }
    Ok(any)
}

/// Entries of Pyxidium's own payload that every app gets.
fn stays(entry: &packed_resources::Entry<'_>) -> Option<String> {
    let name = entry.name();
    let stdlib = || {
        name.strip_prefix(STDLIB)
            .is_some_and(|r| r.starts_with('/'))
    };
    let packages = || {
        name.strip_prefix(SITE_PACKAGES)
            .is_some_and(|r| r.starts_with('/'))
    };
    let keep = match entry.kind() {
        Kind::Frozen => true,
        Kind::Code | Kind::File | Kind::Directory => stdlib() && !packages(),
        Kind::Meta => false,
    };
    keep.then(|| name.to_owned())
}

/// Where a file of the app is in the payload.
fn inside(path: &str) -> String {
    format!("{APP}/{path}")
}

fn read_app(plan: &BuildPlan) -> Result<Vec<Input>, Error> {
    let mut inputs = read_files(plan)?;
    let library = |i: &Input| Some((i.path.clone(), scan::needs::Library::read(&i.data)?));
    let libraries = inputs
        .iter()
        .filter(|i| scan::is_library(&i.path))
        .filter_map(library)
        .collect();
    for input in &mut inputs {
        input.needs = scan::needs::of(&input.path, &[&libraries]);
    }
    Ok(inputs)
}

fn read_files(plan: &BuildPlan) -> Result<Vec<Input>, Error> {
    use std::os::unix::fs::PermissionsExt as _;
    plan.files
        .iter()
        .map(|file| {
            let data = fs_err::read(&file.source)?;
            let executable = fs_err::metadata(&file.source)?.permissions().mode() & 0o111 != 0;
            // The script's own mode says how it was run before, not what it is in the file.
            let executable = executable && !data.starts_with(b"#!") && !file.path.ends_with(".py");
            Ok(Input {
                path: inside(&file.path),
                source: file.source.clone(),
                data,
                executable,
                needs: Vec::new(),
            })
        })
        .collect()
}

fn compile_app(
    plan: &BuildPlan,
    inputs: &[Input],
    python: &Python,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Vec<Option<Outcome>>, Error> {
    // A script is Python whatever its name is.
    let script =
        |input: &Input| matches!(&plan.entry, Entry::Script { path } if inside(path) == input.path);
    let is_source = |input: &Input| script(input) || pack::is_source(&input.path);
    let jobs: Vec<compile::Job<'_>> = inputs
        .iter()
        .filter(|i| is_source(i))
        .map(|i| compile::Job {
            name: &i.path,
            source: &i.data,
        })
        .collect();
    let mut outcomes = compile::compile_cached(python, cache, &jobs, progress)?.into_iter();
    inputs
        .iter()
        .map(|input| {
            let outcome = if is_source(input) {
                outcomes.next()
            } else {
                None
            };
            match outcome {
                Some(Outcome::Rejected(r)) => Err(Error::SyntaxError {
                    path: input.source.clone(),
                    line: r.line,
                    column: r.column,
                    text: r.text,
                    message: r.message,
                }),
                outcome => Ok(outcome),
            }
        })
        .collect()
}

fn merge_pack<'m>(
    writer: &mut Writer<'m>,
    path: &Path,
    map: &'m Mapped,
) -> Result<PackInfo, Error> {
    let what = || format!("{} cannot be used", path.display());
    let payload = Payload::parse(&map.0).map_err(Error::payload(what()))?;
    let info = PackInfo::read(&payload, path)?;
    let taken = |kind, name: &str| writer.contains(kind, name);
    // Two packages may bring the same file (`tests/__init__.py`); the installer left one of them.
    let skip: Vec<(Kind, String)> = payload
        .iter()
        .filter_map(Result::ok)
        .filter(|e| taken(e.kind(), e.name()) || taken(Kind::File, e.name()))
        .map(|e| (e.kind(), e.name().to_owned()))
        .collect();
    let map = |e: &packed_resources::Entry<'m>| {
        let wanted =
            e.kind() != Kind::Meta && !skip.iter().any(|(k, n)| *k == e.kind() && n == e.name());
        wanted.then(|| e.name().to_owned())
    };
    writer
        .merge(&payload, map)
        .map_err(Error::payload(what()))?;
    Ok(info)
}

/// A module that is to be run must be there.
fn check_app(plan: &BuildPlan, inputs: &[Input], writer: &Writer<'_>) -> Result<(), Error> {
    let Entry::Module { name } = &plan.entry else {
        return Ok(());
    };
    let path = name.replace('.', "/");
    let there = |p: &str| inputs.iter().any(|i| i.path == p) || writer.contains(Kind::File, p);
    let found = [APP, SITE_PACKAGES, STDLIB].iter().any(|root| {
        there(&format!("{root}/{path}.py")) || there(&format!("{root}/{path}/__main__.py"))
    });
    if found {
        Ok(())
    } else {
        Err(Error::NoSuchModule {
            module: name.clone(),
        })
    }
}

fn manifest(plan: &BuildPlan, own: &Manifest, packs: &[PackInfo], version: &str) -> Manifest {
    let entry = match &plan.entry {
        Entry::Script { path } => EntryPoint::Script { path: inside(path) },
        Entry::Module { name } => EntryPoint::Module { name: name.clone() },
        Entry::Folder => EntryPoint::Directory { path: APP.into() },
    };
    let mut manifest = Manifest::new(&plan.name, &own.python, entry);
    manifest.version = plan.version.clone();
    manifest.sys_path = seal::sys_path(packs.iter().flat_map(|p| p.sys_path.clone()));
    manifest.startup = packs.iter().flat_map(|p| p.startup.clone()).collect();
    manifest.native_libraries = match plan.native_libraries {
        recipe::NativeLibraries::Memory => NativeLibraries::Memory,
        recipe::NativeLibraries::Cache => NativeLibraries::Cache,
    };
    manifest.build = BuildInfo {
        pyxidium: version.into(),
        target: TARGET.into(),
    };
    let packages: BTreeMap<String, PackageInfo> = packs
        .iter()
        .map(|p| {
            let info = PackageInfo {
                name: p.name.clone(),
                version: p.version.clone(),
                license: p.license.clone(),
            };
            (p.name.to_ascii_lowercase(), info)
        })
        .collect();
    manifest.packages = packages.into_values().collect();
    manifest
}

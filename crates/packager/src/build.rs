//! One build, from plan to file: the order of the steps and what they share.

use std::path::PathBuf;

use packed_resources::{Item, Kind, Manifest, PackageInfo, Payload, Summary, WindowConfig};
use recipe::BuildPlan;

use crate::app::{self, Compiled};
use crate::compile::Outcome;
use crate::components::Components;
use crate::development::{self, Development};
use crate::merge::{Merge, Pack};
use crate::pack::{self, Effort, Input, Mapped, PackInfo};
use crate::seal::{self, CPYTHON_KEY};
use crate::select::Missing;
use crate::variant::Variant;
use crate::{
    Cache, Error, Progress, Python, Runtime, carried, describe, output, progress, record, resolve,
    window,
};

/// What a build needs besides its plan.
#[derive(Debug, Clone)]
pub struct BuildOptions<'a> {
    /// Pyxidium's own payload: standard library, runtimes.
    pub base: Payload<'static>,
    /// The program that runs as Python with that payload, and its arguments.
    pub python_program: (PathBuf, Vec<std::ffi::OsString>),
    /// The cache.
    pub cache: &'a Cache,
    /// How to find packages.
    pub resolve: resolve::Options,
    /// Seal a file that runs the app from its sources on disk.
    pub development: Option<Development>,
    /// A file to which the app adds what it uses, for [`crate::recorded`].
    pub record: Option<PathBuf>,
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
    /// What the plan's selection left out.
    pub missing: Vec<Missing>,
}

/// Seals a plan.
pub fn build(
    plan: &BuildPlan,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Sealed, Error> {
    // Before anything that takes time, and again when the file is written.
    output::check(&plan.output)?;
    let base = &options.base;
    let base_manifest = base
        .manifest()
        .map_err(Error::payload(carried::UNREADABLE))?;
    let python = python(options, &base_manifest);
    plan.notes.iter().for_each(|n| progress.note(n));
    plan.warnings.iter().for_each(|w| progress.warn(w));
    // Under development the app's files are those on disk.
    let built = match options.development {
        None if plan.wheel.is_some() => {
            let files = resolve::project_files(
                &python,
                options.cache,
                &plan.project,
                &options.resolve,
                progress,
            )?;
            Some(plan.of_wheel(&files)?)
        }
        _ => None,
    };
    let plan = built.as_ref().unwrap_or(plan);

    // The app first: its errors are the ones that people make most, and found without a network.
    let app = App::prepare(plan, options, &python, progress)?;
    let runtime = runtime(plan, options, app.window.is_some());
    progress.note(&format!("runtime: {}", runtime.name()));
    let head = runtime.head(base)?;
    let packs = packs(plan, &python, options, progress)?;
    let variant = Variant::of(plan);
    let packs = variants(variant, packs, &python, options, progress)?;
    let maps = packs
        .iter()
        .map(|p| Mapped::open(p))
        .collect::<Result<Vec<_>, _>>()?;
    let packs = packs
        .iter()
        .zip(&maps)
        .map(|(path, map)| Pack::read(path, map))
        .collect::<Result<Vec<_>, _>>()?;
    let library = match variant.filter(|v| v.changes_base()) {
        Some(v) => Some(Mapped::open(&v.of_base(
            base,
            &python,
            options.cache,
            progress,
        )?)?),
        None => None,
    };
    let library = match &library {
        Some(map) => Payload::parse(&map.0).map_err(Error::payload(carried::UNREADABLE))?,
        None => *base,
    };

    let mut manifest =
        describe::manifest(plan, &base_manifest, app.window.clone(), options.version);
    let own = match options.development {
        Some(_) => Vec::new(),
        None => describe::own_parts(plan, &app.inputs, &mut manifest, progress)?,
    };
    let mut merge = Merge::new(plan, *base, library, &packs, !own.is_empty())?;
    let mut infos = Vec::new();
    for pack in packs {
        progress::check(progress)?;
        if merge.pack(&pack)? {
            infos.push(pack.info);
        }
    }
    let parts = carried::Parts {
        compute: app.compute || plan.kernels || infos.iter().any(|i| i.compute),
        own: !own.is_empty(),
        oxidized: plan
            .oxidized_importer
            .unwrap_or_else(|| app.oxidized || infos.iter().any(|i| i.oxidized)),
        update: app.update || plan.update.is_some(),
        packager: plan.packager,
    };
    merge.base(base, parts)?;
    let Merge {
        mut writer,
        selector,
        ..
    } = merge;
    if !matches!(options.development, Some(Development::Tool { .. })) {
        app::check(plan, &app.inputs, &writer)?;
    }
    // Under development the app's files stay where they are.
    if options.development.is_none() {
        let (inputs, codes) = (&app.inputs, &app.codes);
        let effort = if plan.compress {
            Effort::Package
        } else {
            Effort::None
        };
        for item in pack::entries(inputs, codes, effort, "the app", progress)? {
            writer
                .add_stored(item)
                .map_err(Error::payload("the app's files cannot be packed"))?;
        }
    }
    describe::packages(&infos, &mut manifest);
    if let Some(file) = &options.record {
        manifest.record = Some(development::absolute(file)?);
    }
    if let Some(only) = &plan.selection.only
        && let Some(warning) = record::other_versions(&only.packages, &manifest.packages)
    {
        progress.warn(&warning);
    }
    match &options.development {
        Some(Development::Tool { module }) => development::tool(plan, module, &mut manifest)?,
        Some(Development::Watched { startup }) => {
            development::watched(plan, startup, &mut manifest)?;
        }
        Some(Development::Window { .. }) | None => {}
    }
    if plan.packager {
        carried::describe(&base_manifest, &mut manifest);
    }
    let components = Components::of(base)
        .map_err(Error::payload(carried::UNREADABLE))?
        .unwrap_or_default()
        .share(&runtime, parts.compute, parts.packager);
    let manifest_item = Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json());
    let items = selector.items(&|path| writer.is_occupied(path));
    let items = items.into_iter().chain(own);
    for item in items.chain([components.item(), manifest_item]) {
        writer
            .add(item)
            .map_err(Error::payload("the manifest cannot be packed"))?;
    }

    let (summary, len) = seal::write(&plan.output, head, &mut writer, progress)?;
    Ok(Sealed {
        path: plan.output.clone(),
        len,
        summary,
        packages: manifest.packages,
        missing: selector.into_missing(),
    })
}

/// The app's own part: its files, their code, its window.
#[derive(Default)]
struct App {
    inputs: Vec<Input>,
    codes: Vec<Option<Outcome>>,
    window: Option<WindowConfig>,
    /// Whether `pyxidium.compute` is one of the things that it imports.
    compute: bool,
    /// Whether `oxidized_importer` is one of them.
    oxidized: bool,
    /// Whether `pyxidium.update` is.
    update: bool,
}

impl App {
    fn prepare(
        plan: &BuildPlan,
        options: &BuildOptions<'_>,
        python: &Python,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        // A tool reads the sources itself, and says itself what is wrong with them.
        if let Some(Development::Tool { .. }) = options.development {
            return Ok(Self {
                compute: true,
                oxidized: true,
                update: true,
                ..Self::default()
            });
        }
        let mut inputs = app::read(plan)?;
        let Compiled { mut codes, uses } =
            app::compile(plan, &inputs, python, options.cache, progress)?;
        // Sources on disk may come to import it while the app runs.
        let later = options.development.is_some();
        let compute = later || uses.iter().any(|u| u.names("compute"));
        let mut sources = inputs.iter().filter(|i| pack::is_source(&i.path));
        let oxidized = later || sources.any(|i| carried::may_import_oxidized(&i.data));
        let update = uses.iter().any(|u| u.names("update"));
        let Some(window) = window::of(plan, &uses)? else {
            return match options.development {
                Some(Development::Window { .. }) => Err(Error::NoWindow),
                _ => Ok(Self {
                    inputs,
                    codes,
                    window: None,
                    compute,
                    oxidized,
                    update,
                }),
            };
        };
        window.warnings.iter().for_each(|w| progress.warn(w));
        for file in &window.files {
            let path = app::inside(&file.path);
            if !inputs.iter().any(|i| i.path == path) {
                inputs.push(app::read_file(file)?);
                codes.push(None);
            }
        }
        let config = match &options.development {
            Some(Development::Window { url }) => development::window(plan, window, url.as_deref())?,
            Some(Development::Watched { .. }) => development::window(plan, window, None)?,
            _ => window.config,
        };
        Ok(Self {
            inputs,
            codes,
            window: Some(config),
            compute,
            oxidized,
            update,
        })
    }
}

/// The runtime that fits.
fn runtime(plan: &BuildPlan, options: &BuildOptions<'_>, window: bool) -> Runtime {
    match &plan.runtime {
        // A runtime of the author's own may open a window as it starts.
        Some(_) if matches!(options.development, Some(Development::Tool { .. })) => {
            Runtime::Console
        }
        Some(file) => Runtime::File(file.clone()),
        None if window => Runtime::Window,
        None => Runtime::Console,
    }
}

/// The Python of a base.
pub(crate) fn python(options: &BuildOptions<'_>, own: &Manifest) -> Python {
    let key = own.options.get(CPYTHON_KEY).and_then(|k| k.as_str());
    Python {
        program: options.python_program.0.clone(),
        arguments: options.python_program.1.clone(),
        version: own.python.clone(),
        key: key.unwrap_or_default().to_owned(),
    }
}

/// The packages, each as a pack that is as it was written.
fn packs(
    plan: &BuildPlan,
    python: &Python,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Error> {
    let mut resolve = options.resolve.clone();
    if plan.locked {
        resolve.extra.push("--no-deps".into());
    }
    let find = || {
        resolve::packs(
            python,
            options.cache,
            &plan.requirements,
            &plan.requirement_files,
            &resolve,
            progress,
        )
    };
    let mut packs = find()?;
    if discard_damaged(&packs, progress)? {
        packs = find()?;
    }
    packs.extend(plan.packs.iter().cloned());
    Ok(packs)
}

/// The packs in the form that the plan asks for.
fn variants(
    variant: Option<Variant>,
    packs: Vec<PathBuf>,
    python: &Python,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Error> {
    let Some(variant) = variant else {
        return Ok(packs);
    };
    let of = || -> Result<Vec<PathBuf>, Error> {
        let one = |p: &PathBuf| variant.of_pack(p, python, options.cache, progress);
        packs.iter().map(one).collect()
    };
    let made = of()?;
    if discard_damaged(&made, progress)? {
        return of();
    }
    Ok(made)
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

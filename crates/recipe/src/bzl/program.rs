//! An executable of a recipe as a plan: what is run, which packages, what of them stays out, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use starlark::values::Value;

use super::classify::{Class, From, Resource};
use super::current::{self, MessageKind};
use super::datum::Datum;
use super::error::Fail;
use super::product::Files;
use super::product::{Bundle, Product, Program};
use super::session::Session;
use super::types::about;
use super::types::elsewhere::UniversalBinary;
use super::types::executable::{EmbeddedResources, Executable, ExecutableData};
use super::types::file_content::FileContent;
use super::types::file_manifest::FileManifest;
use super::types::installer::Installer;
use super::types::macos::AppBuilder;
use super::types::resource::Handle;
use super::types::snap::SnapcraftBuilder;
use super::types::wheel::WheelBuilder;
use super::types::wix::{BundleBuilder, MsiBuilder, WixInstaller};
use crate::{
    About, AppFile, BuildPlan, Desktop, Entry, Generated, Literal, NativeLibraries, Origin, Part,
    Selection, Setting,
};

/// What the value of a target comes to.
pub(super) fn product(
    value: Value<'_>,
    target: &str,
    session: &Session<'_>,
) -> Result<Product, Fail> {
    let bundle = |b: Bundle| Ok(Product::Bundle(b));
    if let Some(executable) = Executable::from_value(value) {
        return Ok(Product::Executable(Box::new(program(executable, session)?)));
    }
    if let Some(resources) = EmbeddedResources::from_value(value) {
        current::explain(
            "PythonEmbeddedResources",
            "resources are written with their executable only; this target builds it",
        );
        let executable = resources.0.get().data.clone();
        return Ok(Product::Executable(Box::new(program(
            &executable,
            session,
        )?)));
    }
    if let Some(manifest) = FileManifest::from_value(value) {
        return Ok(Product::Files(manifest.files()));
    }
    if let Some(content) = FileContent::from_value(value) {
        return Ok(Product::Files(Files(
            [(content.name(), content.entry())].into(),
        )));
    }
    if let Some(wheel) = WheelBuilder::from_value(value) {
        return Ok(Product::Wheel(wheel.wheel()));
    }
    if let Some(installer) = Installer::from_value(value) {
        return bundle(installer.bundle());
    }
    if let Some(msi) = MsiBuilder::from_value(value) {
        return bundle(msi.bundle());
    }
    if let Some(builder) = BundleBuilder::from_value(value) {
        return bundle(builder.bundle());
    }
    if let Some(installer) = WixInstaller::from_value(value) {
        return bundle(installer.bundle());
    }
    if let Some(app) = AppBuilder::from_value(value) {
        return bundle(app.bundle());
    }
    if let Some(snap) = SnapcraftBuilder::from_value(value) {
        return bundle(snap.bundle());
    }
    if let Some(binary) = UniversalBinary::from_value(value) {
        return bundle(binary.bundle());
    }
    current::say(
        MessageKind::Note,
        format!(
            "target {target} gives a {}, which nothing is built of",
            value.get_type()
        ),
    );
    Ok(Product::Nothing)
}

/// Where a resource is in the payload, or in the app's own folder.
pub(super) fn place(resource: &Resource) -> String {
    match &resource.from {
        From::Host(file) => file.path.clone(),
        From::Disk(_) => resource.path.clone(),
        From::Text(_) => match &resource.class {
            Class::Source { name, is_package } => {
                let name = name.replace('.', "/");
                if *is_package {
                    format!("{name}/__init__.py")
                } else {
                    format!("{name}.py")
                }
            }
            _ => resource.path.clone(),
        },
    }
}

/// The plan of an executable as it is now.
pub(super) fn program(executable: &Executable, session: &Session<'_>) -> Result<Program, Fail> {
    let state = executable.0.get();
    let data = &state.data;
    let added = Added::of(data);
    let mut selection = Selection::default();
    let loose = session.state.borrow().loose.clone();
    for (path, reason) in added.left_out(data, &loose) {
        selection.leave_out(Part::Path(path), reason);
    }
    let project = session.project.folder.clone();
    let mut generated = added.generated;
    let mut warnings = Vec::new();
    let entry = entry(data, &mut generated, &mut warnings, session)?;
    let text = |name: &str| {
        state
            .bag
            .given(name)
            .and_then(|(d, _)| d.text())
            .map(str::to_owned)
    };
    let plan = BuildPlan {
        name: data.name.clone(),
        version: text("version"),
        output: PathBuf::from(&data.name),
        entry,
        files: added
            .files
            .into_iter()
            .map(|(path, source)| AppFile { path, source })
            .collect(),
        generated,
        requirements: Vec::new(),
        requirement_files: Vec::new(),
        locked: false,
        wheel: None,
        packs: added.packs.into_iter().collect(),
        native_libraries: native_libraries(data, text("native_libraries").as_deref()),
        interpreter: data.config.settings(),
        selection,
        strip: state.bag.truth("strip"),
        compress: state.bag.truth("compress"),
        smallest: state.bag.truth("smallest"),
        runtime: match text("runtime") {
            Some(path) => Some(session.project.existing(&path)?),
            None => None,
        },
        desktop: desktop(&state.bag, data),
        about: about_of(&state.bag),
        update: data.update.clone(),
        kernels: state.bag.truth("kernels"),
        oxidized_importer: data.config.oxidized_importer(),
        packager: state.bag.truth("packager"),
        root: project.clone(),
        project,
        notes: Vec::new(),
        warnings,
    };
    Ok(Program {
        plan,
        licenses: text("licenses_filename"),
    })
}

/// What was added, sorted by where it goes.
#[derive(Default)]
struct Added {
    packs: BTreeSet<PathBuf>,
    files: BTreeMap<String, PathBuf>,
    generated: Vec<Generated>,
    /// Payload paths of what comes out of packs.
    included: BTreeSet<String>,
}

impl Added {
    fn of(data: &ExecutableData) -> Self {
        let mut all = Self {
            files: data.files.clone(),
            ..Self::default()
        };
        let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        // A distribution that was installed twice is the one that was added last.
        let mut by_name: BTreeMap<String, PathBuf> = BTreeMap::new();
        for handle in &data.added {
            let resource = handle.get().data.clone();
            let path = place(&resource);
            match &resource.from {
                From::Host(file) => {
                    all.included.insert(path);
                    if let Some(pack) = &file.pack {
                        by_name.insert(file.distribution.to_ascii_lowercase(), pack.clone());
                    }
                }
                From::Disk(source) => {
                    texts.remove(&path);
                    all.files.insert(path, source.clone());
                }
                From::Text(text) => {
                    all.files.remove(&path);
                    texts.insert(path, text.clone().into_bytes());
                }
            }
        }
        all.packs = by_name.into_values().collect();
        all.generated = texts
            .into_iter()
            .map(|(path, bytes)| Generated { path, bytes })
            .collect();
        all
    }

    /// What of the packs and of Python's own library stays out, and why.
    fn left_out(&self, data: &ExecutableData, loose: &[Handle]) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for handle in data.installed.iter().chain(loose) {
            let resource = handle.get().data.clone();
            let From::Host(file) = &resource.from else {
                continue;
            };
            let ours = file.pack.as_ref().is_some_and(|p| self.packs.contains(p));
            if !ours || self.included.contains(&file.path) {
                continue;
            }
            // A file that is no resource goes with its distribution, unless a recipe says otherwise.
            if resource.class != Class::File || said(handle).is_some() {
                out.insert(file.path.clone(), reason(handle, data, &file.path));
            }
        }
        for handle in &data.library {
            if !handle.get().bag.truth("add_include") {
                let path = place(&handle.get().data);
                let reason = reason(handle, data, &path);
                out.insert(path, reason);
            }
        }
        // Filters are asked last: what they take out is out, whatever was said before.
        for (path, at) in &data.filtered {
            if !self.included.contains(path) {
                let reason = format!("not in the files of the filter at {}", shown(at));
                out.entry(path.clone()).or_insert(reason);
            }
        }
        // Sources stand for the file of a module, too, where a recipe asked to see both.
        out.retain(|path, _| !self.included.contains(path));
        out
    }
}

/// Where a recipe set `add_include`, if it did.
fn said(handle: &Handle) -> Option<Origin> {
    let state = handle.get();
    let (value, at) = state.bag.given("add_include")?;
    (*value == Datum::Bool(false) && at.line > 0).then(|| at.clone())
}

fn reason(handle: &Handle, data: &ExecutableData, path: &str) -> String {
    if let Some(at) = data.filtered.get(path) {
        return format!("not in the files of the filter at {}", shown(at));
    }
    match said(handle) {
        Some(at) => format!("add_include = False at {}", shown(&at)),
        None => format!("not added by {}", shown(&data.at)),
    }
}

/// `pyoxidizer.bzl, line 12`: of the file its name, so that no path of this machine is sealed.
fn shown(at: &Origin) -> String {
    let name = at.path.file_name().unwrap_or(at.path.as_os_str());
    format!("{}, line {}", name.display(), at.line)
}

fn entry(
    data: &ExecutableData,
    generated: &mut Vec<Generated>,
    warnings: &mut Vec<String>,
    session: &Session<'_>,
) -> Result<Entry, Fail> {
    let config = data.config.0.get();
    let text = |name: &str| {
        config
            .bag
            .given(name)
            .and_then(|(d, at)| Some((d.text()?.to_owned(), at.clone())))
    };
    // In the order in which CPython itself asks.
    if let Some((code, _)) = text("run_command") {
        return Ok(Entry::Command { code });
    }
    if let Some((name, at)) = text("run_module") {
        if !crate::imports::is_dotted(&name) {
            return Err(
                Fail::new(format!("`{name}` is not a module name ({})", shown(&at)))
                    .hint("run_module is named as in Python's `import`: \"package.module\""),
            );
        }
        return Ok(Entry::Module { name });
    }
    if let Some(path) = &data.script {
        return Ok(Entry::Script { path: path.clone() });
    }
    if let Some((file, at)) = text("run_filename") {
        let path = session
            .project
            .existing(&file)
            .map_err(|f| f.hint("run_filename is a file of the project, and is sealed"))?;
        current::say_at(
            MessageKind::Explained,
            at,
            "PythonInterpreterConfig.run_filename: the file is sealed; it is not looked for when the app runs",
        );
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or("main.py")
            .to_owned();
        let bytes = fs_err::read(&path).map_err(|e| Fail::new(e.to_string()))?;
        generated.retain(|g| g.path != name);
        generated.push(Generated {
            path: name.clone(),
            bytes,
        });
        return Ok(Entry::Script { path: name });
    }
    warnings.push(format!(
        "{} runs nothing of its own: it is a Python command line. Set run_module, run_command or run_filename of its \
         configuration to make it an app",
        data.name
    ));
    Ok(Entry::Python)
}

fn native_libraries(data: &ExecutableData, own: Option<&str>) -> NativeLibraries {
    let policy = data.policy.0.get();
    let loading = policy.bag.given("allow_in_memory_shared_library_loading");
    match own {
        Some("cache") => NativeLibraries::Cache,
        Some(_) => NativeLibraries::Memory,
        None if loading.is_some_and(|(d, _)| *d == Datum::Bool(false)) => NativeLibraries::Cache,
        None => NativeLibraries::Memory,
    }
}

fn about_of(bag: &super::bag::Bag) -> About {
    let mut about = About {
        graphical: (bag.text("windows_subsystem").as_deref() == Some("windows")).then_some(true),
        ..About::default()
    };
    about::add(bag, &mut about);
    about
}

fn desktop(bag: &super::bag::Bag, data: &ExecutableData) -> Desktop {
    let setting = |key: &str, value: Literal, origin: &Origin| Setting {
        key: key.to_owned(),
        value,
        origin: origin.clone(),
    };
    let identifier = bag
        .given("identifier")
        .map(|(d, at)| setting("identifier", d.literal(), at));
    let capabilities = match bag.given("capabilities") {
        Some((Datum::List(names), at)) => names
            .iter()
            .map(|n| setting("capabilities", n.literal(), at))
            .collect(),
        _ => Vec::new(),
    };
    let mut window = data.window.clone();
    // A page asks for a window.
    if let Some((d, at)) = bag.given("ui") {
        let list = window.get_or_insert_default();
        list.retain(|s| s.key != "ui");
        list.push(setting("ui", d.literal(), at));
    }
    Desktop {
        identifier,
        capabilities,
        window,
    }
}

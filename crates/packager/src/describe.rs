//! What a sealed file says of itself: its manifest, and what it carries in order to install itself.

use std::collections::BTreeMap;

use packed_resources::{
    About, BuildInfo, EntryPoint, FileType, Item, Manifest, NativeLibraries, PackageInfo,
    WindowConfig,
};
use recipe::{BuildPlan, Entry};

use crate::bundle::self_install;
use crate::pack::{Input, PackInfo};
use crate::seal::{self, TARGET};
use crate::{APP, Error, Progress, app, carried, update};

/// A name as identifiers have it: small letters, digits, and dashes for the rest.
pub(crate) fn dashed(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}

/// What the project says of itself, with what follows where it says nothing.
fn about(plan: &BuildPlan, window: bool) -> About {
    let about = &plan.about;
    let graphical = about.graphical.unwrap_or(window);
    let name = dashed(&plan.name);
    let kind = |read: &recipe::FileType| FileType {
        mime: read
            .mime
            .clone()
            .unwrap_or_else(|| format!("application/x-{name}-{}", read.extension)),
        name: read
            .name
            .clone()
            .unwrap_or_else(|| format!("{} file", read.extension.to_ascii_uppercase())),
        extension: read.extension.clone(),
    };
    About {
        summary: about.summary.clone(),
        license: about.license.clone(),
        homepage: about.homepage.clone(),
        authors: about.authors.clone(),
        categories: about.categories.clone(),
        file_types: about.file_types.iter().map(kind).collect(),
        graphical,
        self_install: about.self_install.unwrap_or(graphical),
    }
}

/// What is known of a file before its packages are. `own` is the manifest of what seals it.
pub(crate) fn manifest(
    plan: &BuildPlan,
    own: &Manifest,
    window: Option<WindowConfig>,
    version: &str,
) -> Manifest {
    let entry = match &plan.entry {
        Entry::Script { path } => EntryPoint::Script {
            path: app::inside(path),
        },
        Entry::Module { name } => EntryPoint::Module { name: name.clone() },
        Entry::Folder => EntryPoint::Directory { path: APP.into() },
        Entry::Function { module, function } => EntryPoint::Function {
            module: module.clone(),
            function: function.clone(),
        },
        Entry::Command { code } => EntryPoint::Command { code: code.clone() },
        Entry::Python => EntryPoint::Python,
    };
    let mut manifest = Manifest::new(&plan.name, &own.python, entry);
    manifest.version = plan.version.clone();
    manifest.interpreter = plan.interpreter.clone();
    manifest.about = about(plan, window.is_some());
    manifest.window = window;
    if plan.oxidized_importer == Some(true) {
        // As PyOxidizer has it: there before anything of the app or its packages runs.
        manifest
            .startup
            .push(format!("import {}", carried::OXIDIZED));
    }
    manifest.native_libraries = match plan.native_libraries {
        recipe::NativeLibraries::Memory => NativeLibraries::Memory,
        recipe::NativeLibraries::Cache => NativeLibraries::Cache,
    };
    manifest.build = BuildInfo {
        pyxidium: version.into(),
        target: TARGET.into(),
    };
    manifest
}

/// What its packages add.
pub(crate) fn packages(packs: &[PackInfo], manifest: &mut Manifest) {
    manifest.sys_path = seal::sys_path(packs.iter().flat_map(|p| p.sys_path.clone()));
    let startup = packs.iter().flat_map(|p| p.startup.clone());
    manifest.startup.extend(startup);
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
}

/// What answers to arguments that are not the app's needs; the manifest says so.
pub(crate) fn own_parts(
    plan: &BuildPlan,
    inputs: &[Input],
    manifest: &mut Manifest,
    progress: &dyn Progress,
) -> Result<Vec<Item<'static>>, Error> {
    let mut items: Vec<_> = installs(plan, inputs, manifest, progress)?
        .into_iter()
        .collect();
    if let Some(update) = &plan.update {
        items.push(update::item(update, manifest)?);
        manifest.own_arguments.push(update::ARGUMENT.to_owned());
        manifest.startup.push(update::STARTUP.to_owned());
    }
    Ok(items)
}

/// What an app that installs itself carries for that; says so in its manifest.
fn installs(
    plan: &BuildPlan,
    inputs: &[Input],
    manifest: &mut Manifest,
    progress: &dyn Progress,
) -> Result<Option<Item<'static>>, Error> {
    if !manifest.about.self_install {
        return Ok(None);
    }
    let icon = manifest.window.as_ref().and_then(|w| w.icon.as_ref());
    let icon = icon.and_then(|path| inputs.iter().find(|i| i.path == *path));
    match self_install::item(manifest, icon.map(|i| i.data.as_slice())) {
        Ok(item) => {
            manifest.own_arguments = self_install::ARGUMENTS.map(str::to_owned).into();
            Ok(Some(item))
        }
        Err(e) if plan.about.self_install.is_some() => Err(e.into()),
        // Nobody asked for it.
        Err(e) => {
            progress.note(&format!("it will not install itself: {e}"));
            manifest.about.self_install = false;
            Ok(None)
        }
    }
}

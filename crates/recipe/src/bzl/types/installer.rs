//! Packages for Linux, and the file that installs itself: ours to add. Settings are checked here; how a
//! package is made is the packager's business.

use starlark::collections::SmallMap;
use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use super::about::{self, with_about};
use super::bundle::{self, BundleData};
use super::executable::Executable;
use crate::BuildPlan;
use crate::bzl::bag::{Attr, Bag, Kind};
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::product::{Bundle, Content, Format};
use crate::bzl::program;
use crate::bzl::session::Session;

const TABLE: &[Attr] = with_about![];

object!(Installer, "Installer", BundleData, TABLE, methods);

/// One of an executable.
pub(in crate::bzl) fn make(
    executable: &Executable,
    format: Format,
    settings: SmallMap<&str, Value<'_>>,
    session: &Session<'_>,
) -> Result<Installer, Fail> {
    let by = match format {
        Format::Deb => "PythonExecutable.to_deb",
        Format::Rpm => "PythonExecutable.to_rpm",
        Format::AppImage => "PythonExecutable.to_appimage",
        _ => "PythonExecutable.to_self_install",
    };
    let program = program::program(executable, session)?;
    let name = program.plan.name.clone();
    let mut data = BundleData::new(format, name.clone());
    data.add_program(name, program);
    let installer = Installer::with(data);
    let mut state = installer.0.get();
    for (key, value) in settings {
        let value = bundle::plain(key, value).map_err(|f| f.of(by))?;
        state.bag.set(key, Some(value)).map_err(|f| f.of(by))?;
    }
    drop(state);
    Ok(installer)
}

/// What an installer says of its app.
fn say(bag: &Bag, plan: &mut BuildPlan, format: Format) {
    plan.version = bag.text("version").or(plan.version.take());
    about::add(bag, &mut plan.about);
    if format == Format::SelfInstall {
        plan.about.self_install = Some(true);
    }
}

impl Installer {
    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        let mut bundle = state.data.bundle(&state.bag);
        for entry in bundle.files.0.values_mut() {
            if let Content::Program(program) = &mut entry.content {
                say(&state.bag, &mut program.plan, bundle.format);
            }
        }
        bundle
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn write_to_directory(
        this: &Installer,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("Installer.write_to_directory"))?)
    }

    fn build(
        this: &Installer,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

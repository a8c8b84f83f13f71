//! Packages for Linux, and the file that installs itself: ours to add. Settings are checked here; how a
//! package is made is the packager's business.

use starlark::collections::SmallMap;
use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use super::bundle::{self, BundleData};
use super::executable::Executable;
use crate::bzl::bag::{Attr, Bag, Kind};
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::product::{Bundle, Content, Format};
use crate::bzl::program;
use crate::bzl::session::Session;
use crate::{BuildPlan, FileType};

const TABLE: &[Attr] = &[
    Attr::optional("version", Kind::Text),
    Attr::optional("summary", Kind::Text),
    Attr::optional("license", Kind::Text),
    Attr::optional("homepage", Kind::Text),
    Attr::optional("maintainer", Kind::Text),
    Attr::optional("authors", Kind::Texts),
    Attr::optional("categories", Kind::Texts),
    Attr::optional("file_types", Kind::Texts),
];

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
    let text = |name: &str| bag.text(name);
    let texts = |name: &str| bag.get(name).and_then(|d| d.texts()).unwrap_or_default();
    plan.version = text("version").or(plan.version.take());
    let about = &mut plan.about;
    about.summary = text("summary").or(about.summary.take());
    about.license = text("license").or(about.license.take());
    about.homepage = text("homepage").or(about.homepage.take());
    about.authors.extend(text("maintainer"));
    about.authors.extend(texts("authors"));
    about.categories.extend(texts("categories"));
    for extension in texts("file_types") {
        about.file_types.push(FileType {
            extension: extension.trim_start_matches('.').to_owned(),
            mime: None,
            name: None,
        });
    }
    if format == Format::SelfInstall {
        about.self_install = Some(true);
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

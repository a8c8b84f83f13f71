//! What `PythonExecutable` has that PyOxidizer's had not: a script with what lies beside it, a window, updates, wheels,
//! packages for Linux.

use starlark::collections::SmallMap;
use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::list::UnpackList;
use starlark::values::none::{NoneOr, NoneType};

use super::beside;
use super::executable::Executable;
use super::installer::{self, Installer};
use super::wheel::WheelBuilder;
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::product::Format;
use crate::bzl::session::Session;
use crate::{Setting, Update, update};

#[starlark_module]
pub(super) fn methods(builder: &mut MethodsBuilder) {
    fn window<'v>(
        this: &Executable,
        #[starlark(kwargs)] settings: SmallMap<&'v str, Value<'v>>,
    ) -> starlark::Result<NoneType> {
        let mut list = Vec::new();
        for (key, value) in settings {
            let Some(value) = Datum::read(value) else {
                return Err(Fail::new(format!("`{key}` of a window is plain data"))
                    .of("PythonExecutable.window")
                    .into());
            };
            list.push(Setting {
                key: key.to_owned(),
                value: value.literal(),
                origin: current::place(),
            });
        }
        list.sort_by(|a, b| a.key.cmp(&b.key));
        this.0.get().data.window = Some(list);
        Ok(NoneType)
    }

    fn update<'v>(
        this: &Executable,
        key: &str,
        url: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = |f: Fail| f.of("PythonExecutable.update");
        if !update::is_safe(url) {
            let fail = Fail::new(format!("`{url}` is no address for updates"));
            return Err(by(fail.hint("they come by https, or by http from this machine")).into());
        }
        let key = Session::of(eval)?.project.existing(key).map_err(by)?;
        this.0.get().data.update = Some(Update {
            key,
            url: url.to_owned(),
        });
        Ok(NoneType)
    }

    fn script<'v>(
        this: &Executable,
        path: &str,
        #[starlark(default = UnpackList::default())] paths: UnpackList<String>,
        #[starlark(default = UnpackList::default())] modules: UnpackList<String>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let project = &Session::of(eval)?.project;
        let (name, files) = beside::script(project, path, &paths.items, &modules.items)
            .map_err(|f| f.of("PythonExecutable.script"))?;
        let data = &mut this.0.get().data;
        data.files.extend(files);
        data.script = Some(name);
        Ok(NoneType)
    }

    fn add_files<'v>(
        this: &Executable,
        source: &str,
        #[starlark(default = ".")] directory: &str,
        #[starlark(default = UnpackList::default())] exclude: UnpackList<String>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        let files = beside::files(session, source, directory, &exclude.items)
            .map_err(|f| f.of("PythonExecutable.add_files"))?;
        this.0.get().data.files.extend(files);
        Ok(NoneType)
    }

    fn to_wheel<'v>(
        this: &Executable,
        #[starlark(default = NoneOr::None)] distribution: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] version: NoneOr<&'v str>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<WheelBuilder> {
        let session = Session::of(eval)?;
        Ok(WheelBuilder::of_executable(
            this,
            distribution.into_option(),
            version.into_option(),
            session,
        )?)
    }

    fn to_deb<'v>(
        this: &Executable,
        #[starlark(kwargs)] settings: SmallMap<&'v str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Installer> {
        Ok(installer::make(
            this,
            Format::Deb,
            settings,
            Session::of(eval)?,
        )?)
    }

    fn to_rpm<'v>(
        this: &Executable,
        #[starlark(kwargs)] settings: SmallMap<&'v str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Installer> {
        Ok(installer::make(
            this,
            Format::Rpm,
            settings,
            Session::of(eval)?,
        )?)
    }

    fn to_appimage<'v>(
        this: &Executable,
        #[starlark(kwargs)] settings: SmallMap<&'v str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Installer> {
        Ok(installer::make(
            this,
            Format::AppImage,
            settings,
            Session::of(eval)?,
        )?)
    }

    fn to_self_install<'v>(
        this: &Executable,
        #[starlark(kwargs)] settings: SmallMap<&'v str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Installer> {
        Ok(installer::make(
            this,
            Format::SelfInstall,
            settings,
            Session::of(eval)?,
        )?)
    }
}

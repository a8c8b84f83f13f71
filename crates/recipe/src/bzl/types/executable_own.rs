//! What `PythonExecutable` has that PyOxidizer's had not: a window, wheels, packages for Linux.

use starlark::collections::SmallMap;
use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::{NoneOr, NoneType};

use super::executable::Executable;
use super::installer::{self, Installer};
use super::wheel::WheelBuilder;
use crate::Setting;
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::product::Format;
use crate::bzl::session::Session;

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

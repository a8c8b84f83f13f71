//! Functions of PyOxidizer 0.6 to 0.9, so that recipes of that time work: each is explained with what it is today.

use std::collections::BTreeMap;

use starlark::collections::SmallMap;
use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::{NoneOr, NoneType};

use super::distribution::Distribution;
use super::executable::{
    EmbeddedResources, Executable, Strings, emitted, environment, installed, virtualenv,
};
use super::interpreter::Config;
use super::policy::Policy;
use super::resource;
use super::roots::package_root;
use crate::bzl::classify::Resource;
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::host::Install;
use crate::bzl::older;
use crate::bzl::pip::Pip;
use crate::bzl::session::Session;

const IN_FILE: &str = "all resources are in the one file; today it is";

/// An argument of `to_python_executable` that is an attribute of the policy today.
pub(super) fn executable_argument(
    policy: &Policy,
    argument: &str,
    value: Option<Datum>,
) -> Result<(), Fail> {
    let bag = &mut policy.0.get().bag;
    let name = match argument {
        "extension_module_filter" | "include_test" => argument,
        "include_sources" => "include_distribution_sources",
        "include_resources" => "include_distribution_resources",
        "preferred_extension_module_variants" => {
            current::explain(argument, "every extension module is there in one variant");
            return Ok(());
        }
        "resources_policy" => {
            let said = value.as_ref().and_then(Datum::text).unwrap_or_default();
            if let Some((_, folder)) = said.split_once(':') {
                let primary = !said.starts_with("prefer-in-memory");
                let name = if primary {
                    "resources_location"
                } else {
                    "resources_location_fallback"
                };
                let place = Datum::Text(format!("filesystem-relative:{folder}"));
                bag.set(name, Some(place))?;
            }
            current::explain(
                argument,
                "today it is `policy.resources_location` and `policy.resources_location_fallback`",
            );
            return Ok(());
        }
        other => {
            return Err(Fail::new(format!("there is no argument `{other}`"))
                .hint("arguments are name, packaging_policy and config"));
        }
    };
    current::explain(argument, format!("today it is `policy.{name} = ...`"));
    // Data of the standard library was left out since it could not be read; here it can.
    if argument == "include_resources" {
        return Ok(());
    }
    bag.set(name, value)
}

/// What is installed without an executable.
fn loose<'v>(
    found: Vec<Resource>,
    by: &str,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    current::explain(
        by,
        format!("today it is `exe.{}`", by.rsplit('.').next().unwrap_or(by)),
    );
    let (handles, silent) = emitted(found, &Policy::new(), eval)?;
    let session = Session::of(eval)?;
    let mut state = session.state.borrow_mut();
    state.loose.extend(handles.iter().cloned());
    state.loose.extend(silent);
    drop(state);
    Ok(resource::list(&handles, eval))
}

#[starlark_module]
pub(super) fn distribution_methods(builder: &mut MethodsBuilder) {
    fn pip_install<'v>(
        this: &Distribution,
        args: Strings,
        #[starlark(default = NoneOr::None)] extra_envs: NoneOr<SmallMap<String, String>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let _ = this;
        let by = "PythonDistribution.pip_install";
        let project = &Session::of(eval)?.project;
        let request = Install::Pip {
            pip: Pip::read(&args.items, project).map_err(|f| f.of(by))?,
            environment: environment(extra_envs, by)?,
        };
        loose(installed(&request, by, eval)?, by, eval)
    }

    fn read_virtualenv<'v>(
        this: &Distribution,
        path: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let _ = this;
        let by = "PythonDistribution.read_virtualenv";
        let path = virtualenv(path, Session::of(eval)?).map_err(|f| f.of(by))?;
        let found = installed(&Install::Environment { path }, by, eval)?;
        loose(found, by, eval)
    }

    fn read_package_root<'v>(
        this: &Distribution,
        path: &str,
        packages: Strings,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let _ = this;
        let by = "PythonDistribution.read_package_root";
        let project = &Session::of(eval)?.project;
        let root = project.existing(path).map_err(|f| f.of(by))?;
        let found = package_root(&root, &packages.items).map_err(|f| f.of(by))?;
        loose(found, by, eval)
    }

    fn setup_py_install<'v>(
        this: &Distribution,
        package_path: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let _ = this;
        let by = "PythonDistribution.setup_py_install";
        let project = &Session::of(eval)?.project;
        let request = Install::Project {
            path: project.existing(package_path).map_err(|f| f.of(by))?,
            environment: BTreeMap::new(),
        };
        loose(installed(&request, by, eval)?, by, eval)
    }
}

fn add_all<'v>(
    this: &Executable,
    values: Value<'v>,
    by: &str,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<NoneType> {
    current::explain(by, format!("{IN_FILE} `exe.add_python_resources(...)`"));
    for value in values.iterate(eval.heap())? {
        this.add(value).map_err(|f| f.of(by))?;
    }
    Ok(NoneType)
}

fn add_one(this: &Executable, value: Value<'_>, by: &str) -> starlark::Result<NoneType> {
    current::explain(by, format!("{IN_FILE} `exe.add_python_resource(...)`"));
    this.add(value).map_err(|f| f.of(by))?;
    Ok(NoneType)
}

#[starlark_module]
pub(super) fn executable_methods(builder: &mut MethodsBuilder) {
    fn add_in_memory_python_resource<'v>(
        this: &Executable,
        resource: Value<'v>,
    ) -> starlark::Result<NoneType> {
        add_one(
            this,
            resource,
            "PythonExecutable.add_in_memory_python_resource",
        )
    }

    fn add_in_memory_python_resources<'v>(
        this: &Executable,
        resources: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = "PythonExecutable.add_in_memory_python_resources";
        add_all(this, resources, by, eval)
    }

    fn add_filesystem_relative_python_resource<'v>(
        this: &Executable,
        prefix: &str,
        resource: Value<'v>,
    ) -> starlark::Result<NoneType> {
        let _ = prefix;
        add_one(
            this,
            resource,
            "PythonExecutable.add_filesystem_relative_python_resource",
        )
    }

    fn add_filesystem_relative_python_resources<'v>(
        this: &Executable,
        prefix: &str,
        resources: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = prefix;
        let by = "PythonExecutable.add_filesystem_relative_python_resources";
        add_all(this, resources, by, eval)
    }

    fn to_embedded_data(this: &Executable) -> starlark::Result<EmbeddedResources> {
        Ok(EmbeddedResources::with(this.clone()))
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn PythonInterpreterConfig<'v>(
        #[starlark(kwargs)] settings: SmallMap<String, Value<'v>>,
    ) -> starlark::Result<Config> {
        let by = |f: Fail| f.of("PythonInterpreterConfig");
        current::explain(
            "PythonInterpreterConfig(...)",
            "today it is `config = dist.make_python_interpreter_config()`, and `config.run_command = \"...\"` for each \
             of its arguments",
        );
        let config = Config::new();
        let mut state = config.0.get();
        for (name, value) in settings {
            let Some(value) = Datum::read(value).filter(|v| *v != Datum::None) else {
                continue;
            };
            let set = match older::moved("PythonInterpreterConfig", &name, &value) {
                Some(moved) => state.bag.set_moved(&name, moved),
                None if name == "stdio_encoding" => {
                    let (encoding, errors) = value
                        .text()
                        .and_then(|t| t.split_once(':'))
                        .map_or((value.clone(), None), |(e, rest)| {
                            (Datum::Text(e.into()), Some(Datum::Text(rest.into())))
                        });
                    state
                        .bag
                        .set("stdio_encoding", Some(encoding))
                        .and_then(|()| state.bag.set("stdio_errors", errors.or(Some(Datum::None))))
                }
                None => state.bag.set(&name, Some(value)),
            };
            set.map_err(by)?;
        }
        drop(state);
        Ok(config)
    }
}

//! `PythonDistribution`: the Python that is sealed. There is one, which Pyxidium carries.

use starlark::collections::SmallMap;
use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneOr;

use super::executable::Executable;
use super::interpreter::Config;
use super::policy::Policy;
use super::resource;
use crate::PYTHON_VERSION;
use crate::bzl::bag::Attr;
use crate::bzl::classify::{self, Class, From, Resource};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::host::{HostFile, STDLIB};
use crate::bzl::object::object;
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[];

object!(Distribution, "PythonDistribution", (), TABLE, all_methods);

fn all_methods(builder: &mut MethodsBuilder) {
    methods(builder);
    super::older::distribution_methods(builder);
}

/// Python's own library as resources.
pub(in crate::bzl) fn library(session: &Session<'_>) -> Result<Vec<Resource>, Fail> {
    let files = session.host.standard_library().map_err(Fail::host)?;
    Ok(resources(files, true))
}

/// Files that a host laid down as resources, each with its class.
pub(in crate::bzl) fn resources(files: Vec<HostFile>, is_stdlib: bool) -> Vec<Resource> {
    let inside = |path: &str| {
        let site = path.strip_prefix(crate::bzl::host::SITE_PACKAGES);
        let path = site.or_else(|| path.strip_prefix(STDLIB)).unwrap_or(path);
        path.strip_prefix("lib-dynload/").unwrap_or(path).to_owned()
    };
    let paths: Vec<String> = files.iter().map(|f| inside(&f.path)).collect();
    let names: Vec<&str> = paths.iter().map(String::as_str).collect();
    let classes = classify::classify(&names);
    let of = |((file, path), class): ((HostFile, String), classify::Class)| Resource {
        class,
        path,
        is_stdlib,
        executable: file.executable,
        from: From::Host(file),
    };
    files.into_iter().zip(paths).zip(classes).map(of).collect()
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn python_resources<'v>(
        this: &Distribution,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let _ = this;
        let library =
            library(Session::of(eval)?).map_err(|f| f.of("PythonDistribution.python_resources"))?;
        let handles: Vec<_> = library
            .into_iter()
            .filter(|r| r.class != Class::File)
            .map(|r| resource::make(r, None))
            .collect();
        Ok(resource::list(&handles, eval))
    }

    fn make_python_interpreter_config(this: &Distribution) -> starlark::Result<Config> {
        let _ = this;
        Ok(Config::new())
    }

    fn make_python_packaging_policy(this: &Distribution) -> starlark::Result<Policy> {
        let _ = this;
        Ok(Policy::new())
    }

    fn to_python_executable<'v>(
        this: &Distribution,
        name: &str,
        #[starlark(default = NoneOr::None)] packaging_policy: NoneOr<&'v Policy>,
        #[starlark(default = NoneOr::None)] config: NoneOr<&'v Config>,
        #[starlark(kwargs)] others: SmallMap<String, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Executable> {
        let _ = this;
        let policy = packaging_policy.into_option().cloned();
        let policy = policy.unwrap_or_else(Policy::new);
        for (argument, value) in others {
            super::older::executable_argument(&policy, &argument, Datum::read(value))
                .map_err(|f| f.of("PythonDistribution.to_python_executable"))?;
        }
        let config = config.into_option().cloned();
        Executable::build(name, policy, config.unwrap_or_else(Config::new), eval)
    }
}

fn ours() -> String {
    format!("{}.{}", PYTHON_VERSION[0], PYTHON_VERSION[1])
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn default_python_distribution<'v>(
        #[starlark(default = NoneOr::None)] flavor: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] build_target: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] python_version: NoneOr<&'v str>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Distribution> {
        let by = |f: Fail| f.of("default_python_distribution");
        let session = Session::of(eval)?;
        match flavor.into_option() {
            None | Some("standalone" | "standalone_dynamic") => {}
            Some("standalone_static") => current::explain(
                "flavor = \"standalone_static\"",
                "the one Python that is sealed is linked into the runtime; of the machine it needs glibc only",
            ),
            Some(other) => {
                return Err(by(Fail::new(format!("there is no flavor \"{other}\""))
                    .hint("\"standalone\", \"standalone_dynamic\" or \"standalone_static\""))
                .into());
            }
        }
        if let Some(triple) = build_target.into_option()
            && triple != session.settings.target_triple
            && !triple.is_empty()
        {
            let here = &session.settings.target_triple;
            return Err(by(
                Fail::new(format!("{triple} cannot be built for on this machine")).hint(format!(
                    "build this target on such a machine; here it is {here} (BUILD_TARGET_TRIPLE)"
                )),
            )
            .into());
        }
        if let Some(version) = python_version.into_option() {
            let parts = version.split('.').collect::<Vec<_>>();
            let number = |p: &str| p.parse::<u32>().is_ok();
            if parts.len() < 2 || !parts.iter().all(|p| number(p)) {
                return Err(
                    by(Fail::new(format!("\"{version}\" is no version of Python"))
                        .hint(format!("write it as in python_version = \"{}\"", ours())))
                    .into(),
                );
            }
            if version != ours() {
                current::explain(
                    &format!("python_version = \"{version}\""),
                    format!(
                        "sealed files get Python {}; the versions that PyOxidizer had are no longer maintained",
                        ours()
                    ),
                );
            }
        }
        Ok(Distribution::with(()))
    }

    fn PythonDistribution<'v>(
        sha256: &str,
        #[starlark(default = NoneOr::None)] local_path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] url: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] flavor: NoneOr<&'v str>,
    ) -> starlark::Result<Distribution> {
        let _ = flavor;
        if local_path.into_option().is_none() && url.into_option().is_none() {
            return Err(Fail::new("one of `local_path` and `url` is needed")
                .hint("write `default_python_distribution()`")
                .of("PythonDistribution")
                .into());
        }
        let _ = sha256;
        current::explain(
            "PythonDistribution(...)",
            format!(
                "the archive is not fetched: sealed files get the Python {} that Pyxidium carries. Write \
                 `default_python_distribution()`",
                ours()
            ),
        );
        Ok(Distribution::with(()))
    }
}

//! `PythonExecutable`: what is sealed. Resources are made and added here; what they come to is
//! [`crate::bzl::program`]'s business.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use starlark::collections::SmallMap;
use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::list::UnpackList;
use starlark::values::none::{NoneOr, NoneType};

use super::about::with_about;
use super::file_manifest::{self, FileManifest};
use super::interpreter::Config;
use super::policy::Policy;
use super::resource::{self, Handle};
use super::roots::{names_in, package_root};
use super::{distribution, wix};
use crate::bzl::bag::{Attr, Default as D, Kind};
use crate::bzl::classify::{Class, From, Resource};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::host::Install;
use crate::bzl::object::object;
use crate::bzl::pip::Pip;
use crate::bzl::product::{Files, Product, Write};
use crate::bzl::program;
use crate::bzl::session::Session;
use crate::{Origin, Setting, Update};

/// State besides the attributes.
#[derive(Debug)]
pub(in crate::bzl) struct ExecutableData {
    pub(in crate::bzl) name: String,
    pub(in crate::bzl) at: Origin,
    pub(in crate::bzl) policy: Policy,
    pub(in crate::bzl) config: Config,
    /// Python's own library; left out is what says `add_include = False`.
    pub(in crate::bzl) library: Vec<Handle>,
    /// All that installations gave, added or not.
    pub(in crate::bzl) installed: Vec<Handle>,
    /// What was added.
    pub(in crate::bzl) added: Vec<Handle>,
    /// What a filter took out of it, by path, and its place.
    pub(in crate::bzl) filtered: BTreeMap<String, Origin>,
    pub(in crate::bzl) window: Option<Vec<Setting>>,
    pub(in crate::bzl) update: Option<Update>,
    /// A script that is run, and what goes in beside it.
    pub(in crate::bzl) script: Option<String>,
    pub(in crate::bzl) files: BTreeMap<String, PathBuf>,
}

const TABLE: &[Attr] = with_about![
    Attr::optional("licenses_filename", Kind::Text),
    Attr::with(
        "packed_resources_load_mode",
        Kind::OneOf(&["none", "embedded:", "binary-relative-memory-mapped:"]),
        D::Text("embedded:packed-resources"),
    )
    .note(|v| {
        let embedded = v.text().is_some_and(|t| t.starts_with("embedded:"));
        (!embedded).then_some(
            "the payload is a section of the executable, which the system maps into memory",
        )
    }),
    Attr::optional("tcl_files_path", Kind::Text).note(|v| {
        v.text()
            .map(|_| "Tk is not carried; a window is `exe.window(...)` with a page")
    }),
    Attr::with(
        "windows_runtime_dlls_mode",
        Kind::OneOf(&["never", "when-present", "always"]),
        D::Text("when-present"),
    ),
    Attr::with("windows_subsystem", Kind::Text, D::Text("console")),
    // Ours.
    Attr::optional("identifier", Kind::Text),
    Attr::optional("capabilities", Kind::Texts),
    Attr::optional("ui", Kind::Text),
    Attr::with("kernels", Kind::Bool, D::Bool(false)),
    Attr::with("packager", Kind::Bool, D::Bool(false)),
    Attr::with("strip", Kind::Bool, D::Bool(false)),
    Attr::with("compress", Kind::Bool, D::Bool(true)),
    Attr::with("smallest", Kind::Bool, D::Bool(false)),
    Attr::optional("native_libraries", Kind::OneOf(&["memory", "cache"])),
    Attr::optional("runtime", Kind::Text),
];

object!(
    Executable,
    "PythonExecutable",
    ExecutableData,
    TABLE,
    all_methods
);

impl Executable {
    /// A new one, with Python's own library as the policy has it.
    pub(in crate::bzl) fn build<'v>(
        name: &str,
        policy: Policy,
        config: Config,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Self> {
        let by = |f: Fail| f.of("PythonDistribution.to_python_executable");
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']) {
            return Err(by(Fail::new(format!("`{name}` is not a file name"))
                .hint("it is what the executable is called: name = \"app\""))
            .into());
        }
        let session = Session::of(eval)?;
        let look = policy.has_callbacks() || !Self::data_of_library_stays(&policy);
        let library = if look {
            distribution::library(session).map_err(by)?
        } else {
            Vec::new()
        };
        let nowhere = || Origin {
            path: PathBuf::new(),
            line: 0,
        };
        let mut handles = Vec::new();
        for one in library {
            let plain = one.class == Class::File;
            let handle = resource::make(one, Some(&policy));
            // PyOxidizer's own library had no plain files, so recipes expect none there.
            if plain {
                handle
                    .get()
                    .bag
                    .put("add_include", Datum::Bool(true), nowhere());
            } else {
                let value = resource::value(&handle, eval.heap());
                policy.tell(value, eval)?;
            }
            handles.push(handle);
        }
        Ok(Self::with(ExecutableData {
            name: name.to_owned(),
            at: current::place(),
            policy,
            config,
            library: handles,
            installed: Vec::new(),
            added: Vec::new(),
            filtered: BTreeMap::new(),
            window: None,
            update: None,
            script: None,
            files: BTreeMap::new(),
        }))
    }

    fn data_of_library_stays(policy: &Policy) -> bool {
        let state = policy.0.get();
        let given = state.bag.given("include_distribution_resources");
        !given.is_some_and(|(d, _)| *d == Datum::Bool(false))
    }

    fn policy(&self) -> Policy {
        self.0.get().data.policy.clone()
    }

    /// Makes resources and shows them to the policy's callbacks; of files that have a class the policy may
    /// want the file, too.
    fn emit<'v>(
        &self,
        found: Vec<Resource>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let (handles, silent) = emitted(found, &self.policy(), eval)?;
        let mut state = self.0.get();
        state.data.installed.extend(handles.iter().cloned());
        state.data.installed.extend(silent);
        drop(state);
        Ok(resource::list(&handles, eval))
    }

    pub(super) fn add(&self, value: Value<'_>) -> Result<(), Fail> {
        let Some(handle) = resource::of(value) else {
            return Err(
                Fail::new(format!("a {} is no Python resource", value.get_type()))
                    .hint("add what `pip_install`, `read_package_root` and their like give"),
            );
        };
        if handle.get().bag.truth("add_include") {
            self.0.get().data.added.push(handle);
        }
        Ok(())
    }

    fn install<'v>(
        &self,
        request: &Install,
        by: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        self.emit(installed(request, by, eval)?, eval)
    }
}

/// What the host's installer lays down for a request.
pub(super) fn installed(
    request: &Install,
    by: &str,
    eval: &Evaluator<'_, '_, '_>,
) -> starlark::Result<Vec<Resource>> {
    let files = Session::of(eval)?
        .host
        .install(request, &current::place())
        .map_err(|e| Fail::host(e).of(by))?;
    Ok(distribution::resources(files, false))
}

/// Resources as a policy wants them shown, and those that are not.
pub(super) fn emitted<'v>(
    found: Vec<Resource>,
    policy: &Policy,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<(Vec<Handle>, Vec<Handle>)> {
    let (classified, files) = {
        let state = policy.0.get();
        (
            state.bag.truth("file_scanner_classify_files"),
            state.bag.truth("file_scanner_emit_files"),
        )
    };
    let mut handles = Vec::new();
    let mut silent = Vec::new();
    for one in found {
        let plain = one.class == Class::File;
        if files {
            let file = Resource {
                class: Class::File,
                ..one.clone()
            };
            handles.push(resource::make(file, Some(policy)));
        } else if plain {
            // Not shown, and goes where the rest of its distribution goes.
            silent.push(resource::make(one.clone(), Some(policy)));
        }
        if classified && !plain {
            handles.push(resource::make(one, Some(policy)));
        }
    }
    for handle in &handles {
        let value = resource::value(handle, eval.heap());
        policy.tell(value, eval)?;
    }
    Ok((handles, silent))
}

pub(super) type Strings = UnpackList<String>;

pub(super) fn environment(
    given: NoneOr<SmallMap<String, String>>,
    by: &str,
) -> Result<BTreeMap<String, String>, Fail> {
    let map: BTreeMap<String, String> = given
        .into_option()
        .unwrap_or_default()
        .into_iter()
        .collect();
    // These decide which program runs, or what it loads before it runs.
    const REFUSED: [&str; 6] = [
        "PATH",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "PYTHONHOME",
        "PYTHONPATH",
    ];
    match map
        .keys()
        .find(|k| REFUSED.contains(&k.as_str()) || k.contains(['=', '\0']))
    {
        Some(name) => Err(Fail::new(format!("the variable {name} cannot be set here"))
            .hint("set it where `pyxidium build` runs, if the build of a package needs it")
            .of(by)),
        None => Ok(map),
    }
}

/// The folder of a virtual environment for our Python.
pub(super) fn virtualenv(path: &str, session: &Session<'_>) -> Result<PathBuf, Fail> {
    let path = session.project.existing(path)?;
    if path.join("lib/python3.13/site-packages").is_dir() {
        return Ok(path);
    }
    let others: Vec<_> = fs_err::read_dir(path.join("lib"))
        .into_iter()
        .flatten()
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| n.starts_with("python3"))
        .collect();
    let fail = match others.first() {
        Some(other) => Fail::new(format!("{} is of {other}", path.display())),
        None => Fail::new(format!("{} is no virtual environment", path.display())),
    };
    Err(fail.hint(
        "make one for Python 3.13: `python3.13 -m venv venv`, or write `exe.pip_install([...])`",
    ))
}

fn all_methods(builder: &mut MethodsBuilder) {
    methods(builder);
    super::older::executable_methods(builder);
    super::executable_own::methods(builder);
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn make_python_module_source(
        this: &Executable,
        name: &str,
        source: &str,
        #[starlark(default = false)] is_package: bool,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<resource::ModuleSource> {
        if !crate::imports::is_dotted(name) {
            return Err(Fail::new(format!("`{name}` is not a module name"))
                .hint("as in Python's `import`: \"package.module\"")
                .of("PythonExecutable.make_python_module_source")
                .into());
        }
        let class = Class::Source {
            name: name.to_owned(),
            is_package,
        };
        let made = Resource {
            class,
            path: String::new(),
            from: From::Text(source.to_owned()),
            is_stdlib: false,
            executable: false,
        };
        let policy = this.policy();
        let handle = resource::make(made, Some(&policy));
        let value = resource::value(&handle, eval.heap());
        policy.tell(value, eval)?;
        Ok(resource::ModuleSource(handle))
    }

    fn pip_install<'v>(
        this: &Executable,
        args: Strings,
        #[starlark(default = NoneOr::None)] extra_envs: NoneOr<SmallMap<String, String>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let by = "PythonExecutable.pip_install";
        let project = &Session::of(eval)?.project;
        let request = Install::Pip {
            pip: Pip::read(&args.items, project).map_err(|f| f.of(by))?,
            environment: environment(extra_envs, by)?,
        };
        this.install(&request, by, eval)
    }

    fn pip_download<'v>(
        this: &Executable,
        args: Strings,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let by = "PythonExecutable.pip_download";
        let project = &Session::of(eval)?.project;
        let request = Install::Pip {
            pip: Pip::read(&args.items, project).map_err(|f| f.of(by))?,
            environment: BTreeMap::new(),
        };
        this.install(&request, by, eval)
    }

    fn setup_py_install<'v>(
        this: &Executable,
        package_path: &str,
        #[starlark(default = NoneOr::None)] extra_envs: NoneOr<SmallMap<String, String>>,
        #[starlark(default = NoneOr::None)] extra_global_arguments: NoneOr<Strings>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let by = "PythonExecutable.setup_py_install";
        current::explain(
            by,
            "`setup.py install` is gone from Python; the project is built to a wheel, without its dependencies",
        );
        let project = &Session::of(eval)?.project;
        let options = extra_global_arguments.into_option().map(|a| a.items);
        if options.as_ref().is_some_and(|o| !o.is_empty()) {
            return Err(Fail::new("extra_global_arguments are not handed on")
                .hint("write them into [tool.setuptools] of pyproject.toml, or into setup.cfg")
                .of(by)
                .into());
        }
        let request = Install::Project {
            path: project.existing(package_path).map_err(|f| f.of(by))?,
            environment: environment(extra_envs, by)?,
        };
        this.install(&request, by, eval)
    }

    fn read_virtualenv<'v>(
        this: &Executable,
        path: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let by = "PythonExecutable.read_virtualenv";
        let path = virtualenv(path, Session::of(eval)?).map_err(|f| f.of(by))?;
        this.install(&Install::Environment { path }, by, eval)
    }

    fn read_package_root<'v>(
        this: &Executable,
        path: &str,
        packages: Strings,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let by = |f: Fail| f.of("PythonExecutable.read_package_root");
        let project = &Session::of(eval)?.project;
        let root = project.existing(path).map_err(by)?;
        let found = package_root(&root, &packages.items).map_err(by)?;
        this.emit(found, eval)
    }

    fn add_python_resource<'v>(
        this: &Executable,
        resource: Value<'v>,
    ) -> starlark::Result<NoneType> {
        this.add(resource)
            .map_err(|f| f.of("PythonExecutable.add_python_resource"))?;
        Ok(NoneType)
    }

    fn add_python_resources<'v>(
        this: &Executable,
        resources: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        for value in resources.iterate(eval.heap())? {
            this.add(value)
                .map_err(|f| f.of("PythonExecutable.add_python_resources"))?;
        }
        Ok(NoneType)
    }

    fn add_cargo_manifest_licensing<'v>(
        this: &Executable,
        manifest_path: &str,
        #[starlark(default = false)] all_features: bool,
        #[starlark(default = NoneOr::None)] features: NoneOr<Strings>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = (this, all_features, features);
        let by = "PythonExecutable.add_cargo_manifest_licensing";
        Session::of(eval)?
            .project
            .existing(manifest_path)
            .map_err(|f| f.of(by))?;
        current::explain(
            by,
            "no Rust of yours is linked into the file; licences of a runtime of your own come with that runtime",
        );
        Ok(NoneType)
    }

    fn filter_resources_from_files<'v>(
        this: &Executable,
        #[starlark(default = NoneOr::None)] files: NoneOr<Strings>,
        #[starlark(default = NoneOr::None)] glob_files: NoneOr<Strings>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = |f: Fail| f.of("PythonExecutable.filter_resources_from_files");
        let session = Session::of(eval)?;
        let names = names_in(
            &files.into_option().map(|f| f.items).unwrap_or_default(),
            &glob_files
                .into_option()
                .map(|f| f.items)
                .unwrap_or_default(),
            session,
        )
        .map_err(by)?;
        this.filter(&names, session).map_err(by)?;
        Ok(NoneType)
    }

    fn to_embedded_resources(this: &Executable) -> starlark::Result<EmbeddedResources> {
        Ok(EmbeddedResources::with(this.clone()))
    }

    fn to_file_manifest(
        this: &Executable,
        prefix: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<FileManifest> {
        let session = Session::of(eval)?;
        let manifest = FileManifest::with(Files::default());
        file_manifest::add_executable(&manifest, prefix, this, session)
            .map_err(|f| f.of("PythonExecutable.to_file_manifest"))?;
        Ok(manifest)
    }

    fn to_wix_msi_builder(
        this: &Executable,
        id_prefix: &str,
        product_name: &str,
        product_version: &str,
        product_manufacturer: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<wix::MsiBuilder> {
        let about = [
            id_prefix,
            product_name,
            product_version,
            product_manufacturer,
        ];
        Ok(wix::msi_of(this, about, Session::of(eval)?)?)
    }

    fn to_wix_bundle_builder<'v>(
        this: &Executable,
        id_prefix: &str,
        product_name: &str,
        product_version: &str,
        product_manufacturer: &str,
        #[starlark(default = NoneOr::None)] msi_builder_callback: NoneOr<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<wix::BundleBuilder> {
        let about = [
            id_prefix,
            product_name,
            product_version,
            product_manufacturer,
        ];
        let msi = wix::msi_of(this, about, Session::of(eval)?)?;
        if let Some(callback) = msi_builder_callback.into_option() {
            let by = "PythonExecutable.to_wix_bundle_builder";
            let function = Session::keep(callback, by, eval)?;
            let value = eval.heap().alloc(msi.clone());
            Session::call(&function, &[value], eval)?;
        }
        Ok(wix::bundle_of(about, msi))
    }

    fn build<'v>(
        this: &Executable,
        target: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        let program = program::program(this, session)?;
        session.write(Write::Product {
            target: target.to_owned(),
            product: Box::new(Product::Executable(Box::new(program))),
        });
        Ok(NoneType)
    }

    fn write_licenses(
        this: &Executable,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        let path = session
            .output(path)
            .map_err(|f| f.of("PythonExecutable.write_licenses"))?;
        let program = Box::new(program::program(this, session)?);
        session.write(Write::Licenses { path, program });
        Ok(NoneType)
    }
}

impl Executable {
    /// Keeps what is named, of what was added and of Python's own library.
    fn filter(&self, names: &BTreeSet<String>, session: &Session<'_>) -> Result<(), Fail> {
        let at = current::place();
        let listed = |r: &Resource| r.names().iter().any(|n| names.contains(*n));
        let mut state = self.0.get();
        if state.data.library.is_empty() {
            let library = distribution::library(session)?;
            state.data.library = library
                .into_iter()
                .map(|r| resource::make(r, None))
                .collect();
        }
        let mut out = BTreeMap::new();
        let data = &mut state.data;
        // Metadata of a distribution is no resource that a program imports, so no list names it.
        let stays = |r: &Resource| listed(r) || matches!(r.class, Class::Metadata { .. });
        data.added.retain(|h| {
            let resource = h.get().data.clone();
            let keep = stays(&resource);
            if !keep {
                out.insert(program::place(&resource), at.clone());
            }
            keep
        });
        for handle in &data.library {
            let resource = handle.get().data.clone();
            if !stays(&resource) {
                out.insert(program::place(&resource), at.clone());
            }
        }
        data.filtered.extend(out);
        Ok(())
    }
}

object!(
    EmbeddedResources,
    "PythonEmbeddedResources",
    Executable,
    EMBEDDED,
    no_methods
);

const EMBEDDED: &[Attr] = &[];

#[starlark_module]
fn no_methods(builder: &mut MethodsBuilder) {}

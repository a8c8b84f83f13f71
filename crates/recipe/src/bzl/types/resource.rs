//! The resources of a recipe: modules, extension modules, data and metadata of packages, plain files. Five
//! types, one state.

use std::sync::Arc;

use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::{Heap, Value};

use super::policy::{LOCATION, ONE_FILE, Policy};
use crate::Origin;
use crate::bzl::bag::{Attr, Default as D, Kind};
use crate::bzl::classify::{Class, From, Resource};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::{Shared, object};
use crate::bzl::product::{Content, FileEntry};

/// A resource, whichever type it has.
pub(in crate::bzl) type Handle = Shared<Arc<Resource>>;

const ONE_LEVEL: &str = "there is bytecode of one level in a file, that of \
     `PythonInterpreterConfig.optimization_level`";

macro_rules! table {
    ($($own:expr),* $(,)?) => {
        &[
            $($own.read_only(),)*
            Attr::with("add_include", Kind::Bool, D::Bool(true)),
            Attr::with("add_location", LOCATION, D::Text("in-memory")).note(|v| {
                let beside = v.text().is_some_and(|t| t != "in-memory");
                beside.then_some(ONE_FILE)
            }),
            Attr::optional("add_location_fallback", LOCATION),
            Attr::with("add_source", Kind::Bool, D::Bool(true)).note(|v| {
                (*v == Datum::Bool(false)).then_some(
                    "sources stay: tracebacks show them, and beside their bytecode they take little",
                )
            }),
            Attr::with("add_bytecode_optimization_level_zero", Kind::Bool, D::Bool(true))
                .note(|v| (*v == Datum::Bool(false)).then_some(ONE_LEVEL)),
            Attr::with("add_bytecode_optimization_level_one", Kind::Bool, D::Bool(false))
                .note(|v| (*v == Datum::Bool(true)).then_some(ONE_LEVEL)),
            Attr::with("add_bytecode_optimization_level_two", Kind::Bool, D::Bool(false))
                .note(|v| (*v == Datum::Bool(true)).then_some(ONE_LEVEL)),
        ]
    };
}

const fn name() -> Attr {
    Attr::with("name", Kind::Text, D::Text(""))
}

const fn package() -> Attr {
    Attr::with("package", Kind::Text, D::Text(""))
}

const fn is_stdlib() -> Attr {
    Attr::with("is_stdlib", Kind::Bool, D::Bool(false))
}

const MODULE: &[Attr] = table![
    name(),
    is_stdlib(),
    Attr::with("is_package", Kind::Bool, D::Bool(false)),
];
const EXTENSION: &[Attr] = table![name(), is_stdlib()];
const DATA: &[Attr] = table![package(), name(), is_stdlib()];
const FILE: &[Attr] = table![
    Attr::with("path", Kind::Text, D::Text("")),
    Attr::with("is_executable", Kind::Bool, D::Bool(false)),
];

object!(
    ModuleSource,
    "PythonModuleSource",
    Arc<Resource>,
    MODULE,
    source
);
object!(
    ExtensionModule,
    "PythonExtensionModule",
    Arc<Resource>,
    EXTENSION,
    nothing
);
object!(
    PackageResource,
    "PythonPackageResource",
    Arc<Resource>,
    DATA,
    nothing
);
object!(
    DistributionResource,
    "PythonPackageDistributionResource",
    Arc<Resource>,
    DATA,
    nothing
);
object!(PlainFile, "File", Arc<Resource>, FILE, nothing);

/// A new resource with what a policy says of it.
pub(in crate::bzl) fn make(resource: Resource, policy: Option<&Policy>) -> Handle {
    let own = |name: &str| Datum::Text(name.to_owned());
    let mut values = vec![("is_stdlib", Datum::Bool(resource.is_stdlib))];
    let include = policy.is_none_or(|p| p.includes(&resource));
    let resource = Arc::new(resource);
    let handle = match &resource.class {
        Class::Source { name, is_package } => {
            values.push(("name", own(name)));
            values.push(("is_package", Datum::Bool(*is_package)));
            ModuleSource::with(Arc::clone(&resource)).0
        }
        Class::Extension { name } => {
            values.push(("name", own(name)));
            ExtensionModule::with(Arc::clone(&resource)).0
        }
        Class::Data { package, name } => {
            values.push(("package", own(package)));
            values.push(("name", own(name)));
            PackageResource::with(Arc::clone(&resource)).0
        }
        Class::Metadata { package, name } => {
            values.push(("package", own(package)));
            values.push(("name", own(name)));
            DistributionResource::with(Arc::clone(&resource)).0
        }
        Class::File => {
            values.push(("path", own(&resource.path)));
            values.push(("is_executable", Datum::Bool(resource.executable)));
            PlainFile::with(Arc::clone(&resource)).0
        }
    };
    values.push(("add_include", Datum::Bool(include)));
    let mut state = handle.get();
    // Of no line: what a recipe itself says is told from this.
    let nowhere = || Origin {
        path: Default::default(),
        line: 0,
    };
    for (name, value) in values {
        state.bag.put(name, value, nowhere());
    }
    drop(state);
    handle
}

/// As a value of its type.
pub(in crate::bzl) fn value<'v>(handle: &Handle, heap: Heap<'v>) -> Value<'v> {
    let class = handle.get().data.class.clone();
    let handle = handle.clone();
    match class {
        Class::Source { .. } => heap.alloc(ModuleSource(handle)),
        Class::Extension { .. } => heap.alloc(ExtensionModule(handle)),
        Class::Data { .. } => heap.alloc(PackageResource(handle)),
        Class::Metadata { .. } => heap.alloc(DistributionResource(handle)),
        Class::File => heap.alloc(PlainFile(handle)),
    }
}

/// The resource that a value is.
pub(in crate::bzl) fn of(value: Value<'_>) -> Option<Handle> {
    ModuleSource::from_value(value)
        .map(|v| &v.0)
        .or_else(|| ExtensionModule::from_value(value).map(|v| &v.0))
        .or_else(|| PackageResource::from_value(value).map(|v| &v.0))
        .or_else(|| DistributionResource::from_value(value).map(|v| &v.0))
        .or_else(|| PlainFile::from_value(value).map(|v| &v.0))
        .cloned()
}

/// A resource as a file.
pub(in crate::bzl) fn entry(resource: &Resource) -> FileEntry {
    let content = match &resource.from {
        From::Disk(path) => Content::File(path.clone()),
        From::Text(text) => Content::Bytes(text.clone().into_bytes()),
        From::Host(file) => Content::Packed {
            pack: file.pack.clone(),
            path: file.path.clone(),
        },
    };
    FileEntry {
        content,
        executable: resource.executable,
    }
}

#[starlark_module]
fn source(builder: &mut MethodsBuilder) {
    /// The text of the module.
    #[starlark(attribute)]
    fn source(this: &ModuleSource) -> starlark::Result<String> {
        let resource = Arc::clone(&this.0.get().data);
        let bytes = match &resource.from {
            From::Text(text) => return Ok(text.clone()),
            From::Disk(path) => fs_err::read(path).map_err(|e| Fail::new(e.to_string()))?,
            From::Host(file) => current::read(file).map_err(Fail::host)?,
        };
        Ok(crate::source::decode(&bytes))
    }
}

#[starlark_module]
fn nothing(builder: &mut MethodsBuilder) {}

/// Lists of resources, as functions of a recipe get them.
pub(in crate::bzl) fn list<'v>(handles: &[Handle], eval: &mut Evaluator<'v, '_, '_>) -> Value<'v> {
    let heap = eval.heap();
    let values: Vec<_> = handles.iter().map(|h| value(h, heap)).collect();
    heap.alloc(starlark::values::list::AllocList(values))
}

//! `PythonPackagingPolicy`: what becomes of resources by default, and callbacks that see each of them.

use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use crate::bzl::bag::{Attr, Default as D, Kind};
use crate::bzl::classify::{Class, Resource};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::session::{Function, Session};

/// State besides the attributes.
#[derive(Debug, Default)]
pub(in crate::bzl) struct PolicyData {
    pub(in crate::bzl) callbacks: Vec<Function>,
}

pub(super) const LOCATION: Kind = Kind::OneOf(&["in-memory", "filesystem-relative:"]);

pub(super) const ONE_FILE: &str = "all resources are in the one file, whose inside is visible as a folder of the \
     executable's own path, so that open() and __file__ work; for a copy beside the executable write \
     `manifest.add_python_resource(\"lib\", resource)`";

const ONE_LEVEL: &str = "there is bytecode of one level in a file, that of \
     `PythonInterpreterConfig.optimization_level`";

fn location(value: &Datum) -> Option<&'static str> {
    value
        .text()
        .is_some_and(|t| t.starts_with("filesystem-relative:"))
        .then_some(ONE_FILE)
}

fn truth(value: &Datum, said: &'static str) -> Option<&'static str> {
    (*value == Datum::Bool(true)).then_some(said)
}

fn untruth(value: &Datum, said: &'static str) -> Option<&'static str> {
    (*value == Datum::Bool(false)).then_some(said)
}

const TABLE: &[Attr] = &[
    Attr::with("allow_files", Kind::Bool, D::Bool(false)),
    Attr::with("allow_in_memory_shared_library_loading", Kind::Bool, D::Bool(false)),
    Attr::with("bytecode_optimize_level_zero", Kind::Bool, D::Bool(true))
        .note(|v| untruth(v, ONE_LEVEL)),
    Attr::with("bytecode_optimize_level_one", Kind::Bool, D::Bool(false))
        .note(|v| truth(v, ONE_LEVEL)),
    Attr::with("bytecode_optimize_level_two", Kind::Bool, D::Bool(false))
        .note(|v| truth(v, ONE_LEVEL)),
    Attr::with(
        "extension_module_filter",
        Kind::OneOf(&["all", "minimal", "no-libraries", "no-copyleft"]),
        D::Text("all"),
    )
    .note(|v| match v.text() {
        Some("minimal" | "no-libraries") => Some(
            "the runtime's own extension modules are part of it and stay; leave out those that are files with \
             `resource.add_include = False` in a callback",
        ),
        _ => None,
    }),
    Attr::with("file_scanner_classify_files", Kind::Bool, D::Bool(true)),
    Attr::with("file_scanner_emit_files", Kind::Bool, D::Bool(false)),
    Attr::with("include_classified_resources", Kind::Bool, D::Bool(true)),
    Attr::with("include_distribution_sources", Kind::Bool, D::Bool(true)).note(|v| {
        untruth(
            v,
            "sources stay: tracebacks show them, and beside their bytecode they take little",
        )
    }),
    Attr::with("include_distribution_resources", Kind::Bool, D::Bool(false)),
    Attr::with("include_file_resources", Kind::Bool, D::Bool(false)),
    Attr::with("include_non_distribution_sources", Kind::Bool, D::Bool(true)).note(|v| {
        untruth(
            v,
            "sources stay: tracebacks show them, and beside their bytecode they take little",
        )
    }),
    Attr::with("include_test", Kind::Bool, D::Bool(false)).note(|v| {
        truth(
            v,
            "the tests of Python's own library are not carried; tests of packages are included as always",
        )
    }),
    Attr::with("resources_location", LOCATION, D::Text("in-memory")).note(location),
    // What cannot be in memory elsewhere can here, so a way out is never needed.
    Attr::optional("resources_location_fallback", LOCATION),
    Attr::with("preferred_extension_module_variants", Kind::Map, D::Empty).read_only(),
];

object!(Policy, "PythonPackagingPolicy", PolicyData, TABLE, methods);

impl Policy {
    pub(in crate::bzl) fn new() -> Self {
        Self::with(PolicyData::default())
    }

    /// What `add_include` of a resource is before a callback sees it.
    pub(in crate::bzl) fn includes(&self, resource: &Resource) -> bool {
        let state = self.0.get();
        if resource.class == Class::File {
            return state.bag.truth("include_file_resources");
        }
        // The default says no, since PyOxidizer could not load them; only a recipe's own word counts here.
        let data = matches!(resource.class, Class::Data { .. });
        if resource.is_stdlib && data {
            let given = state.bag.given("include_distribution_resources");
            if given.is_some_and(|(d, _)| *d == Datum::Bool(false)) {
                return false;
            }
        }
        state.bag.truth("include_classified_resources")
    }

    /// Calls the callbacks with a resource.
    pub(in crate::bzl) fn tell<'v>(
        &self,
        resource: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<()> {
        let callbacks = self.0.get().data.callbacks.clone();
        if callbacks.is_empty() {
            return Ok(());
        }
        let this = eval.heap().alloc(self.clone());
        for callback in callbacks {
            Session::call(&callback, &[this, resource], eval)?;
        }
        Ok(())
    }

    /// Whether anybody wants to see resources.
    pub(in crate::bzl) fn has_callbacks(&self) -> bool {
        !self.0.get().data.callbacks.is_empty()
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn register_resource_callback<'v>(
        this: &Policy,
        callback: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let function = Session::keep(
            callback,
            "PythonPackagingPolicy.register_resource_callback",
            eval,
        )?;
        this.0.get().data.callbacks.push(function);
        Ok(NoneType)
    }

    fn set_preferred_extension_module_variant(
        this: &Policy,
        name: &str,
        value: &str,
    ) -> starlark::Result<NoneType> {
        let mut state = this.0.get();
        let key = "preferred_extension_module_variants";
        if let Some(Datum::Map(mut map)) = state.bag.get(key) {
            map.insert(name.to_owned(), Datum::Text(value.to_owned()));
            state.bag.put(key, Datum::Map(map), current::place());
        }
        drop(state);
        current::explain(
            "PythonPackagingPolicy.set_preferred_extension_module_variant",
            "every extension module is there in one variant",
        );
        Ok(NoneType)
    }

    fn set_resource_handling_mode(this: &Policy, mode: &str) -> starlark::Result<NoneType> {
        let files = match mode {
            "files" => true,
            "classify" => false,
            other => {
                return Err(Fail::new(format!("\"{other}\" is no mode"))
                    .hint("\"classify\" or \"files\"")
                    .of("PythonPackagingPolicy.set_resource_handling_mode")
                    .into());
            }
        };
        let mut state = this.0.get();
        for (name, value) in [
            ("allow_files", files),
            ("file_scanner_emit_files", files),
            ("file_scanner_classify_files", !files),
            ("include_file_resources", files),
            ("include_classified_resources", true),
        ] {
            state.bag.set(name, Some(Datum::Bool(value)))?;
        }
        Ok(NoneType)
    }
}

//! Snaps: `Snap`, `SnapApp`, `SnapPart`, `SnapcraftBuilder`. Settings are collected under the names of
//! snapcraft.yaml; building one takes snapcraft itself.

use std::collections::BTreeMap;

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::list::UnpackList;
use starlark::values::none::{NoneOr, NoneType};

use super::bundle::{self, BundleData};
use super::file_manifest::FileManifest;
use crate::bzl::bag::{Attr, Bag, Kind};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::product::{Bundle, Format};
use crate::bzl::session::Session;

const APP: &[Attr] = &[
    Attr::optional("adapter", Kind::Text),
    Attr::optional("autostart", Kind::Text),
    Attr::optional("command_chain", Kind::Texts),
    Attr::optional("command", Kind::Text),
    Attr::optional("common_id", Kind::Text),
    Attr::optional("daemon", Kind::Text),
    Attr::optional("desktop", Kind::Text),
    Attr::optional("environment", Kind::Any),
    Attr::optional("extensions", Kind::Texts),
    Attr::optional("listen_stream", Kind::Text),
    Attr::optional("passthrough", Kind::Any),
    Attr::optional("plugs", Kind::Texts),
    Attr::optional("post_stop_command", Kind::Text),
    Attr::optional("restart_condition", Kind::Text),
    Attr::optional("slots", Kind::Texts),
    Attr::optional("stop_command", Kind::Text),
    Attr::optional("stop_timeout", Kind::Text),
    Attr::optional("timer", Kind::Text),
    Attr::optional("socket_mode", Kind::Int),
    Attr::optional("socket", Kind::Any),
];

const PART: &[Attr] = &[
    Attr::optional("after", Kind::Texts),
    Attr::optional("build_attributes", Kind::Texts),
    Attr::optional("build_environment", Kind::Any),
    Attr::optional("build_packages", Kind::Texts),
    Attr::optional("build_snaps", Kind::Texts),
    Attr::optional("filesets", Kind::Any),
    Attr::optional("organize", Kind::Any),
    Attr::optional("override_build", Kind::Text),
    Attr::optional("override_prime", Kind::Text),
    Attr::optional("override_pull", Kind::Text),
    Attr::optional("override_stage", Kind::Text),
    Attr::optional("parse_info", Kind::Text),
    Attr::optional("plugin", Kind::Text),
    Attr::optional("prime", Kind::Texts),
    Attr::optional("source_branch", Kind::Text),
    Attr::optional("source_checksum", Kind::Text),
    Attr::optional("source_commit", Kind::Text),
    Attr::optional("source_depth", Kind::Int),
    Attr::optional("source_subdir", Kind::Text),
    Attr::optional("source_tag", Kind::Text),
    Attr::optional("source_type", Kind::Text),
    Attr::optional("source", Kind::Text),
    Attr::optional("stage_packages", Kind::Texts),
    Attr::optional("stage_snaps", Kind::Texts),
    Attr::optional("stage", Kind::Texts),
];

const SNAP: &[Attr] = &[
    Attr::optional("adopt_info", Kind::Text),
    Attr::optional("apps", Kind::Any),
    Attr::optional("architectures", Kind::Any),
    Attr::optional("assumes", Kind::Texts),
    Attr::optional("base", Kind::Text),
    Attr::optional("confinement", Kind::Text),
    Attr::optional("description", Kind::Text),
    Attr::optional("grade", Kind::Text),
    Attr::optional("icon", Kind::Text),
    Attr::optional("license", Kind::Text),
    Attr::optional("name", Kind::Text),
    Attr::optional("parts", Kind::Any),
    Attr::optional("passthrough", Kind::Any),
    Attr::optional("plugs", Kind::Any),
    Attr::optional("slots", Kind::Any),
    Attr::optional("summary", Kind::Text),
    Attr::optional("title", Kind::Text),
    Attr::optional("type", Kind::Text),
    Attr::optional("version", Kind::Text),
];

const BUILDER: &[Attr] = &[];

object!(SnapApp, "SnapApp", (), APP, nothing);
object!(SnapPart, "SnapPart", (), PART, nothing);
object!(
    Snap,
    "Snap",
    (),
    SNAP,
    snap_methods,
    |name, value| match name {
        "apps" | "parts" => named(value).map(Some),
        _ => Ok(Datum::read(value)),
    }
);
object!(
    SnapcraftBuilder,
    "SnapcraftBuilder",
    BundleData,
    BUILDER,
    methods
);

#[starlark_module]
fn nothing(builder: &mut MethodsBuilder) {}

/// Attributes under the names that they have in the file.
fn keys(bag: &Bag) -> Datum {
    let all = bag.all().into_iter();
    Datum::Map(all.map(|(k, v)| (k.replace('_', "-"), v)).collect())
}

/// A dict whose values are apps or parts.
fn named(value: Value<'_>) -> Result<Datum, Fail> {
    if value.is_none() {
        return Ok(Datum::None);
    }
    let wrong = || Fail::new("a dict of names to SnapApp or SnapPart is expected");
    let dict = DictRef::from_value(value).ok_or_else(wrong)?;
    let mut map = BTreeMap::new();
    for (key, value) in dict.iter() {
        let name = key.unpack_str().ok_or_else(wrong)?;
        let of = match (SnapApp::from_value(value), SnapPart::from_value(value)) {
            (Some(app), _) => keys(&app.0.get().bag),
            (_, Some(part)) => keys(&part.0.get().bag),
            _ => return Err(wrong()),
        };
        map.insert(name.to_owned(), of);
    }
    Ok(Datum::Map(map))
}

impl SnapcraftBuilder {
    fn of(snap: &Snap) -> Self {
        let settings = keys(&snap.0.get().bag);
        let name = match &settings {
            Datum::Map(map) => map
                .get("name")
                .and_then(Datum::text)
                .unwrap_or("app")
                .to_owned(),
            _ => "app".into(),
        };
        let mut data = BundleData::new(Format::Snap, format!("{name}.snap"));
        data.more.insert("snapcraft".into(), settings);
        Self::with(data)
    }

    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        state.data.bundle(&state.bag)
    }
}

#[starlark_module]
fn snap_methods(builder: &mut MethodsBuilder) {
    fn to_builder(this: &Snap) -> starlark::Result<SnapcraftBuilder> {
        Ok(SnapcraftBuilder::of(this))
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn add_invocation(
        this: &SnapcraftBuilder,
        args: UnpackList<String>,
        #[starlark(default = NoneOr::None)] purge_build: NoneOr<bool>,
    ) -> starlark::Result<NoneType> {
        let mut words: Vec<_> = args.items.into_iter().map(Datum::Text).collect();
        if purge_build.into_option() == Some(true) {
            words.insert(0, Datum::Bool(true));
        }
        this.0.get().data.push("invocations", Datum::List(words));
        Ok(NoneType)
    }

    fn add_file_manifest(
        this: &SnapcraftBuilder,
        manifest: &FileManifest,
    ) -> starlark::Result<NoneType> {
        this.0.get().data.add_all("", manifest.files())?;
        Ok(NoneType)
    }

    fn build(
        this: &SnapcraftBuilder,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn SnapApp() -> starlark::Result<SnapApp> {
        Ok(SnapApp::with(()))
    }

    fn SnapPart() -> starlark::Result<SnapPart> {
        Ok(SnapPart::with(()))
    }

    fn Snap(name: &str, version: &str, summary: &str, description: &str) -> starlark::Result<Snap> {
        let snap = Snap::with(());
        let mut state = snap.0.get();
        for (key, value) in [
            ("name", name),
            ("version", version),
            ("summary", summary),
            ("description", description),
        ] {
            state
                .bag
                .put(key, Datum::Text(value.to_owned()), current::place());
        }
        drop(state);
        Ok(snap)
    }

    fn SnapcraftBuilder(snap: &Snap) -> starlark::Result<SnapcraftBuilder> {
        Ok(SnapcraftBuilder::of(snap))
    }
}

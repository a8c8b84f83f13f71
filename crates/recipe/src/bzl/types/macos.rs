//! `MacOsApplicationBundleBuilder`: collected everywhere, built on macOS.

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::{NoneOr, NoneType};

use super::bundle::{self, BundleData};
use super::file_content::FileContent;
use super::file_manifest::FileManifest;
use crate::bzl::bag::Attr;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::paths;
use crate::bzl::product::{Bundle, Content, FileEntry, Format};
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[];

object!(
    AppBuilder,
    "MacOsApplicationBundleBuilder",
    BundleData,
    TABLE,
    methods
);

impl AppBuilder {
    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        state.data.bundle(&state.bag)
    }

    fn file(&self, folder: &str, content: &FileContent, path: NoneOr<&str>) -> Result<(), Fail> {
        let place = paths::joined(folder, &content.place(path.into_option(), None)?)?;
        self.0.get().data.files.0.insert(place, content.entry());
        Ok(())
    }

    fn key(&self, key: &str, value: Datum) {
        let mut state = self.0.get();
        let info = state
            .data
            .more
            .entry("info_plist".into())
            .or_insert(Datum::Map(Default::default()));
        if let Datum::Map(map) = info {
            map.insert(key.to_owned(), value);
        }
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn add_icon(
        this: &AppBuilder,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let file = Session::of(eval)?
            .project
            .existing(path)
            .map_err(|f| f.of("MacOsApplicationBundleBuilder.add_icon"))?;
        let mut state = this.0.get();
        let name = state.data.file_name.trim_end_matches(".app").to_owned();
        let entry = FileEntry {
            content: Content::File(file),
            executable: false,
        };
        state
            .data
            .files
            .0
            .insert(format!("Contents/Resources/{name}.icns"), entry);
        Ok(NoneType)
    }

    fn add_manifest(this: &AppBuilder, manifest: &FileManifest) -> starlark::Result<NoneType> {
        this.0.get().data.add_all("Contents", manifest.files())?;
        Ok(NoneType)
    }

    fn add_macos_file<'v>(
        this: &AppBuilder,
        content: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        this.file("Contents/MacOS", content, path)
            .map_err(|f| f.of("MacOsApplicationBundleBuilder.add_macos_file"))?;
        Ok(NoneType)
    }

    fn add_macos_manifest(
        this: &AppBuilder,
        manifest: &FileManifest,
    ) -> starlark::Result<NoneType> {
        this.0
            .get()
            .data
            .add_all("Contents/MacOS", manifest.files())?;
        Ok(NoneType)
    }

    fn add_resources_file<'v>(
        this: &AppBuilder,
        content: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        this.file("Contents/Resources", content, path)
            .map_err(|f| f.of("MacOsApplicationBundleBuilder.add_resources_file"))?;
        Ok(NoneType)
    }

    fn add_resources_manifest(
        this: &AppBuilder,
        manifest: &FileManifest,
    ) -> starlark::Result<NoneType> {
        this.0
            .get()
            .data
            .add_all("Contents/Resources", manifest.files())?;
        Ok(NoneType)
    }

    fn set_info_plist_key<'v>(
        this: &AppBuilder,
        key: &str,
        value: Value<'v>,
    ) -> starlark::Result<NoneType> {
        let value = bundle::plain(key, value)
            .map_err(|f| f.of("MacOsApplicationBundleBuilder.set_info_plist_key"))?;
        this.key(key, value);
        Ok(NoneType)
    }

    fn set_info_plist_required_keys(
        this: &AppBuilder,
        display_name: &str,
        identifier: &str,
        version: &str,
        signature: &str,
        executable: &str,
    ) -> starlark::Result<NoneType> {
        if signature.chars().count() != 4 {
            return Err(Fail::new(format!(
                "`{signature}` is no signature: it has four characters"
            ))
            .hint("an app without one has \"????\"")
            .of("MacOsApplicationBundleBuilder.set_info_plist_required_keys")
            .into());
        }
        for (key, value) in [
            ("CFBundleDisplayName", display_name),
            ("CFBundleIdentifier", identifier),
            ("CFBundleVersion", version),
            ("CFBundleSignature", signature),
            ("CFBundleExecutable", executable),
        ] {
            this.key(key, Datum::Text(value.to_owned()));
        }
        Ok(NoneType)
    }

    fn write_to_directory(
        this: &AppBuilder,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("MacOsApplicationBundleBuilder.write_to_directory"))?)
    }

    fn build(
        this: &AppBuilder,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn MacOsApplicationBundleBuilder(bundle_name: &str) -> starlark::Result<AppBuilder> {
        let name = paths::inner(bundle_name).map_err(|f| f.of("MacOsApplicationBundleBuilder"))?;
        let app = AppBuilder::with(BundleData::new(Format::MacApp, format!("{name}.app")));
        app.key("CFBundleName", Datum::Text(name));
        Ok(app)
    }
}

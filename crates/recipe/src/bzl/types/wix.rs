//! Installers for Windows: `WiXMSIBuilder`, `WiXBundleBuilder`, `WiXInstaller`. They are collected everywhere
//! and built on Windows.

use starlark::collections::SmallMap;
use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::{NoneOr, NoneType};

use super::bundle::{self, BundleData};
use super::executable::Executable;
use super::file_content::FileContent;
use super::file_manifest::FileManifest;
use crate::bzl::bag::{Attr, Bag, Kind};
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::product::{Bundle, Content, FileEntry, Format};
use crate::bzl::program;
use crate::bzl::session::Session;

const MSI: &[Attr] = &[
    Attr::optional("arch", Kind::OneOf(&["x86", "x64", "arm64"])),
    Attr::optional("banner_bmp_path", Kind::Text),
    Attr::optional("dialog_bmp_path", Kind::Text),
    Attr::optional("eula_rtf_path", Kind::Text),
    Attr::optional("help_url", Kind::Text),
    Attr::optional("license_path", Kind::Text),
    Attr::optional("msi_filename", Kind::Text),
    Attr::optional("package_description", Kind::Text),
    Attr::optional("package_keywords", Kind::Text),
    Attr::optional("product_icon_path", Kind::Text),
    Attr::optional("target_triple", Kind::Text),
    Attr::optional("upgrade_code", Kind::Text),
    Attr::optional("id_prefix", Kind::Text).read_only(),
    Attr::optional("product_name", Kind::Text).read_only(),
    Attr::optional("product_version", Kind::Text).read_only(),
    Attr::optional("product_manufacturer", Kind::Text).read_only(),
];

const BUNDLE: &[Attr] = &[
    Attr::optional("id_prefix", Kind::Text).read_only(),
    Attr::optional("name", Kind::Text).read_only(),
    Attr::optional("version", Kind::Text).read_only(),
    Attr::optional("manufacturer", Kind::Text).read_only(),
];

const INSTALLER: &[Attr] = &[
    Attr::optional("arch", Kind::OneOf(&["x86", "x64", "arm64"])),
    Attr::optional("install_files_root_directory_id", Kind::Text),
    Attr::optional("install_files_wxs_path", Kind::Text),
    Attr::optional("id", Kind::Text).read_only(),
];

object!(MsiBuilder, "WiXMSIBuilder", BundleData, MSI, msi_methods);
object!(
    BundleBuilder,
    "WiXBundleBuilder",
    BundleData,
    BUNDLE,
    bundle_methods
);
object!(
    WixInstaller,
    "WiXInstaller",
    BundleData,
    INSTALLER,
    installer_methods
);

fn identifier(text: &str) -> Result<(), Fail> {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if text.is_empty() || !text.chars().all(fine) {
        return Err(Fail::new(format!("`{text}` cannot begin names in WiX"))
            .hint("id_prefix has letters, digits, `_` and `.` only, no `-`"));
    }
    Ok(())
}

fn set_arch(bag: &mut Bag, arch: NoneOr<&str>) -> Result<(), Fail> {
    match arch.into_option() {
        Some(arch) => bag.set("arch", Some(Datum::Text(arch.to_owned()))),
        None => Ok(()),
    }
}

fn new_msi(about: [&str; 4]) -> Result<MsiBuilder, Fail> {
    identifier(about[0])?;
    let file_name = format!("{}-{}.msi", about[1], about[2]);
    let msi = MsiBuilder::with(BundleData::new(Format::Msi, file_name));
    let mut state = msi.0.get();
    let names = [
        "id_prefix",
        "product_name",
        "product_version",
        "product_manufacturer",
    ];
    for (name, value) in names.into_iter().zip(about) {
        let at = state.data.at.clone();
        state.bag.put(name, Datum::Text(value.to_owned()), at);
    }
    drop(state);
    Ok(msi)
}

/// An MSI of an executable.
pub(super) fn msi_of(
    executable: &Executable,
    about: [&str; 4],
    session: &Session<'_>,
) -> Result<MsiBuilder, Fail> {
    let msi = new_msi(about).map_err(|f| f.of("PythonExecutable.to_wix_msi_builder"))?;
    let program = program::program(executable, session)?;
    let name = format!("{}.exe", program.plan.name);
    msi.0.get().data.add_program(name, program);
    Ok(msi)
}

fn new_bundle(about: [&str; 4]) -> BundleBuilder {
    let file_name = format!("{}-{}.exe", about[1], about[2]);
    let builder = BundleBuilder::with(BundleData::new(Format::WixBundle, file_name));
    let mut state = builder.0.get();
    let names = ["id_prefix", "name", "version", "manufacturer"];
    for (name, value) in names.into_iter().zip(about) {
        let at = state.data.at.clone();
        state.bag.put(name, Datum::Text(value.to_owned()), at);
    }
    drop(state);
    builder
}

/// A bundle around an MSI.
pub(super) fn bundle_of(about: [&str; 4], msi: MsiBuilder) -> BundleBuilder {
    let builder = new_bundle(about);
    builder.chain(&msi);
    builder
}

impl MsiBuilder {
    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        let mut bundle = state.data.bundle(&state.bag);
        if let Some(name) = state.bag.text("msi_filename") {
            bundle.file_name = name;
        }
        bundle
    }
}

impl BundleBuilder {
    fn chain(&self, msi: &MsiBuilder) {
        self.0.get().data.add_bundle(msi.bundle());
    }

    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        state.data.bundle(&state.bag)
    }
}

impl WixInstaller {
    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        state.data.bundle(&state.bag)
    }

    fn add_file(&self, inner: &str, path: &str, session: &Session<'_>) -> Result<(), Fail> {
        let file = session.project.existing(path)?;
        let inner = crate::bzl::paths::inner(inner)?;
        let entry = FileEntry {
            content: Content::File(file),
            executable: false,
        };
        self.0.get().data.files.0.insert(inner, entry);
        Ok(())
    }
}

#[starlark_module]
fn msi_methods(builder: &mut MethodsBuilder) {
    fn add_program_files_manifest(
        this: &MsiBuilder,
        manifest: &FileManifest,
    ) -> starlark::Result<NoneType> {
        this.0.get().data.add_all("", manifest.files())?;
        Ok(NoneType)
    }

    fn add_visual_cpp_redistributable(
        this: &MsiBuilder,
        redist_version: &str,
        platform: &str,
    ) -> starlark::Result<NoneType> {
        let value = Datum::List(vec![
            Datum::Text(redist_version.to_owned()),
            Datum::Text(platform.to_owned()),
        ]);
        this.0.get().data.push("visual_cpp_redistributables", value);
        Ok(NoneType)
    }

    fn to_file_content(this: &MsiBuilder) -> starlark::Result<FileContent> {
        Ok(bundle::content(this.bundle()))
    }

    fn write_to_directory(
        this: &MsiBuilder,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("WiXMSIBuilder.write_to_directory"))?)
    }

    fn build(
        this: &MsiBuilder,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

#[starlark_module]
fn bundle_methods(builder: &mut MethodsBuilder) {
    fn add_condition(
        this: &BundleBuilder,
        condition: &str,
        message: &str,
    ) -> starlark::Result<NoneType> {
        let value = Datum::List(vec![
            Datum::Text(condition.to_owned()),
            Datum::Text(message.to_owned()),
        ]);
        this.0.get().data.push("conditions", value);
        Ok(NoneType)
    }

    fn add_vc_redistributable(this: &BundleBuilder, platform: &str) -> starlark::Result<NoneType> {
        let value = Datum::Text(platform.to_owned());
        this.0.get().data.push("vc_redistributables", value);
        Ok(NoneType)
    }

    fn add_wix_msi_builder<'v>(
        this: &BundleBuilder,
        builder: &MsiBuilder,
        #[starlark(default = false)] display_internal_ui: bool,
        #[starlark(default = NoneOr::None)] install_condition: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        this.chain(builder);
        let value = Datum::List(vec![
            Datum::Text(builder.bundle().file_name),
            Datum::Bool(display_internal_ui),
            install_condition
                .into_option()
                .map_or(Datum::None, |c| Datum::Text(c.to_owned())),
        ]);
        this.0.get().data.push("chain", value);
        Ok(NoneType)
    }

    fn to_file_content(this: &BundleBuilder) -> starlark::Result<FileContent> {
        Ok(bundle::content(this.bundle()))
    }

    fn write_to_directory(
        this: &BundleBuilder,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("WiXBundleBuilder.write_to_directory"))?)
    }

    fn build(
        this: &BundleBuilder,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

#[starlark_module]
fn installer_methods(builder: &mut MethodsBuilder) {
    fn add_build_files(this: &WixInstaller, manifest: &FileManifest) -> starlark::Result<NoneType> {
        this.0.get().data.add_all("build", manifest.files())?;
        Ok(NoneType)
    }

    fn add_build_file<'v>(
        this: &WixInstaller,
        build_path: &str,
        filesystem_path: &str,
        #[starlark(default = NoneOr::None)] force_read: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = force_read;
        let inner = format!("build/{build_path}");
        this.add_file(&inner, filesystem_path, Session::of(eval)?)
            .map_err(|f| f.of("WiXInstaller.add_build_file"))?;
        Ok(NoneType)
    }

    fn add_install_file<'v>(
        this: &WixInstaller,
        install_path: &str,
        filesystem_path: &str,
        #[starlark(default = NoneOr::None)] force_read: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = force_read;
        let inner = format!("install/{install_path}");
        this.add_file(&inner, filesystem_path, Session::of(eval)?)
            .map_err(|f| f.of("WiXInstaller.add_install_file"))?;
        Ok(NoneType)
    }

    fn add_install_files(
        this: &WixInstaller,
        manifest: &FileManifest,
    ) -> starlark::Result<NoneType> {
        this.0.get().data.add_all("install", manifest.files())?;
        Ok(NoneType)
    }

    fn add_msi_builder(this: &WixInstaller, builder: &MsiBuilder) -> starlark::Result<NoneType> {
        this.0.get().data.add_bundle(builder.bundle());
        Ok(NoneType)
    }

    fn add_simple_installer(
        this: &WixInstaller,
        product_name: &str,
        product_version: &str,
        product_manufacturer: &str,
        program_files: &FileManifest,
    ) -> starlark::Result<NoneType> {
        let mut state = this.0.get();
        for (key, value) in [
            ("product_name", product_name),
            ("product_version", product_version),
            ("product_manufacturer", product_manufacturer),
        ] {
            state
                .data
                .more
                .insert(key.into(), Datum::Text(value.into()));
        }
        state.data.add_all("install", program_files.files())?;
        Ok(NoneType)
    }

    fn add_wxs_file<'v>(
        this: &WixInstaller,
        path: &str,
        #[starlark(default = NoneOr::None)] preprocessor_parameters: NoneOr<
            SmallMap<String, String>,
        >,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = |f: Fail| f.of("WiXInstaller.add_wxs_file");
        let file = Session::of(eval)?.project.existing(path).map_err(by)?;
        let name = file
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default()
            .to_owned();
        this.add_file(&format!("build/{name}"), path, Session::of(eval)?)
            .map_err(by)?;
        let parameters = preprocessor_parameters.into_option().unwrap_or_default();
        let parameters = parameters
            .into_iter()
            .map(|(k, v)| (k, Datum::Text(v)))
            .collect();
        let value = Datum::List(vec![Datum::Text(name), Datum::Map(parameters)]);
        this.0.get().data.push("wxs_files", value);
        Ok(NoneType)
    }

    fn set_variable<'v>(
        this: &WixInstaller,
        key: &str,
        #[starlark(default = NoneOr::None)] value: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        let value = value
            .into_option()
            .map_or(Datum::None, |v| Datum::Text(v.into()));
        let value = Datum::List(vec![Datum::Text(key.to_owned()), value]);
        this.0.get().data.push("variables", value);
        Ok(NoneType)
    }

    fn to_file_content(this: &WixInstaller) -> starlark::Result<FileContent> {
        Ok(bundle::content(this.bundle()))
    }

    fn write_to_directory(
        this: &WixInstaller,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("WiXInstaller.write_to_directory"))?)
    }

    fn build(
        this: &WixInstaller,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        bundle::build(this.bundle(), target, Session::of(eval)?);
        Ok(NoneType)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn WiXMSIBuilder(
        id_prefix: &str,
        product_name: &str,
        product_version: &str,
        product_manufacturer: &str,
        #[starlark(default = NoneOr::None)] arch: NoneOr<&str>,
    ) -> starlark::Result<MsiBuilder> {
        let by = |f: Fail| f.of("WiXMSIBuilder");
        let about = [
            id_prefix,
            product_name,
            product_version,
            product_manufacturer,
        ];
        let msi = new_msi(about).map_err(by)?;
        set_arch(&mut msi.0.get().bag, arch).map_err(by)?;
        Ok(msi)
    }

    fn WiXBundleBuilder(
        id_prefix: &str,
        name: &str,
        version: &str,
        manufacturer: &str,
    ) -> starlark::Result<BundleBuilder> {
        identifier(id_prefix).map_err(|f| f.of("WiXBundleBuilder"))?;
        Ok(new_bundle([id_prefix, name, version, manufacturer]))
    }

    fn WiXInstaller(
        id: &str,
        filename: &str,
        #[starlark(default = NoneOr::None)] arch: NoneOr<&str>,
    ) -> starlark::Result<WixInstaller> {
        let by = |f: Fail| f.of("WiXInstaller");
        identifier(id).map_err(by)?;
        let name = crate::bzl::paths::inner(filename).map_err(by)?;
        let installer = WixInstaller::with(BundleData::new(Format::Wix, name));
        let mut state = installer.0.get();
        let at = state.data.at.clone();
        state.bag.put("id", Datum::Text(id.to_owned()), at);
        set_arch(&mut state.bag, arch).map_err(by)?;
        drop(state);
        Ok(installer)
    }
}

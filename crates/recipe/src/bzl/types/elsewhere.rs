//! `AppleUniversalBinary`: collected everywhere, built on macOS.

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::NoneType;

use super::bundle::{self, BundleData};
use super::file_content::FileContent;
use crate::bzl::bag::Attr;
use crate::bzl::object::object;
use crate::bzl::paths;
use crate::bzl::product::{Bundle, Content, FileEntry, Format};
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[];

object!(
    UniversalBinary,
    "AppleUniversalBinary",
    BundleData,
    TABLE,
    methods
);

impl UniversalBinary {
    pub(in crate::bzl) fn bundle(&self) -> Bundle {
        let state = self.0.get();
        state.data.bundle(&state.bag)
    }

    fn add(&self, entry: FileEntry) {
        let mut state = self.0.get();
        let number = state.data.files.0.len();
        state.data.files.0.insert(format!("{number:03}"), entry);
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn add_path(
        this: &UniversalBinary,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let file = Session::of(eval)?
            .project
            .existing(path)
            .map_err(|f| f.of("AppleUniversalBinary.add_path"))?;
        this.add(FileEntry {
            content: Content::File(file),
            executable: true,
        });
        Ok(NoneType)
    }

    fn add_file(this: &UniversalBinary, content: &FileContent) -> starlark::Result<NoneType> {
        this.add(content.entry());
        Ok(NoneType)
    }

    fn to_file_content(this: &UniversalBinary) -> starlark::Result<FileContent> {
        Ok(bundle::content(this.bundle()))
    }

    fn write_to_directory(
        this: &UniversalBinary,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        Ok(bundle::write(this.bundle(), path, Session::of(eval)?)
            .map_err(|f| f.of("AppleUniversalBinary.write_to_directory"))?)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn AppleUniversalBinary(filename: &str) -> starlark::Result<UniversalBinary> {
        let name = paths::inner(filename).map_err(|f| f.of("AppleUniversalBinary"))?;
        Ok(UniversalBinary::with(BundleData::new(
            Format::AppleUniversal,
            name,
        )))
    }
}

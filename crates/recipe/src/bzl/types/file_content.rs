//! `FileContent`: the content of one file, and its name.

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::NoneOr;

use crate::bzl::bag::{Attr, Default as D, Kind};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::paths;
use crate::bzl::product::{Content, FileEntry, Files, Write};
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[
    Attr::with("executable", Kind::Bool, D::Bool(false)),
    Attr::with("filename", Kind::Text, D::Text("")),
];

object!(FileContent, "FileContent", Content, TABLE, methods);

impl FileContent {
    pub(in crate::bzl) fn new(name: &str, entry: FileEntry) -> Self {
        let this = Self::with(entry.content);
        let mut state = this.0.get();
        let at = current::place();
        state
            .bag
            .put("filename", Datum::Text(name.to_owned()), at.clone());
        state
            .bag
            .put("executable", Datum::Bool(entry.executable), at);
        drop(state);
        this
    }

    /// Its name, which is one name.
    pub(in crate::bzl) fn name(&self) -> String {
        self.0.get().bag.text("filename").unwrap_or_default()
    }

    pub(in crate::bzl) fn entry(&self) -> FileEntry {
        let state = self.0.get();
        FileEntry {
            content: state.data.clone(),
            executable: state.bag.truth("executable"),
        }
    }

    /// Where it goes: as said, or under its own name.
    pub(in crate::bzl) fn place(
        &self,
        path: Option<&str>,
        directory: Option<&str>,
    ) -> Result<String, Fail> {
        match (path, directory) {
            (Some(_), Some(_)) => Err(Fail::new("give `path` or `directory`, not both")),
            (Some(path), None) => paths::inner(path),
            (None, Some(directory)) => paths::joined(directory, &plain(&self.name())?),
            (None, None) => plain(&self.name()),
        }
    }
}

/// A name without folders.
fn plain(name: &str) -> Result<String, Fail> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']) {
        return Err(
            Fail::new(format!("`{name}` is not a file name")).hint("it has no folders in it")
        );
    }
    Ok(name.to_owned())
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn write_to_directory(
        this: &FileContent,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        let by = "FileContent.write_to_directory";
        let session = Session::of(eval)?;
        let folder = session.output(path).map_err(|f| f.of(by))?;
        let name = plain(&this.name()).map_err(|f| f.of(by))?;
        let file = folder.join(&name);
        let files = Files([(name, this.entry())].into());
        session.write(Write::Folder {
            path: folder,
            files,
            replace: false,
        });
        Ok(file.display().to_string())
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn FileContent<'v>(
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] filename: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] content: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] executable: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<FileContent> {
        let by = |f: Fail| f.of("FileContent");
        let session = Session::of(eval)?;
        let (name, content, can_run) = match (path.into_option(), content.into_option()) {
            (Some(path), None) => {
                let path = session.project.existing(path).map_err(by)?;
                let name = path
                    .file_name()
                    .and_then(|n| n.to_str())
                    .unwrap_or_default();
                (name.to_owned(), Content::File(path.clone()), runs(&path))
            }
            (None, Some(text)) => (
                String::new(),
                Content::Bytes(text.as_bytes().to_vec()),
                false,
            ),
            _ => {
                return Err(by(Fail::new("one of `path` and `content` is needed")
                    .hint("FileContent(path = \"a.txt\") or FileContent(filename = \"a.txt\", content = \"...\")"))
                .into());
            }
        };
        let name = plain(filename.into_option().unwrap_or(&name)).map_err(by)?;
        let executable = executable.into_option().unwrap_or(can_run);
        let entry = FileEntry {
            content,
            executable,
        };
        Ok(FileContent::new(&name, entry))
    }
}

/// Whether a file on disk may be run.
pub(in crate::bzl) fn runs(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

//! `FileManifest`: files by their paths, as a folder to be written; and `glob`, which fills one.

use globset::{GlobBuilder, GlobMatcher};
use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::list::UnpackList;
use starlark::values::none::{NoneOr, NoneType};

use super::executable::Executable;
use super::file_content::{FileContent, runs};
use super::resource;
use crate::bzl::bag::Attr;
use crate::bzl::classify::Class;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::paths;
use crate::bzl::product::{Content, FileEntry, Files, Write};
use crate::bzl::program;
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[];

object!(FileManifest, "FileManifest", Files, TABLE, methods);

impl FileManifest {
    pub(in crate::bzl) fn files(&self) -> Files {
        self.0.get().data.clone()
    }

    pub(in crate::bzl) fn add(&self, path: String, entry: FileEntry) {
        self.0.get().data.0.insert(path, entry);
    }
}

/// Adds an executable and what lies beside it.
pub(in crate::bzl) fn add_executable(
    manifest: &FileManifest,
    prefix: &str,
    executable: &Executable,
    session: &Session<'_>,
) -> Result<(), Fail> {
    let program = program::program(executable, session)?;
    let path = paths::joined(prefix, &program.plan.name)?;
    manifest.add(
        path,
        FileEntry {
            content: Content::Program(Box::new(program)),
            executable: true,
        },
    );
    Ok(())
}

fn add_resource(
    manifest: &FileManifest,
    prefix: &str,
    value: Value<'_>,
    session: &Session<'_>,
) -> Result<(), Fail> {
    if let Some(executable) = Executable::from_value(value) {
        return add_executable(manifest, prefix, executable, session);
    }
    let Some(handle) = resource::of(value) else {
        return Err(Fail::new(format!("a {} is no Python resource", value.get_type())).hint(
            "an executable, or what `pip_install`, `read_package_root` and their like give; for a file write \
             `manifest.add_file(FileContent(path = ...))`",
        ));
    };
    let resource = handle.get().data.clone();
    let path = match &resource.class {
        // As Python finds it: a module of the recipe's own has no path of its own.
        Class::Source { name, is_package } if resource.path.is_empty() => {
            let name = name.replace('.', "/");
            if *is_package {
                format!("{name}/__init__.py")
            } else {
                format!("{name}.py")
            }
        }
        _ => resource.path.clone(),
    };
    manifest.add(paths::joined(prefix, &path)?, resource::entry(&resource));
    Ok(())
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn add_manifest(this: &FileManifest, manifest: &FileManifest) -> starlark::Result<NoneType> {
        let files = manifest.files();
        this.0.get().data.0.extend(files.0);
        Ok(NoneType)
    }

    fn add_path<'v>(
        this: &FileManifest,
        path: &str,
        strip_prefix: &str,
        #[starlark(default = false)] force_read: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = |f: Fail| f.of("FileManifest.add_path");
        let session = Session::of(eval)?;
        let file = session.project.existing(path).map_err(by)?;
        if !file.is_file() {
            return Err(by(Fail::new(format!("{} is no file", file.display()))
                .hint("for a folder write `manifest.add_manifest(glob([\"folder/**/*\"]))`"))
            .into());
        }
        let inner = stripped(path, strip_prefix).map_err(by)?;
        let executable = runs(&file);
        let content = if force_read {
            Content::Bytes(fs_err::read(&file).map_err(|e| by(Fail::new(e.to_string())))?)
        } else {
            Content::File(file)
        };
        this.add(
            inner,
            FileEntry {
                content,
                executable,
            },
        );
        Ok(NoneType)
    }

    fn add_file<'v>(
        this: &FileManifest,
        content: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] directory: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        let place = content
            .place(path.into_option(), directory.into_option())
            .map_err(|f| f.of("FileManifest.add_file"))?;
        this.add(place, content.entry());
        Ok(NoneType)
    }

    fn get_file(this: &FileManifest, path: &str) -> starlark::Result<NoneOr<FileContent>> {
        let path = paths::inner(path).map_err(|f| f.of("FileManifest.get_file"))?;
        let entry = this.0.get().data.0.get(&path).cloned();
        let name = path.rsplit('/').next().unwrap_or(&path);
        Ok(match entry {
            Some(entry) => NoneOr::Other(FileContent::new(name, entry)),
            None => NoneOr::None,
        })
    }

    fn remove(this: &FileManifest, path: &str) -> starlark::Result<NoneOr<FileContent>> {
        let path = paths::inner(path).map_err(|f| f.of("FileManifest.remove"))?;
        let entry = this.0.get().data.0.remove(&path);
        let name = path.rsplit('/').next().unwrap_or(&path);
        Ok(match entry {
            Some(entry) => NoneOr::Other(FileContent::new(name, entry)),
            None => NoneOr::None,
        })
    }

    fn paths(this: &FileManifest) -> starlark::Result<Vec<String>> {
        Ok(this.0.get().data.0.keys().cloned().collect())
    }

    fn add_python_resource<'v>(
        this: &FileManifest,
        prefix: &str,
        value: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        add_resource(this, prefix, value, session)
            .map_err(|f| f.of("FileManifest.add_python_resource"))?;
        Ok(NoneType)
    }

    fn add_python_resources<'v>(
        this: &FileManifest,
        prefix: &str,
        values: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        for value in values.iterate(eval.heap())? {
            add_resource(this, prefix, value, session)
                .map_err(|f| f.of("FileManifest.add_python_resources"))?;
        }
        Ok(NoneType)
    }

    fn install<'v>(
        this: &FileManifest,
        path: &str,
        #[starlark(default = true)] replace: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        let folder = session
            .output(path)
            .map_err(|f| f.of("FileManifest.install"))?;
        // What is replaced goes, so it must not be what is built from.
        if replace && session.project.folder.starts_with(&folder) {
            return Err(Fail::new(format!("{} holds the project", folder.display()))
                .hint("install to a folder of its own, or write `replace = False`")
                .of("FileManifest.install")
                .into());
        }
        session.write(Write::Folder {
            path: folder,
            files: this.files(),
            replace,
        });
        Ok(NoneType)
    }
}

/// A path without its beginning.
fn stripped(path: &str, prefix: &str) -> Result<String, Fail> {
    let plain = |p: &str| p.trim_start_matches("./").replace("//", "/");
    let (full, prefix) = (plain(path), plain(prefix));
    let rest = full.strip_prefix(prefix.trim_end_matches('/')).filter(|r| {
        prefix.is_empty() || prefix.ends_with('/') || r.is_empty() || r.starts_with('/')
    });
    match rest {
        Some(rest) => paths::inner(rest.trim_start_matches('/')),
        None => Err(
            Fail::new(format!("`{path}` does not begin with `{prefix}`"))
                .hint("`strip_prefix` is the part of the path that is not kept"),
        ),
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn FileManifest() -> starlark::Result<FileManifest> {
        Ok(FileManifest::with(Files::default()))
    }

    fn glob<'v>(
        include: UnpackList<&'v str>,
        #[starlark(default = NoneOr::None)] exclude: NoneOr<UnpackList<&'v str>>,
        #[starlark(default = NoneOr::None)] strip_prefix: NoneOr<&'v str>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<FileManifest> {
        let session = Session::of(eval)?;
        let exclude = exclude.into_option().map(|e| e.items).unwrap_or_default();
        let found = find(&include.items, &exclude, session).map_err(|f| f.of("glob"))?;
        let manifest = FileManifest::with(Files::default());
        for (path, file) in found {
            let inner = match strip_prefix.into_option() {
                Some(prefix) => stripped_either(&path, prefix, session),
                None => paths::inner(path.trim_start_matches('/')),
            }
            .map_err(|f| f.of("glob"))?;
            let executable = runs(&file);
            manifest.add(
                inner,
                FileEntry {
                    content: Content::File(file),
                    executable,
                },
            );
        }
        Ok(manifest)
    }
}

/// A prefix may be relative or, made of CWD, absolute.
fn stripped_either(path: &str, prefix: &str, session: &Session<'_>) -> Result<String, Fail> {
    let root = format!("{}/", session.project.folder.display());
    stripped(
        path.strip_prefix(&root).unwrap_or(path),
        prefix.strip_prefix(&root).unwrap_or(prefix),
    )
}

type Found = std::collections::BTreeMap<String, std::path::PathBuf>;

/// Files of patterns, by their paths as the patterns have them.
pub(in crate::bzl) fn find(
    include: &[&str],
    exclude: &[&str],
    session: &Session<'_>,
) -> Result<Found, Fail> {
    let exclude = exclude
        .iter()
        .map(|p| pattern(p))
        .collect::<Result<Vec<_>, _>>()?;
    let mut found = Found::new();
    for text in include {
        let matcher = pattern(text)?;
        // The part before the first pattern is a folder, and must be in the project like any path.
        let wild = text.find(['*', '?', '[', '{']).unwrap_or(text.len());
        let base = text[..wild].rfind('/').map_or("", |at| &text[..=at]);
        let folder = session
            .project
            .resolve(if base.is_empty() { "." } else { base })?;
        let mut files = Vec::new();
        walk(&folder, base, &mut files, 0)?;
        for (path, file) in files {
            if matcher.is_match(&path) && !exclude.iter().any(|e| e.is_match(&path)) {
                // A link in it may lead out.
                let file = session.project.resolve(&file.display().to_string())?;
                found.insert(path, file);
            }
        }
    }
    Ok(found)
}

pub(in crate::bzl) fn pattern(text: &str) -> Result<GlobMatcher, Fail> {
    let text = text.trim_start_matches("./");
    let glob = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map_err(|e| {
            Fail::new(format!("`{text}` is no pattern: {}", e.kind()))
                .hint("`*` is anything in a name, `**` any folders")
        })?;
    Ok(glob.compile_matcher())
}

fn walk(
    folder: &std::path::Path,
    prefix: &str,
    files: &mut Vec<(String, std::path::PathBuf)>,
    depth: usize,
) -> Result<(), Fail> {
    const DEEPEST: usize = 64;
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry.map_err(|e| Fail::new(e.to_string()))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let prefix = prefix.trim_start_matches("./");
        let (path, inner) = (entry.path(), format!("{prefix}{name}"));
        if path.is_dir() {
            if depth < DEEPEST && !path.is_symlink() {
                walk(&path, &format!("{inner}/"), files, depth + 1)?;
            }
        } else {
            files.push((inner, path));
        }
    }
    Ok(())
}

//! What the types that come to a [`Bundle`] share: made by the tools of some system, they collect files and
//! settings here, and say on which system they are built when somebody wants to build them.

use starlark::values::Value;

use crate::Origin;
use crate::bzl::bag::Bag;
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::product::{Bundle, Content, FileEntry, Files, Format, Product, Program, Write};
use crate::bzl::session::Session;

use super::file_content::FileContent;

/// State of such a type.
#[derive(Debug, Clone)]
pub(in crate::bzl) struct BundleData {
    pub(in crate::bzl) format: Format,
    pub(in crate::bzl) file_name: String,
    pub(in crate::bzl) files: Files,
    /// Settings that are no attributes.
    pub(in crate::bzl) more: std::collections::BTreeMap<String, Datum>,
    pub(in crate::bzl) at: Origin,
}

impl BundleData {
    pub(in crate::bzl) fn new(format: Format, file_name: String) -> Self {
        Self {
            format,
            file_name,
            files: Files::default(),
            more: Default::default(),
            at: current::place(),
        }
    }

    /// Adds to a list of settings.
    pub(in crate::bzl) fn push(&mut self, key: &str, value: Datum) {
        match self
            .more
            .entry(key.to_owned())
            .or_insert(Datum::List(Vec::new()))
        {
            Datum::List(list) => list.push(value),
            other => *other = value,
        }
    }

    pub(in crate::bzl) fn bundle(&self, bag: &Bag) -> Bundle {
        let mut settings = bag.all();
        settings.extend(self.more.clone());
        Bundle {
            format: self.format,
            file_name: self.file_name.clone(),
            settings,
            files: self.files.clone(),
            at: self.at.clone(),
        }
    }

    /// Takes in a program under a name.
    pub(in crate::bzl) fn add_program(&mut self, name: String, program: Program) {
        let entry = FileEntry {
            content: Content::Program(Box::new(program)),
            executable: true,
        };
        self.files.0.insert(name, entry);
    }

    /// Takes in another bundle under its own name.
    pub(in crate::bzl) fn add_bundle(&mut self, bundle: Bundle) {
        let (name, entry) = entry(bundle);
        self.files.0.insert(name, entry);
    }

    /// Puts files below a folder.
    pub(in crate::bzl) fn add_all(&mut self, prefix: &str, files: Files) -> Result<(), Fail> {
        for (path, entry) in files.0 {
            let path = crate::bzl::paths::joined(prefix, &path)?;
            self.files.0.insert(path, entry);
        }
        Ok(())
    }
}

/// A bundle as a file, and the file's name.
fn entry(bundle: Bundle) -> (String, FileEntry) {
    let name = bundle.file_name.clone();
    let entry = FileEntry {
        content: Content::Bundle(Box::new(bundle)),
        executable: false,
    };
    (name, entry)
}

/// A bundle as the content of a file.
pub(in crate::bzl) fn content(bundle: Bundle) -> FileContent {
    let (name, entry) = entry(bundle);
    FileContent::new(&name, entry)
}

/// Builds it as the product of a target.
pub(in crate::bzl) fn build(bundle: Bundle, target: &str, session: &Session<'_>) {
    session.write(Write::Product {
        target: target.to_owned(),
        product: Box::new(Product::Bundle(bundle)),
    });
}

/// Writes it to a folder; where it will be.
pub(in crate::bzl) fn write(
    bundle: Bundle,
    path: &str,
    session: &Session<'_>,
) -> Result<String, Fail> {
    let folder = session.output(path)?;
    let (name, entry) = entry(bundle);
    let file = folder.join(&name);
    session.write(Write::Folder {
        path: folder,
        files: Files([(name, entry)].into()),
        replace: false,
    });
    Ok(file.display().to_string())
}

/// Plain data of keyword arguments.
pub(in crate::bzl) fn plain(key: &str, value: Value<'_>) -> Result<Datum, Fail> {
    Datum::read(value).ok_or_else(|| Fail::new(format!("`{key}` cannot be a {}", value.get_type())))
}

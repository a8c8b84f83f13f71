//! What a recipe says of its app to those who install it: attributes that executables and installers share, with the meaning
//! that `[project]` and `[tool.pyxidium.install]` have in `pyproject.toml`, and with their checks.

use crate::about::{check_category, extension, one_line};
use crate::bzl::bag::Bag;
use crate::bzl::datum::Datum;
use crate::{About, FileType};

/// A table of attributes: these, and those that say what an app is.
macro_rules! with_about {
    ($($attribute:expr),* $(,)?) => {
        &[
            $($attribute,)*
            Attr::optional("version", Kind::Text),
            Attr::optional("summary", Kind::Text),
            Attr::optional("license", Kind::Text),
            Attr::optional("homepage", Kind::Text),
            Attr::optional("maintainer", Kind::Text),
            Attr::optional("authors", Kind::Texts),
            Attr::optional("categories", Kind::Texts).check(super::about::categories),
            Attr::optional("file_types", Kind::Texts).check(super::about::file_types),
        ]
    };
}

pub(super) use with_about;

pub(super) fn categories(value: &Datum) -> Result<(), String> {
    let names = value.texts().unwrap_or_default();
    names.iter().try_for_each(|name| check_category(name))
}

pub(super) fn file_types(value: &Datum) -> Result<(), String> {
    let names = value.texts().unwrap_or_default();
    names.iter().try_for_each(|name| extension(name).map(drop))
}

/// Adds what is said here to what is known. What an installer says stands before what its executable says.
pub(in crate::bzl) fn add(bag: &Bag, about: &mut About) {
    let text = |name: &str| bag.text(name).map(|t| one_line(&t));
    let texts = |name: &str| bag.get(name).and_then(|d| d.texts()).unwrap_or_default();
    about.summary = text("summary").or(about.summary.take());
    about.license = text("license").or(about.license.take());
    about.homepage = text("homepage").or(about.homepage.take());
    let authors = texts("authors");
    let said = text("maintainer")
        .into_iter()
        .chain(authors.iter().map(|a| one_line(a)));
    about.authors = first_of_each(said.chain(about.authors.drain(..)).collect());
    let said = texts("categories").into_iter();
    about.categories = first_of_each(said.chain(about.categories.drain(..)).collect());
    for name in texts("file_types") {
        // Looked at where it was set.
        let Ok(extension) = extension(&name) else {
            continue;
        };
        if about.file_types.iter().all(|t| t.extension != extension) {
            about.file_types.push(FileType {
                extension,
                mime: None,
                name: None,
            });
        }
    }
}

fn first_of_each(all: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

//! What a project says of itself to those who install it: `[project]`'s summary, authors, licence and
//! addresses, and `[tool.pyxidium.install]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::Error;
use crate::settings::Document;

/// What a project says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// What it is, in a line.
    pub summary: Option<String>,
    /// Its licence, an SPDX expression.
    pub license: Option<String>,
    /// Its page on the web.
    pub homepage: Option<String>,
    /// Who made it: `Name <mail>`.
    pub authors: Vec<String>,
    /// Where menus show it: names of the freedesktop.org menu specification, such as `Graphics`.
    pub categories: Vec<String>,
    /// Files that it opens.
    pub file_types: Vec<FileType>,
    /// Whether it opens windows, and wants no terminal; unless said, if it has a window of ours, or is a `gui-script`.
    pub graphical: Option<bool>,
    /// Whether the sealed file installs itself when it is started with `--install`; unless said,
    /// if it is graphical.
    pub self_install: Option<bool>,
}

/// A kind of file that an app opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileType {
    /// Without the dot.
    pub extension: String,
    /// As in `text/csv`; one of its own is made up where none is given.
    pub mime: Option<String>,
    /// What people call such a file.
    pub name: Option<String>,
}

/// Menus' main categories: every app is in one of them at least.
const CATEGORIES: [&str; 11] = [
    "AudioVideo",
    "Development",
    "Education",
    "Game",
    "Graphics",
    "Network",
    "Office",
    "Science",
    "Settings",
    "System",
    "Utility",
];

#[derive(Deserialize, Default)]
struct Whole {
    #[serde(default)]
    project: Table,
}

#[derive(Deserialize, Default)]
struct Table {
    description: Option<String>,
    license: Option<toml::Value>,
    #[serde(default)]
    authors: Vec<Author>,
    #[serde(default)]
    urls: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Author {
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize, Default)]
struct Settings {
    #[serde(default)]
    install: Install,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Install {
    #[serde(default)]
    categories: Vec<Spanned<String>>,
    #[serde(default)]
    file_types: Vec<Type>,
    self_install: Option<bool>,
    graphical: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Type {
    extension: Spanned<String>,
    mime: Option<Spanned<String>>,
    name: Option<String>,
}

/// Reads it out of a document.
pub(crate) fn read(document: &Document<'_>) -> Result<About, Error> {
    let Whole { project } = document.read()?;
    let install = document.own::<Settings>()?.install;
    for category in &install.categories {
        check_category(category.as_ref()).map_err(|why| document.bad(category, why))?;
    }
    let file_types = install.file_types.into_iter();
    Ok(About {
        summary: project.description.map(|d| one_line(&d)),
        license: project.license.and_then(|l| match l {
            toml::Value::String(expression) => Some(expression),
            // The older form: a table with a text or a file.
            toml::Value::Table(table) => table.get("text")?.as_str().map(one_line),
            _ => None,
        }),
        homepage: homepage(&project.urls),
        authors: project.authors.iter().filter_map(author).collect(),
        categories: install
            .categories
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
        file_types: file_types
            .map(|t| file_type(document, t))
            .collect::<Result<_, _>>()?,
        graphical: install.graphical,
        self_install: install.self_install,
    })
}

/// What is wrong with the name of a menu's category, if anything is.
pub(crate) fn check_category(text: &str) -> Result<(), String> {
    // Others may stand beside; a misspelt main one is what people get wrong.
    let same = |known: &&&str| known.eq_ignore_ascii_case(text) && **known != text;
    if let Some(known) = CATEGORIES.iter().find(same) {
        return Err(format!("`{text}` is spelt `{known}`"));
    }
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        let known = CATEGORIES.join(", ");
        return Err(format!(
            "`{text}` is no category; the main ones are {known}"
        ));
    }
    Ok(())
}

/// An extension as files have it, without the dot; or what is wrong with it.
pub(crate) fn extension(text: &str) -> Result<String, String> {
    let bare = text.trim_start_matches('.');
    if bare.is_empty() || !bare.chars().all(plain) {
        return Err(format!("`{text}` is no extension; write csv, or tar.gz"));
    }
    Ok(bare.to_ascii_lowercase())
}

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-+".contains(c)
}

fn file_type(document: &Document<'_>, read: Type) -> Result<FileType, Error> {
    let extension =
        extension(read.extension.as_ref()).map_err(|why| document.bad(&read.extension, why))?;
    if let Some(mime) = &read.mime {
        let parts: Vec<&str> = mime.as_ref().split('/').collect();
        let good = |part: &&str| !part.is_empty() && part.chars().all(plain);
        if parts.len() != 2 || !parts.iter().all(good) {
            let message = format!("`{}` is no MIME type; write text/csv", mime.as_ref());
            return Err(document.bad(mime, message));
        }
    }
    Ok(FileType {
        extension,
        mime: read.mime.map(Spanned::into_inner),
        name: read.name.as_deref().map(one_line),
    })
}

fn author(author: &Author) -> Option<String> {
    let clean = |text: &String| one_line(text).replace(['<', '>'], "");
    match (
        author.name.as_ref().map(clean),
        author.email.as_ref().map(clean),
    ) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (Some(name), None) => Some(name),
        (None, Some(email)) => Some(format!("{email} <{email}>")),
        (None, None) => None,
    }
}

/// The address that is called so, as PyPI finds it, or else the first.
fn homepage(urls: &BTreeMap<String, String>) -> Option<String> {
    let named = urls.iter().find(|(key, _)| {
        let key: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
        key.eq_ignore_ascii_case("homepage")
    });
    named.or(urls.iter().next()).map(|(_, url)| one_line(url))
}

/// Text without line breaks: in what systems read, a line of its own is a field of its own.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! What every format needs to know of a sealed file, and the files that it installs.

use std::borrow::Cow;

use packed_resources::{About, Kind, Manifest};

use super::{BundleError, Stated, desktop, version};
use crate::analyse::{Asked, asked};
use crate::inspect::{SealedFile, inspect};
use crate::{Error, sbom};

/// What an app is called by those who install it.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// The package's name, which is also what is typed to start it.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) title: String,
    /// Names its files among those of others, as `org.example.words`.
    pub(crate) identifier: String,
}

impl Names {
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, BundleError> {
        let name = package_name(&manifest.name)?;
        Ok(Self {
            title: title(manifest),
            identifier: identifier(manifest, &name),
            name,
        })
    }
}

/// A sealed app, as a system sees it.
#[derive(Debug)]
pub(super) struct Product {
    names: Names,
    /// As dpkg and rpm compare it.
    pub(super) version: String,
    pub(super) about: About,
    /// A PNG, and its width.
    pub(super) icon: Option<(u32, Vec<u8>)>,
    pub(super) window: bool,
    /// What it needs of other packages.
    pub(super) asked: Asked,
    /// Licences, with their texts.
    pub(super) licences: String,
    had_version: bool,
}

/// Its names are what is asked for most.
impl std::ops::Deref for Product {
    type Target = Names;

    fn deref(&self) -> &Names {
        &self.names
    }
}

/// A file to be installed.
#[derive(Debug)]
pub(super) struct Installed<'a> {
    /// Without the slash at its beginning.
    pub(super) path: String,
    pub(super) mode: u16,
    pub(super) data: Cow<'a, [u8]>,
}

impl Product {
    pub(super) fn read(file: &SealedFile) -> Result<Self, Error> {
        let payload = file.payload()?;
        let failed = || Error::payload(format!("{} cannot be read", file.path().display()));
        let contents = inspect(file)?;
        let manifest = &contents.manifest;
        let names = Names::of(manifest)?;
        let icon = match manifest.window.as_ref().and_then(|w| w.icon.as_deref()) {
            Some(path) => {
                let entry = payload.get(Kind::File, path).map_err(failed())?;
                let png = entry.map(|e| e.read()).transpose().map_err(failed())?;
                png.and_then(|png| Some((width(&png)?, png.into_owned())))
            }
            None => None,
        };
        Ok(Self {
            names,
            version: match &manifest.version {
                Some(v) => version::native(v)
                    .ok_or_else(|| BundleError::BadVersion { version: v.clone() })?,
                None => "0.0.0".into(),
            },
            had_version: manifest.version.is_some(),
            icon,
            window: manifest.window.is_some(),
            asked: asked(file, &contents)?,
            licences: sbom::text(&sbom::of(file, &contents)?),
            about: manifest.about.clone(),
        })
    }

    /// What desktops are told of it.
    pub(super) fn facts(&self) -> desktop::Facts<'_> {
        desktop::Facts {
            names: &self.names,
            about: &self.about,
            icon: self.icon.is_some(),
        }
    }

    /// What a package should say and this app does not.
    pub(super) fn missing(&self, stated: Stated) -> Vec<String> {
        let about = &self.about;
        // What is said, what is not, its key in a project, and in a recipe.
        let facts = [
            (
                self.had_version,
                "no version is stated, so it is 0.0.0",
                "version",
                "version",
            ),
            (
                about.summary.is_some(),
                "no summary is stated",
                "description",
                "summary",
            ),
            (
                !about.authors.is_empty(),
                "no author is stated",
                "authors",
                "maintainer",
            ),
        ];
        let said = facts.iter().filter(|f| !f.0);
        said.map(|(_, what, key, attribute)| {
            let project = format!("set `{key}` in [project] of pyproject.toml");
            match stated {
                Stated::Project => format!("{what}: {project}"),
                Stated::Recipe => format!("{what}: set `exe.{attribute}` in the recipe"),
                Stated::Somewhere => format!("{what}: {project}, or `exe.{attribute}` in a recipe"),
            }
        })
        .collect()
    }

    pub(super) fn summary(&self) -> &str {
        self.about.summary.as_deref().unwrap_or(&self.title)
    }

    /// `Name <mail>`, as both dpkg and rpm like it; a name alone where no address is stated, since none may be made up.
    pub(super) fn maintainer(&self) -> &str {
        self.about.authors.first().map_or("unknown", String::as_str)
    }

    /// What is installed for all users, in order.
    pub(super) fn files<'a>(&self, executable: Cow<'a, [u8]>) -> Vec<Installed<'a>> {
        let mut files = vec![Installed {
            path: format!("usr/bin/{}", self.name),
            mode: 0o755,
            data: executable,
        }];
        let mut add = |path: String, data: Vec<u8>| {
            files.push(Installed {
                path,
                mode: 0o644,
                data: data.into(),
            });
        };
        let doc = format!("usr/share/doc/{}/copyright", self.name);
        add(doc, self.licences.clone().into_bytes());
        if self.window {
            let entry = desktop::entry(self.facts(), &self.name);
            let path = format!("usr/share/applications/{}.desktop", self.identifier);
            add(path, entry.into_bytes());
        }
        if let Some((width, png)) = &self.icon {
            add(desktop::icon_path(&self.identifier, *width), png.clone());
        }
        if let Some(mime) = desktop::mime(&self.about) {
            add(
                format!("usr/share/mime/packages/{}.xml", self.identifier),
                mime.into_bytes(),
            );
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

/// Lower case letters, digits, dashes: what both dpkg and rpm take.
fn package_name(name: &str) -> Result<String, BundleError> {
    let plain = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == '+' || c == '.' => c.to_ascii_lowercase(),
        _ => '-',
    };
    let text: String = name.chars().map(plain).collect();
    let parts: Vec<&str> = text.split('-').filter(|p| !p.is_empty()).collect();
    let package = parts.join("-");
    let begins = package.starts_with(|c: char| c.is_ascii_alphanumeric());
    if package.len() < 2 || !begins {
        return Err(BundleError::BadName { name: name.into() });
    }
    Ok(package)
}

fn title(manifest: &Manifest) -> String {
    let window = manifest.window.as_ref().map(|w| w.title.as_str());
    window
        .filter(|t| !t.is_empty())
        .unwrap_or(&manifest.name)
        .to_owned()
}

fn identifier(manifest: &Manifest, name: &str) -> String {
    let window = manifest.window.as_ref().map(|w| w.identifier.as_str());
    window.filter(|i| !i.is_empty()).unwrap_or(name).to_owned()
}

/// The width of a PNG, which stands in its first chunk.
pub(super) fn width(png: &[u8]) -> Option<u32> {
    let field = png.get(16..20)?;
    Some(u32::from_be_bytes(field.try_into().ok()?))
}

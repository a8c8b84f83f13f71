//! A sealed file as what systems install: .deb, .rpm, tar.gz, AppImage. One format, one file.
//!
//! Everything comes out of the sealed file (name, version, icon, menus, licences), so what is bundled
//! is what was sealed. The same file gives the same bytes: no clock, no user, no name of the machine.

mod appimage;
mod deb;
mod desktop;
mod error;
mod product;
mod rpm;
pub(crate) mod self_install;
mod tarball;
#[cfg(test)]
mod tests;
mod unpacked;
pub(crate) mod version;

use std::path::{Path, PathBuf};

pub use error::BundleError;
pub(crate) use product::Names;
use product::Product;
use unpacked::Executable;

use crate::inspect::SealedFile;
use crate::output::write_bytes;
use crate::{Error, Progress, Unit, progress};

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For Debian, Ubuntu and their relatives.
    Deb,
    /// For Fedora, openSUSE and their relatives.
    Rpm,
    /// The file itself, with its licences.
    TarGz,
    /// One file that carries a desktop entry; made by `appimagetool`.
    AppImage,
    /// What another system installs.
    Foreign(Foreign),
}

/// What is made on another system than this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Foreign {
    /// A Windows installer.
    Msi,
    /// A Windows installer of another kind.
    Nsis,
    /// A macOS application.
    App,
    /// A macOS disk image.
    Dmg,
}

/// Names of the formats, as they are typed.
const NAMES: [(&str, Format); 8] = [
    ("deb", Format::Deb),
    ("rpm", Format::Rpm),
    ("tar.gz", Format::TarGz),
    ("appimage", Format::AppImage),
    ("msi", Format::Foreign(Foreign::Msi)),
    ("nsis", Format::Foreign(Foreign::Nsis)),
    ("app", Format::Foreign(Foreign::App)),
    ("dmg", Format::Foreign(Foreign::Dmg)),
];

impl Format {
    /// What is made where nothing is asked for.
    pub const USUAL: [Self; 3] = [Self::Deb, Self::Rpm, Self::TarGz];

    /// The format of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        NAMES.iter().find(|n| n.0 == lower).map(|n| n.1)
    }

    /// As it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|n| n.1 == self).map_or("", |n| n.0)
    }

    /// The names of all formats.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|n| n.0)
    }

    /// Whether it can be made on this machine; what is in the way, if not.
    pub fn available(self) -> Result<(), BundleError> {
        match self {
            Self::Deb | Self::Rpm | Self::TarGz => Ok(()),
            Self::AppImage => appimage::tool().map(|_| ()),
            Self::Foreign(_) => Err(elsewhere(self)),
        }
    }
}

/// What came of it.
#[derive(Debug, serde::Serialize)]
pub struct Bundled {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub size: u64,
    /// Which format it is of.
    pub format: &'static str,
}

/// Where the author of a sealed file says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// In `[project]`.
    Project,
    /// In attributes of a recipe's executable.
    Recipe,
    /// In one of these: the file does not say.
    Somewhere,
}

/// Makes bundles of a sealed file, in a folder; what it does not say of itself is to be `stated` there.
pub fn bundle(
    file: &Path,
    formats: &[Format],
    folder: &Path,
    stated: Stated,
    progress: &dyn Progress,
) -> Result<Vec<Bundled>, Error> {
    for format in formats {
        format.available()?;
    }
    let sealed = SealedFile::open(file)?;
    let product = Product::read(&sealed)?;
    product
        .missing(stated)
        .iter()
        .for_each(|m| progress.warn(m));
    let mut executable = Executable::new(&sealed);
    let mut made = Vec::new();
    for &format in formats {
        progress::check(progress)?;
        progress.begin(&format!("making the {}", format.name()), None, Unit::Items);
        let result = one(&product, &mut executable, format, folder);
        progress.end();
        made.push(result?);
    }
    Ok(made)
}

fn one(
    product: &Product,
    executable: &mut Executable<'_>,
    format: Format,
    folder: &Path,
) -> Result<Bundled, Error> {
    let path = folder.join(match format {
        Format::Deb => deb::name(product),
        Format::Rpm => rpm::name(product),
        Format::TarGz => tarball::name(product),
        Format::AppImage => appimage::name(product),
        Format::Foreign(_) => return Err(Error::Bundle(elsewhere(format))),
    });
    crate::output::check(&path)?;
    match format {
        Format::Deb => write_bytes(&path, &deb::make(product, executable)?)?,
        Format::Rpm => write_bytes(&path, &rpm::make(product, executable)?)?,
        Format::TarGz => write_bytes(&path, &tarball::make(product, executable.sealed())?)?,
        Format::AppImage | Format::Foreign(_) => {
            appimage::make(product, executable.sealed(), &path)?;
        }
    }
    Ok(Bundled {
        size: fs_err::metadata(&path)?.len(),
        path,
        format: format.name(),
    })
}

/// Why a format of another system is not made here.
fn elsewhere(format: Format) -> BundleError {
    BundleError::OtherSystem {
        format: format.name(),
        system: match format {
            Format::Foreign(Foreign::App | Foreign::Dmg) => "macOS",
            _ => "Windows",
        },
    }
}

/// The time of everything in a bundle: where `SOURCE_DATE_EPOCH` says none, the first day that zip
/// archives know.
fn time() -> u64 {
    crate::env_vars::source_date_epoch().unwrap_or(315_532_800)
}

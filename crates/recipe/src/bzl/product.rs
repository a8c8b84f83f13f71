//! What a recipe comes to, as plain data: executables, folders of files, wheels, installers. The packager
//! makes them; whether it can on this machine is its business, and said when it is asked to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::datum::Datum;
use crate::{BuildPlan, Origin};

/// What a target came to.
#[derive(Debug, Clone)]
pub enum Product {
    /// Something that is only used by other targets, as a distribution.
    Nothing,
    /// One sealed file.
    Executable(Box<Program>),
    /// A folder.
    Files(Files),
    /// A wheel.
    Wheel(Wheel),
    /// An installer, or what else is made by the tools of some system.
    Bundle(Bundle),
}

impl Product {
    /// As people call it.
    pub fn describe(&self) -> String {
        match self {
            Self::Nothing => "nothing to build".into(),
            Self::Executable(program) => format!("executable {}", program.plan.name),
            Self::Files(files) => match files.0.len() {
                1 => "folder with 1 file".into(),
                n => format!("folder with {n} files"),
            },
            Self::Wheel(wheel) => wheel.file_name(),
            Self::Bundle(bundle) => format!("{} {}", bundle.format.name(), bundle.file_name),
        }
    }
}

/// An executable and what is to lie beside it.
#[derive(Debug, Clone)]
pub struct Program {
    /// What to seal.
    pub plan: BuildPlan,
    /// The name of a report of licences beside it, where a recipe asks for one.
    pub licenses: Option<String>,
}

/// Files by their paths, `/`-separated and relative.
#[derive(Debug, Clone, Default)]
pub struct Files(pub BTreeMap<String, FileEntry>);

/// A file to write.
#[derive(Debug, Clone)]
pub struct FileEntry {
    /// What is in it.
    pub content: Content,
    /// Whether it may be run.
    pub executable: bool,
}

/// Where the bytes of a file come from.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file on disk.
    File(PathBuf),
    /// These.
    Bytes(Vec<u8>),
    /// An entry of a pack, or of Pyxidium's own payload where no pack is named.
    Packed {
        /// The pack.
        pack: Option<PathBuf>,
        /// Its entry.
        path: String,
    },
    /// A sealed file.
    Program(Box<Program>),
    /// A wheel.
    Wheel(Box<Wheel>),
    /// An installer.
    Bundle(Box<Bundle>),
}

/// A wheel to write.
#[derive(Debug, Clone)]
pub struct Wheel {
    /// Name of the distribution.
    pub distribution: String,
    /// Its version.
    pub version: String,
    /// `build_tag`.
    pub build_tag: Option<String>,
    /// `py3`
    pub python_tag: String,
    /// `none`
    pub abi_tag: String,
    /// `any`
    pub platform_tag: String,
    /// What made it.
    pub generator: String,
    /// Whether it is installed where pure Python is.
    pub root_is_purelib: bool,
    /// Time of its files in seconds since 1970; the earliest that an archive can hold where none is given,
    /// so that the same files give the same wheel.
    pub modified_time: Option<i64>,
    /// Its files, but for those that are derived.
    pub files: Files,
}

impl Wheel {
    /// A name as it stands in file names.
    fn escaped(text: &str) -> String {
        text.chars()
            .map(|c| {
                if c.is_alphanumeric() || "_.+!".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect()
    }

    /// `name-1.0`
    pub fn stem(&self) -> String {
        format!(
            "{}-{}",
            Self::escaped(&self.distribution),
            Self::escaped(&self.version)
        )
    }

    /// `py3-none-any`
    pub fn tag(&self) -> String {
        format!("{}-{}-{}", self.python_tag, self.abi_tag, self.platform_tag)
    }

    /// `name-1.0-py3-none-any.whl`
    pub fn file_name(&self) -> String {
        let build = self
            .build_tag
            .as_ref()
            .map(|b| format!("-{b}"))
            .unwrap_or_default();
        format!("{}{build}-{}.whl", self.stem(), self.tag())
    }
}

/// Kinds of bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Debian and its children.
    Deb,
    /// Fedora, openSUSE.
    Rpm,
    /// AppImage.
    AppImage,
    /// The sealed file, which installs itself.
    SelfInstall,
    /// WiX, an MSI.
    Msi,
    /// WiX, an .exe that chains installers.
    WixBundle,
    /// WiX, sources of the author's own.
    Wix,
    /// A macOS application.
    MacApp,
    /// A binary for several machines.
    AppleUniversal,
    /// Snap.
    Snap,
}

impl Format {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deb => "Debian package",
            Self::Rpm => "RPM package",
            Self::AppImage => "AppImage",
            Self::SelfInstall => "self-installing file",
            Self::Msi => "Windows installer (MSI)",
            Self::WixBundle => "Windows installer (WiX bundle)",
            Self::Wix => "Windows installer (WiX)",
            Self::MacApp => "macOS application",
            Self::AppleUniversal => "universal binary",
            Self::Snap => "snap",
        }
    }

    /// Where it can be made, if not on Linux.
    pub fn elsewhere(self) -> Option<&'static str> {
        match self {
            Self::Msi | Self::WixBundle | Self::Wix => Some("Windows"),
            Self::MacApp | Self::AppleUniversal => Some("macOS"),
            _ => None,
        }
    }

    /// What makes something like it on Linux, if nothing makes itself.
    pub fn instead(self) -> &'static str {
        match self {
            Self::Msi | Self::WixBundle | Self::Wix => {
                "build this target on Windows; for Linux write `exe.to_deb(...)` or `exe.to_rpm(...)`"
            }
            Self::MacApp | Self::AppleUniversal => {
                "build this target on macOS; for Linux write `exe.to_deb(...)` or `exe.to_appimage(...)`"
            }
            Self::Snap => {
                "run snapcraft on the installed files; or write `exe.to_deb(...)` or `exe.to_appimage(...)`"
            }
            _ => "build the executable itself",
        }
    }
}

/// An installer to make.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Which kind.
    pub format: Format,
    /// The file or folder that it becomes.
    pub file_name: String,
    /// What a recipe says of it, by the names of PyOxidizer's attributes and arguments.
    pub settings: BTreeMap<String, Datum>,
    /// What it installs, or is built with.
    pub files: Files,
    /// Where a recipe makes it.
    pub at: Origin,
}

/// Something that a recipe itself asks to write, in order, before targets are built.
#[derive(Debug, Clone)]
pub enum Write {
    /// `FileManifest.install`, `write_to_directory`.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What goes in.
        files: Files,
        /// Whether what is in it already goes.
        replace: bool,
    },
    /// `PythonExecutable.write_licenses`.
    Licenses {
        /// The file.
        path: PathBuf,
        /// The licences of what.
        program: Box<Program>,
    },
    /// `build(target)` of an object.
    Product {
        /// The target that it is built for.
        target: String,
        /// What.
        product: Box<Product>,
    },
}

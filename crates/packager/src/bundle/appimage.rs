//! AppImage: `appimagetool` packs a folder of ours.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::product::Product;
use super::{BundleError, desktop};
use crate::inspect::SealedFile;
use crate::{Error, WorkFolder};

const TOOL: &str = "appimagetool";

pub(super) fn name(product: &Product) -> String {
    format!(
        "{}-{}-x86_64.AppImage",
        product.name,
        product.version.replace(':', "-")
    )
}

/// The tool: the one that is named, or the one on PATH.
pub(super) fn tool() -> Result<PathBuf, BundleError> {
    let none = BundleError::NoTool {
        format: "appimage",
        tool: TOOL,
    };
    if let Some(named) = crate::env_vars::appimagetool() {
        return if named.is_file() {
            Ok(named)
        } else {
            Err(none)
        };
    }
    let folders = crate::env_vars::path().into_iter();
    let mut found = folders.map(|folder| folder.join(TOOL));
    found.find(|tool| tool.is_file()).ok_or(none)
}

pub(super) fn make(product: &Product, file: &SealedFile, out: &Path) -> Result<(), Error> {
    make_with(&tool()?, product, file, out)
}

pub(super) fn make_with(
    tool: &Path,
    product: &Product,
    file: &SealedFile,
    out: &Path,
) -> Result<(), Error> {
    let parent = match out.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs_err::create_dir_all(parent)?;
    // Beside the result, so that it can be renamed to its place.
    let name = format!(".pyxidium-appimage-{}", std::process::id());
    let work = WorkFolder::new(parent.join(name))?;
    let folder = work.path().join("AppDir");
    let bin = folder.join("usr/bin");
    fs_err::create_dir_all(&bin)?;
    let program = bin.join(&product.name);
    fs_err::write(&program, file.bytes())?;
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    symlink(format!("usr/bin/{}", product.name), folder.join("AppRun"))?;
    let entry = desktop::entry(product.facts(), &product.name);
    // An AppImage must have an icon; what has none gets an empty one.
    let entry = match &product.icon {
        Some((_, png)) => {
            fs_err::write(folder.join(format!("{}.png", product.identifier)), png)?;
            entry
        }
        None => {
            fs_err::write(folder.join(format!("{}.svg", product.identifier)), EMPTY)?;
            format!("{entry}Icon={}\n", product.identifier)
        }
    };
    fs_err::write(
        folder.join(format!("{}.desktop", product.identifier)),
        entry,
    )?;
    fs_err::write(folder.join("LICENCES.txt"), &product.licences)?;
    let made = work.path().join("made");
    let output = Command::new(tool)
        .arg("--no-appstream")
        .arg(&folder)
        .arg(&made)
        .env("ARCH", "x86_64")
        .env("SOURCE_DATE_EPOCH", super::time().to_string())
        .output()?;
    if !output.status.success() || !made.is_file() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = text.lines().rev().take(3).collect();
        return Err(BundleError::Tool {
            tool: TOOL,
            said: last.into_iter().rev().collect::<Vec<_>>().join("; "),
        }
        .into());
    }
    fs_err::set_permissions(&made, std::fs::Permissions::from_mode(0o755))?;
    fs_err::rename(&made, out)?;
    Ok(())
}

const EMPTY: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\"/>\n";

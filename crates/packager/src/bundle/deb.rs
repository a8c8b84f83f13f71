//! .deb: an `ar` archive with the package's description and its files, each a compressed tar archive.

use std::fmt::Write as _;
use std::io::Write as _;

use lzma_rust2::{FilterType, XzOptions, XzWriter};

use super::product::{Installed, Product};
use super::unpacked::Executable;
use super::{BundleError, time};
use crate::Error;

const ARCHITECTURE: &str = "amd64";

pub(super) fn name(product: &Product) -> String {
    // An epoch is no part of the file's name.
    let version = product
        .version
        .split_once(':')
        .map_or(&*product.version, |v| v.1);
    format!("{}_{version}_{ARCHITECTURE}.deb", product.name)
}

pub(super) fn make(product: &Product, executable: &mut Executable<'_>) -> Result<Vec<u8>, Error> {
    let (executable, effort) = executable.for_compression()?;
    let files = product.files(executable.into());
    let control = [Installed {
        path: "control".into(),
        mode: 0o644,
        data: control(product, &files).into_bytes().into(),
    }];
    let members = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.xz", compressed(&tar(&control)?, false)?),
        ("data.tar.xz", compressed(&tar(&files)?, effort)?),
    ];
    let mut out = b"!<arch>\n".to_vec();
    for (name, data) in members {
        // Name, time, user, group, mode, length: text, filled up with blanks.
        let head = format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            time(),
            0,
            0,
            100_644,
            data.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&data);
        if data.len() % 2 == 1 {
            out.push(b'\n');
        }
    }
    Ok(out)
}

/// The package's description.
fn control(product: &Product, files: &[Installed<'_>]) -> String {
    let size: usize = files.iter().map(|f| f.data.len().div_ceil(1024)).sum();
    let mut depends: Vec<String> = Vec::new();
    if let Some((major, minor)) = product.asked.glibc {
        depends.push(format!("libc6 (>= {major}.{minor})"));
    }
    if product.asked.zlib {
        depends.push("zlib1g".into());
    }
    if product.window {
        depends.push("libwebkit2gtk-4.1-0".into());
        depends.push("libgtk-3-0 | libgtk-3-0t64".into());
    }
    let mut out = String::new();
    let mut field = |key: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{key}: {value}");
    };
    field("Package", &product.name);
    field("Version", &product.version);
    field("Architecture", ARCHITECTURE);
    field("Maintainer", product.maintainer());
    field("Installed-Size", &size.to_string());
    if !depends.is_empty() {
        field("Depends", &depends.join(", "));
    }
    field("Section", if product.window { "x11" } else { "utils" });
    field("Priority", "optional");
    if let Some(homepage) = &product.about.homepage {
        field("Homepage", homepage);
    }
    field("Description", product.summary());
    out
}

/// Files with their folders, owned by root.
pub(super) fn tar(files: &[Installed<'_>]) -> Result<Vec<u8>, BundleError> {
    let mut archive = tar::Builder::new(Vec::new());
    let failed = |e: std::io::Error| BundleError::Format {
        format: "tar",
        problem: e.to_string(),
    };
    let mut folders: Vec<&str> = Vec::new();
    for file in files {
        let slashes = file
            .path
            .match_indices('/')
            .map(|(at, _)| &file.path[..=at]);
        for folder in slashes {
            if !folders.contains(&folder) {
                folders.push(folder);
                let head = header(tar::EntryType::Directory, 0o755, 0);
                append(&mut archive, head, folder, &[]).map_err(failed)?;
            }
        }
        let head = header(tar::EntryType::Regular, file.mode, file.data.len());
        append(&mut archive, head, &file.path, &file.data).map_err(failed)?;
    }
    archive.into_inner().map_err(failed)
}

fn header(kind: tar::EntryType, mode: u16, len: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode.into());
    header.set_size(len as u64);
    header.set_mtime(time());
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn append(
    archive: &mut tar::Builder<Vec<u8>>,
    mut header: tar::Header,
    path: &str,
    data: &[u8],
) -> std::io::Result<()> {
    header.set_username("root")?;
    header.set_groupname("root")?;
    archive.append_data(&mut header, format!("./{path}"), data)
}

/// xz; with effort where it pays, which is not where everything is compressed already.
fn compressed(data: &[u8], effort: bool) -> Result<Vec<u8>, BundleError> {
    let mut options = XzOptions::with_preset(if effort { 9 } else { 1 });
    if effort {
        // Jumps in machine code become the same bytes wherever they are from.
        options.prepend_pre_filter(FilterType::BcjX86, 0);
    }
    let done = || {
        let mut writer = XzWriter::new(Vec::new(), options)?;
        writer.write_all(data)?;
        writer.finish()
    };
    done().map_err(|e| BundleError::Format {
        format: "xz archive",
        problem: e.to_string(),
    })
}

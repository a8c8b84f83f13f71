//! tar.gz: the file as it was sealed, which installs itself if it is asked to, and its licences.

use std::borrow::Cow;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use super::product::{Installed, Product};
use super::{BundleError, deb};
use crate::Error;
use crate::inspect::SealedFile;

fn stem(product: &Product) -> String {
    let version = product.version.replace(':', "-");
    format!("{}-{version}-linux-x86_64", product.name)
}

pub(super) fn name(product: &Product) -> String {
    format!("{}.tar.gz", stem(product))
}

pub(super) fn make(product: &Product, file: &SealedFile) -> Result<Vec<u8>, Error> {
    let folder = stem(product);
    let files = [
        Installed {
            path: format!("{folder}/LICENCES.txt"),
            mode: 0o644,
            data: Cow::Borrowed(product.licences.as_bytes()),
        },
        Installed {
            path: format!("{folder}/{}", product.name),
            mode: 0o755,
            data: Cow::Borrowed(file.bytes()),
        },
    ];
    let tar = deb::tar(&files)?;
    // No time and no name in the head: the same file, the same bytes.
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    let done = gzip.write_all(&tar).and_then(|()| gzip.finish());
    done.map_err(|e| {
        BundleError::Format {
            format: "tar.gz",
            problem: e.to_string(),
        }
        .into()
    })
}

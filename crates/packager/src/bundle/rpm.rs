//! .rpm, through the crate `rpm`.

use rpm::{BuildConfig, CompressionWithLevel, Dependency, FileOptions, PackageBuilder};

use super::product::Product;
use super::unpacked::Executable;
use super::{BundleError, time};
use crate::Error;

const ARCHITECTURE: &str = "x86_64";
const RELEASE: &str = "1";

pub(super) fn name(product: &Product) -> String {
    let (_, version) = split(product);
    format!("{}-{version}-{RELEASE}.{ARCHITECTURE}.rpm", product.name)
}

/// The epoch, and the version without it.
fn split(product: &Product) -> (Option<u32>, &str) {
    match product.version.split_once(':') {
        Some((epoch, version)) => (epoch.parse().ok(), version),
        None => (None, &product.version),
    }
}

pub(super) fn make(product: &Product, executable: &mut Executable<'_>) -> Result<Vec<u8>, Error> {
    let (executable, effort) = executable.for_compression()?;
    // Not zstd: the crate would turn its oldest formats on, in every runtime, too.
    let level = if effort { 9 } else { 1 };
    build(product, executable, level).map_err(|e| {
        let problem = e.to_string();
        BundleError::Format {
            format: "rpm",
            problem,
        }
        .into()
    })
}

fn build(product: &Product, executable: &[u8], level: u32) -> Result<Vec<u8>, rpm::Error> {
    let (epoch, version) = split(product);
    let license = product.about.license.as_deref().unwrap_or("Unspecified");
    let mut builder = PackageBuilder::new(
        &product.name,
        version,
        license,
        ARCHITECTURE,
        product.summary(),
    );
    let time = u32::try_from(time()).unwrap_or(0);
    builder
        .using_config(
            BuildConfig::v4()
                .compression(CompressionWithLevel::Gzip(level))
                .source_date(time),
        )
        .release(RELEASE)
        .build_host("localhost")
        .description(product.summary())
        .packager(product.maintainer());
    if let Some(epoch) = epoch {
        builder.epoch(epoch);
    }
    if let Some(homepage) = &product.about.homepage {
        builder.url(homepage);
    }
    // By what is needed, not by packages: their names differ between distributions.
    if let Some((major, minor)) = product.asked.glibc {
        builder.requires(Dependency::any(format!(
            "libc.so.6(GLIBC_{major}.{minor})(64bit)"
        )));
    }
    if product.asked.zlib {
        builder.requires(Dependency::any("libz.so.1()(64bit)"));
    }
    if product.window {
        builder.requires(Dependency::any("libwebkit2gtk-4.1.so.0()(64bit)"));
    }
    for file in product.files(executable.into()) {
        let options = FileOptions::new(format!("/{}", file.path)).permissions(file.mode);
        builder.with_file_contents(file.data.into_owned(), options)?;
    }
    let mut out = Vec::new();
    builder.build()?.write(&mut out)?;
    Ok(out)
}

//! What the commands that read a project share: arguments to what the packager is asked for.

use packager::{BuildOptions, Cache, Indexes, ResolveOptions};

use crate::cli::Packages;
use crate::{Error, VERSION, own};

/// Options for sealing with this executable as the base.
pub(super) fn options<'a>(
    packages: &Packages,
    cache: &'a Cache,
) -> Result<BuildOptions<'a>, Error> {
    Ok(BuildOptions {
        base: own::payload()?,
        python_program: (own::program()?, vec!["python".into()]),
        cache,
        resolve: ResolveOptions {
            indexes: Indexes {
                index_url: packages.index_url.clone(),
                extra_index_urls: packages.extra_index_url.clone(),
                find_links: packages.find_links.clone(),
            },
            upgrade: packages.upgrade,
            offline: packages.offline,
            ..ResolveOptions::default()
        },
        development: None,
        record: None,
        version: VERSION,
    })
}

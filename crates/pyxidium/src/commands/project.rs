//! What the commands that read a project share: arguments to what the packager is asked for.

use packager::{BuildOptions, Cache, Indexes, ResolveOptions};

use crate::cli::{Packages, Size};
use crate::{Error, VERSION, own};

/// What is to be planned, but for the app itself and the file to write.
pub(super) fn request(size: &Size, packages: &Packages) -> recipe::Request {
    recipe::Request {
        requirements: packages.requirements.clone(),
        only_used: match &size.only_used {
            None => recipe::OnlyUsed::AsProject,
            Some(path) => recipe::OnlyUsed::Record(path.clone()),
        },
        keep: size.keep.clone(),
        strip: size.strip,
        smallest: size.smallest,
        no_compress: size.no_compress,
        optimize: size.optimize,
        ..recipe::Request::default()
    }
}

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

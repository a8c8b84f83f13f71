//! Sealing a project, with Studio's own payload as the base.

use std::path::{Path, PathBuf};

use packager::{BuildOptions, Cache, Indexes, ResolveOptions};
use serde_json::{Value, json};

use crate::project::Request;
use crate::reporter::Reporter;
use crate::{Error, VERSION};

/// Seals a project.
pub(crate) fn build(request: &Request, reporter: &Reporter) -> Result<Value, Error> {
    let cache = Cache::of_user()?;
    let sealed = packager::build(&request.plan()?, &options(request, &cache)?, reporter)?;
    Ok(json!({
        "path": sealed.path,
        "size": sealed.len,
        "seconds": reporter.seconds(),
        "packages": sealed.packages.len(),
    }))
}

/// How Studio seals: everything that the packager needs is in Studio's own file.
pub(crate) fn options<'a>(request: &Request, cache: &'a Cache) -> Result<BuildOptions<'a>, Error> {
    Ok(BuildOptions {
        base: pyembed::current_payload()
            .map_err(Error::Own)?
            .ok_or(Error::NotSealed)?,
        // Started by this very file, a command line such as `-m pip` is Python's.
        python_program: (own_path()?, Vec::new()),
        cache,
        resolve: ResolveOptions {
            indexes: Indexes {
                index_url: request.index_url.clone(),
                ..Default::default()
            },
            upgrade: request.upgrade,
            offline: request.offline,
            // uv would have to be told which of our command lines is Python.
            only_pip: true,
            ..ResolveOptions::default()
        },
        development: None,
        record: None,
        version: VERSION,
    })
}

fn own_path() -> Result<PathBuf, Error> {
    let path = std::env::current_exe()?;
    // A file that was replaced while it runs is still there under a name of the kernel's.
    if path.exists() {
        Ok(path)
    } else {
        Ok(Path::new("/proc/self/exe").into())
    }
}

//! CPython, and the libraries that its standard modules link.

use std::path::Path;

use serde::Deserialize;

use super::{Component, Components};
use crate::error::{Error, Result};

/// What every app has of it.
const PART: &str = "python";

/// Debian's packages of libraries: their own names, and their licences as their makers state them.
const LIBRARIES: [(&str, &str, &str); 11] = [
    (
        "libbsd-dev",
        "libbsd",
        "BSD-3-Clause AND BSD-2-Clause AND ISC",
    ),
    ("libbz2-dev", "bzip2", "bzip2-1.0.6"),
    ("libedit-dev", "libedit", "BSD-3-Clause"),
    ("libffi-dev", "libffi", "MIT"),
    ("liblzma-dev", "xz", "LicenseRef-Public-Domain"),
    ("libmd-dev", "libmd", "BSD-3-Clause AND BSD-2-Clause"),
    (
        "libncurses-dev",
        "ncurses",
        "X11-distribute-modifications-variant",
    ),
    ("libsqlite3-dev", "sqlite", "blessing"),
    ("libssl-dev", "openssl", "Apache-2.0"),
    ("uuid-dev", "libuuid", "BSD-3-Clause"),
    ("zlib1g-dev", "zlib", "Zlib"),
];

#[derive(Deserialize)]
struct Link {
    version: String,
    patches: Vec<String>,
}

pub(super) fn add(home: &Path, all: &mut Components) -> Result<()> {
    let link = home.join("link.json");
    let link: Link =
        serde_json::from_slice(&fs_err::read(&link)?).map_err(|e| Error::Unexpected {
            what: format!("{}: {e}", link.display()),
        })?;
    let licences = home.join("licenses");
    let mut texts = vec![all.text(&fs_err::read_to_string(home.join("LICENSE"))?)];
    texts.push(all.text(&fs_err::read_to_string(licences.join("cpython-parts.rst"))?));
    all.add(
        PART,
        Component {
            name: "cpython".into(),
            purl: format!("pkg:generic/cpython@{}", link.version),
            version: link.version,
            license: Some("PSF-2.0".into()),
            texts,
            patches: link.patches,
        },
    );
    let inputs = fs_err::read_to_string(home.join("inputs.txt"))?;
    let system = fs_err::read_to_string("/etc/os-release").unwrap_or_default();
    for (package, version) in libraries(&inputs) {
        let known = LIBRARIES.iter().find(|known| known.0 == package);
        let text = licences.join(format!("{package}.txt"));
        let texts = if text.is_file() {
            vec![all.text(&String::from_utf8_lossy(&fs_err::read(text)?))]
        } else {
            Vec::new()
        };
        all.add(
            PART,
            Component {
                name: known.map_or(package, |k| k.1).into(),
                version: version.into(),
                license: known.map(|k| k.2.to_owned()),
                purl: purl(&system, package, version),
                texts,
                patches: Vec::new(),
            },
        );
    }
    Ok(())
}

/// The libraries that CPython was built with, and their versions.
fn libraries(inputs: &str) -> impl Iterator<Item = (&str, &str)> {
    inputs
        .lines()
        .filter_map(|l| l.strip_prefix("library ")?.split_once(' '))
}

/// The name of a system's package in databases of vulnerabilities.
fn purl(os_release: &str, package: &str, version: &str) -> String {
    let id = os_release.lines().find_map(|l| l.strip_prefix("ID="));
    let id = id.map(|id| id.trim_matches('"')).unwrap_or_default();
    let version = version.replace(':', "%3A").replace('+', "%2B");
    match id {
        "debian" | "ubuntu" => format!("pkg:deb/{id}/{package}@{version}"),
        "fedora" | "rhel" | "centos" | "opensuse" => format!("pkg:rpm/{id}/{package}@{version}"),
        "arch" => format!("pkg:alpm/arch/{package}@{version}"),
        _ => format!("pkg:generic/{package}@{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_have_the_names_that_databases_know() {
        let inputs =
            "recipe 2\nlibrary zlib1g-dev 1:1.2.13.dfsg-1\nlibrary libbz2-dev 1.0.8-5+b1\n";
        let system = "NAME=x\nID=debian\nID_LIKE=y\n";
        let found: Vec<_> = libraries(inputs).map(|(p, v)| purl(system, p, v)).collect();
        assert_eq!(
            found,
            [
                "pkg:deb/debian/zlib1g-dev@1%3A1.2.13.dfsg-1",
                "pkg:deb/debian/libbz2-dev@1.0.8-5%2Bb1"
            ]
        );
        assert_eq!(purl("", "zlib", "1.3"), "pkg:generic/zlib@1.3");
    }
}

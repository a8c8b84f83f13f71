//! Debian's source package, through the machine's own apt: its mirror, its keyring, its proxies.
//!
//! A temporary configuration adds a deb-src line; nothing of the machine's apt state is changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::recipe;
use crate::error::{Error, Result};
use crate::process;

/// The suite that ships the pinned version.
const SUITE: &str = "trixie";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The archive and the patches.
    All,
    Patches,
}

/// A place that the machine gets its own packages from.
#[derive(Debug, PartialEq, Eq)]
struct Mirror {
    uri: String,
    signed_by: Option<String>,
}

/// Downloads into `folder`; returns where the files are.
pub fn download(folder: &Path, wanted: Wanted) -> Result<PathBuf> {
    if !process::on_path("apt-get") {
        return Err(Error::MissingTool {
            tool: "apt-get",
            install: "a Debian system",
        });
    }
    let mut outcome = Err(Error::Unexpected {
        what: "the apt configuration (no archive with a `main` component)".to_string(),
    });
    for mirror in mirrors()? {
        outcome = download_from(&mirror, folder, wanted);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn download_from(mirror: &Mirror, folder: &Path, wanted: Wanted) -> Result<PathBuf> {
    let files = folder.join("files");
    for sub in ["lists/partial", "cache/archives/partial", "files"] {
        fs_err::create_dir_all(folder.join(sub))?;
    }
    let list = folder.join("source.list");
    fs_err::write(&list, mirror.source_line())?;
    let apt = || {
        let mut command = Command::new("apt-get");
        let option = |name: &str, path: &Path| format!("{name}={}", path.display());
        command.args(["-q", "-o", "Dir::Etc::sourceparts=/dev/null"]);
        command.args(["-o", "Acquire::Languages=none", "-o", "Acquire::Retries=2"]);
        command.arg("-o").arg(option("Dir::Etc::sourcelist", &list));
        command
            .arg("-o")
            .arg(option("Dir::State::lists", &folder.join("lists")));
        command
            .arg("-o")
            .arg(option("Dir::Cache", &folder.join("cache")));
        command.current_dir(&files);
        command
    };
    process::capture(apt().arg("update"))?;
    let mut source = apt();
    source.args(["source", "--download-only"]);
    if wanted == Wanted::Patches {
        source.arg("--diff-only");
    }
    process::capture(source.arg(format!("python{}", recipe::SERIES)))?;
    Ok(files)
}

impl Mirror {
    fn source_line(&self) -> String {
        let options = self
            .signed_by
            .as_ref()
            .map(|key| format!("[signed-by={key}] "));
        format!(
            "deb-src {}{} {SUITE} main\n",
            options.unwrap_or_default(),
            self.uri
        )
    }
}

/// The archives in the machine's apt configuration, in its order.
fn mirrors() -> Result<Vec<Mirror>> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs_err::read_dir("/etc/apt/sources.list.d") {
        let mut more: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        more.sort();
        files.extend(more);
    }
    let mut mirrors = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let text = fs_err::read_to_string(file)?;
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => mirrors.extend(one_line_style(&text)),
            Some("sources") => mirrors.extend(deb822_style(&text)),
            _ => {}
        }
    }
    let mut seen = Vec::new();
    mirrors.retain(|mirror: &Mirror| {
        let new = !seen.contains(&mirror.uri);
        seen.push(mirror.uri.clone());
        new
    });
    Ok(mirrors)
}

/// `deb [signed-by=KEY] URI SUITE COMPONENT...`
fn one_line_style(text: &str) -> Vec<Mirror> {
    let mirror = |line: &str| {
        let rest = line.trim().strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mut words = rest.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        let key = options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="));
        let wanted = usable(uri, suite, words.any(|word| word == "main"));
        wanted.then(|| Mirror {
            uri: uri.to_string(),
            signed_by: key.map(ToString::to_string),
        })
    };
    text.lines().filter_map(mirror).collect()
}

/// Paragraphs of `Field: value`.
fn deb822_style(text: &str) -> Vec<Mirror> {
    let plain: String = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let mirror = |paragraph: &str| {
        let field = |name: &str| {
            paragraph.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let has = |name: &str, word: &str| {
            field(name).is_some_and(|value| value.split_whitespace().any(|each| each == word))
        };
        let uri = field("URIs")?.split_whitespace().next()?;
        let suite = field("Suites")?.split_whitespace().next()?;
        let on = has("Types", "deb") && !has("Enabled", "no");
        // A key may also stand in the file itself; then apt's trusted keys have to do.
        let key = field("Signed-By").filter(|key| key.starts_with('/'));
        let wanted = on && usable(uri, suite, has("Components", "main"));
        wanted.then(|| Mirror {
            uri: uri.to_string(),
            signed_by: key.map(ToString::to_string),
        })
    };
    plain.split("\n\n").filter_map(mirror).collect()
}

/// The distribution's main archive: not its security one, not a third party's.
fn usable(uri: &str, suite: &str, main: bool) -> bool {
    main && !uri.contains("security") && !suite.contains('/') && !suite.contains("security")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror(uri: &str, key: Option<&str>) -> Mirror {
        Mirror {
            uri: uri.to_string(),
            signed_by: key.map(ToString::to_string),
        }
    }

    #[test]
    fn deb822_paragraphs() {
        let text = "\
Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://other.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example/apt
Suites: stable
Components: vendor
";
        let expected = mirror(
            "http://mirror.example/debian",
            Some("/usr/share/keyrings/debian.gpg"),
        );
        assert_eq!(deb822_style(text), [expected]);
    }

    #[test]
    fn one_line_entries() {
        let text = "\
# deb http://no.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib
deb http://b.example/debian bookworm main
deb http://b.example/debian-security bookworm-security main
deb http://vendor.example/ ./
";
        let a = mirror("http://a.example/debian", Some("/k.gpg"));
        assert_eq!(
            one_line_style(text),
            [a, mirror("http://b.example/debian", None)]
        );
    }

    #[test]
    fn the_source_line_keeps_the_keyring() {
        let line = mirror("http://a.example/debian", Some("/k.gpg")).source_line();
        assert_eq!(
            line,
            "deb-src [signed-by=/k.gpg] http://a.example/debian trixie main\n"
        );
    }
}

//! Arguments of pip, as recipes give them: what is asked for, which paths are named, and which options have
//! a meaning here.

use std::path::PathBuf;

use super::current;
use super::error::Fail;
use super::near::nearest;
use super::paths::Project;

/// What arguments come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pip {
    /// Requirements as written; paths are absolute.
    pub requirements: Vec<String>,
    /// Files of requirements.
    pub files: Vec<PathBuf>,
    /// Files of constraints.
    pub constraints: Vec<PathBuf>,
    /// `--index-url`
    pub index_url: Option<String>,
    /// `--extra-index-url`
    pub extra_index_urls: Vec<String>,
    /// `--find-links`; paths are absolute.
    pub find_links: Vec<String>,
    /// `--no-deps`
    pub no_dependencies: bool,
    /// `--pre`
    pub pre_releases: bool,
    /// `--upgrade`
    pub upgrade: bool,
    /// `--no-index`
    pub no_index: bool,
    /// `--require-hashes`
    pub require_hashes: bool,
}

/// Options that change nothing in what is installed, or that are always so.
const WITHOUT_EFFECT: &[&str] = &[
    "-v",
    "-vv",
    "-vvv",
    "--verbose",
    "-q",
    "-qq",
    "--quiet",
    "--no-compile",
    "--no-cache-dir",
    "--no-warn-script-location",
    "--no-warn-conflicts",
    "--disable-pip-version-check",
    "--no-input",
    "--no-color",
    "--prefer-binary",
    "--use-pep517",
    "--ignore-installed",
    "-I",
    "--force-reinstall",
    "--isolated",
    "--break-system-packages",
    "--no-python-version-warning",
];

/// The same with a value.
const VALUE_WITHOUT_EFFECT: &[&str] = &[
    "--progress-bar",
    "--log",
    "--cache-dir",
    "--retries",
    "--timeout",
    "--exists-action",
    "--root-user-action",
    "--use-feature",
    "--use-deprecated",
];

/// Options that mean something else here, and what.
const EXPLAINED: &[(&str, bool, &str)] = &[
    (
        "--only-binary",
        true,
        "packages of the index are always taken as wheels",
    ),
    (
        "--no-binary",
        true,
        "packages of the index are always taken as wheels; build one with `pip wheel` and name it \
      with --find-links",
    ),
    (
        "--no-build-isolation",
        false,
        "projects are built with what their pyproject.toml asks for",
    ),
    (
        "--platform",
        true,
        "packages are for the machine that the file is sealed for",
    ),
    (
        "--python-version",
        true,
        "packages are for the Python that is sealed",
    ),
    (
        "--implementation",
        true,
        "packages are for the Python that is sealed",
    ),
    ("--abi", true, "packages are for the Python that is sealed"),
    (
        "--no-use-pep517",
        false,
        "projects are built through PEP 517",
    ),
    ("--dest", true, "wheels are kept in the cache"),
    ("-d", true, "wheels are kept in the cache"),
    (
        "--trusted-host",
        true,
        "set PIP_TRUSTED_HOST where `pyxidium build` runs, if the index needs it",
    ),
    (
        "--config-settings",
        true,
        "settings for a build are not handed on; write them into the project's pyproject.toml",
    ),
    (
        "--global-option",
        true,
        "options for setup.py are not handed on; write them into the project's pyproject.toml",
    ),
    (
        "--install-option",
        true,
        "options for setup.py are not handed on; write them into the project's pyproject.toml",
    ),
];

/// Options that lay packages down elsewhere.
const ELSEWHERE: &[&str] = &[
    "--target", "-t", "--prefix", "--root", "--user", "--python", "--src", "--report",
];

/// Options with a value that are known.
const WITH_VALUE: &[(&str, &str)] = &[
    ("-r", "--requirement"),
    ("-c", "--constraint"),
    ("-i", "--index-url"),
    ("", "--extra-index-url"),
    ("-f", "--find-links"),
    ("-e", "--editable"),
];

const FLAGS: &[&str] = &[
    "--no-deps",
    "--pre",
    "--upgrade",
    "-U",
    "--no-index",
    "--require-hashes",
];

impl Pip {
    /// Reads arguments.
    pub(super) fn read(arguments: &[String], project: &Project) -> Result<Self, Fail> {
        let mut pip = Self::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if !word.starts_with('-') {
                let requirement = requirement(word, project)?;
                pip.requirements.push(requirement);
                continue;
            }
            let (name, mut value) = split(word);
            let mut value_of = |name: &str| -> Result<String, Fail> {
                match value.take().or_else(|| rest.next().cloned()) {
                    Some(value) => Ok(value),
                    None => Err(Fail::new(format!("{name} needs a value"))),
                }
            };
            match name.as_str() {
                "--requirement" => pip.files.push(project.existing(&value_of(&name)?)?),
                "--constraint" => pip.constraints.push(project.existing(&value_of(&name)?)?),
                "--index-url" => pip.index_url = Some(value_of(&name)?),
                "--extra-index-url" => pip.extra_index_urls.push(value_of(&name)?),
                "--find-links" => {
                    let place = value_of(&name)?;
                    pip.find_links.push(if place.contains("://") {
                        place
                    } else {
                        project.existing(&place)?.display().to_string()
                    });
                }
                "--editable" => {
                    let path = value_of(&name)?;
                    current::explain(
                        "pip_install with -e",
                        "a sealed file holds a copy of the project; for a change to show at once, run `pyxidium dev`",
                    );
                    pip.requirements.push(requirement(&path, project)?);
                }
                "--no-deps" => pip.no_dependencies = true,
                "--pre" => pip.pre_releases = true,
                "--upgrade" | "-U" => pip.upgrade = true,
                "--no-index" => pip.no_index = true,
                "--require-hashes" => pip.require_hashes = true,
                name if WITHOUT_EFFECT.contains(&name) => {}
                name if VALUE_WITHOUT_EFFECT.contains(&name) => drop(value_of(name)?),
                name if ELSEWHERE.contains(&name) => {
                    return Err(Fail::new(format!("{name} has no place here"))
                        .hint("leave it out: packages go into the sealed file"));
                }
                name => explained(name, &mut value_of)?,
            }
        }
        Ok(pip)
    }
}

fn explained(
    name: &str,
    value_of: &mut dyn FnMut(&str) -> Result<String, Fail>,
) -> Result<(), Fail> {
    let Some((_, with_value, text)) = EXPLAINED.iter().find(|(n, ..)| *n == name) else {
        let known = FLAGS
            .iter()
            .copied()
            .chain(WITH_VALUE.iter().flat_map(|(s, l)| [*s, *l]))
            .chain(EXPLAINED.iter().map(|(n, ..)| *n));
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean {near}?"),
            None => "options that are known: -r, -c, --index-url, --extra-index-url, --find-links, --no-deps, \
                     --pre, --upgrade, --no-index, --require-hashes"
                .into(),
        };
        return Err(Fail::new(format!("pip's option {name} is not known here")).hint(hint));
    };
    if *with_value {
        value_of(name)?;
    }
    current::explain(&format!("pip's {name}"), *text);
    Ok(())
}

/// `--name=value`, `-rvalue`; short names as long ones.
fn split(word: &str) -> (String, Option<String>) {
    if let Some((name, value)) = word.split_once('=').filter(|(n, _)| n.starts_with("--")) {
        return (name.to_owned(), Some(value.to_owned()));
    }
    for (short, long) in WITH_VALUE {
        if !short.is_empty() && !word.starts_with("--") && word.starts_with(short) {
            let value = &word[short.len()..];
            return (
                (*long).to_owned(),
                (!value.is_empty()).then(|| value.to_owned()),
            );
        }
    }
    (word.to_owned(), None)
}

/// A requirement, or the path of a project or wheel.
fn requirement(word: &str, project: &Project) -> Result<String, Fail> {
    let text = word.trim();
    let (path, extras) = match text.split_once('[') {
        Some((path, extras)) => (path, format!("[{extras}")),
        None => (text, String::new()),
    };
    let is_path =
        path.starts_with(['.', '/', '~']) || path.ends_with(".whl") || path.ends_with(".tar.gz");
    let is_path = (is_path || (path.contains('/') && !path.contains('@'))) && !text.contains("://");
    if is_path {
        let path = project.existing(path)?;
        return Ok(format!("{}{extras}", path.display()));
    }
    if let Some(rest) = text.strip_prefix("file://") {
        let path = project.existing(rest)?;
        return Ok(path.display().to_string());
    }
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || text.contains(['\n', '\r', '\0']) {
        return Err(Fail::new(format!("`{text}` is not a requirement"))
            .hint("write it as in pip_install([\"numpy>=2\", \"-r\", \"requirements.txt\"])"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Pip, Fail> {
        let dir = tempfile::tempdir().unwrap();
        let folder = fs_err::canonicalize(dir.path()).unwrap();
        fs_err::write(folder.join("r.txt"), "").unwrap();
        let project = Project {
            folder,
            allow_outside: false,
        };
        let arguments: Vec<_> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Pip::read(&arguments, &project)
    }

    #[test]
    fn options_in_all_spellings() {
        let pip = read(&[
            "numpy>=2",
            "-rr.txt",
            "--requirement",
            "r.txt",
            "--requirement=r.txt",
            "-U",
            "--verbose",
            "--no-deps",
            "--extra-index-url=https://x.invalid/simple",
            "--pre",
            ".[extra]",
            "--timeout",
            "3",
        ])
        .unwrap();
        assert_eq!(pip.files.len(), 3);
        assert!(pip.upgrade && pip.no_dependencies && pip.pre_releases && !pip.no_index);
        assert_eq!(pip.requirements[0], "numpy>=2");
        assert!(pip.requirements[1].starts_with('/') && pip.requirements[1].ends_with("[extra]"));
        assert_eq!(pip.requirements.len(), 2);
        assert_eq!(pip.extra_index_urls, ["https://x.invalid/simple"]);
    }

    #[test]
    fn what_is_refused() {
        for (bad, message, hint) in [
            (
                &["--target", "x"][..],
                "--target has no place here",
                "leave it out",
            ),
            (&["-r"], "--requirement needs a value", ""),
            (&["-r", "none.txt"], "does not exist", "CWD"),
            (
                &["-r", "/etc/passwd"],
                "leaves the project",
                "--allow-outside",
            ),
            (
                &["--no-dep"],
                "option --no-dep is not known",
                "did you mean --no-deps?",
            ),
            (
                &["x\n--index-url=http://y"],
                "is not a requirement",
                "numpy>=2",
            ),
            (&["../other"], "leaves the project", ""),
        ] {
            let fail = read(bad).unwrap_err();
            assert!(fail.message.contains(message), "{bad:?}: {}", fail.message);
            assert!(fail.hint.unwrap_or_default().contains(hint), "{bad:?}");
        }
    }
}

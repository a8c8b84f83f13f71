//! What a resolution or a pack depends on, as a hash: names in the cache are keys made here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use recipe::{Origin, Requirement};

use super::Options;
use crate::pack::{self, Input, PackInfo};
use crate::{Error, Python};

/// Environment variables of the installers that change what they find.
const VARIABLES: [&str; 14] = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_CONSTRAINT",
    "PIP_PRE",
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
    "UV_CONSTRAINT",
    "UV_PRERELEASE",
];

/// Everything that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Requirements with their places, for messages.
    pub(crate) requirements: Vec<Requirement>,
    /// Whether the same text means the same packages: not so for a folder of sources.
    pub(crate) fixed: bool,
    text: String,
}

/// Reads requirements and the files of requirements, with those that they name.
pub(crate) fn read(stated: &[Requirement], files: &[PathBuf]) -> Result<Asked, Error> {
    let mut asked = Asked {
        fixed: true,
        ..Asked::default()
    };
    for requirement in stated {
        asked.add(
            &requirement.text,
            Path::new("."),
            requirement.origin.clone(),
        );
    }
    let mut seen = BTreeSet::new();
    for file in files {
        asked.file(file, &mut seen)?;
    }
    Ok(asked)
}

impl Asked {
    fn file(&mut self, path: &Path, seen: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
        if !seen.insert(path.to_owned()) {
            return Ok(());
        }
        let bytes = fs_err::read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let folder = path.parent().unwrap_or(Path::new("."));
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let nested = ["-r", "--requirement", "-c", "--constraint"]
                .iter()
                .find_map(|option| {
                    let rest = line.strip_prefix(option)?;
                    rest.starts_with([' ', '=', '\t'])
                        .then(|| rest.trim_start_matches([' ', '=', '\t']))
                });
            if let Some(nested) = nested {
                let nested = folder.join(nested);
                if nested.is_file() {
                    self.file(&nested, seen)?;
                }
            }
            self.add(
                line,
                folder,
                Origin {
                    path: path.to_owned(),
                    line: i + 1,
                },
            );
        }
        Ok(())
    }

    fn add(&mut self, line: &str, folder: &Path, origin: Origin) {
        self.text.push_str(line);
        self.text.push('\n');
        // Paths: a wheel's content counts, a folder of sources is looked at again every time.
        for word in line
            .split([' ', '@', '='])
            .map(|w| w.trim_start_matches("file://"))
        {
            if !(word.contains('/') || word.ends_with(".whl") || word == ".")
                || word.contains("://")
            {
                continue;
            }
            let path = folder.join(word);
            if path.is_dir() && !line.starts_with("-f") && !line.starts_with("--find-links") {
                self.fixed = false;
            } else if let Ok(bytes) = std::fs::read(&path) {
                self.text.push_str(&blake3::hash(&bytes).to_hex());
            }
        }
        if !line.starts_with('-') {
            // Hashes are no part of what an installer, or a message, calls it.
            let text = line.split(" --").next().unwrap_or(line).trim();
            self.requirements.push(Requirement {
                text: text.to_owned(),
                origin,
            });
        }
    }

    /// The key of the answer.
    pub(crate) fn key(&self, python: &Python, options: &Options) -> String {
        let indexes = &options.indexes;
        let mut hash = blake3::Hasher::new();
        let mut part = |text: &str| {
            hash.update(&(text.len() as u64).to_le_bytes())
                .update(text.as_bytes());
        };
        part(pack::RECIPE);
        part(&python.key);
        part(&self.text);
        part(indexes.index_url.as_deref().unwrap_or_default());
        indexes.extra_index_urls.iter().for_each(|u| part(u));
        for folder in &indexes.find_links {
            part(folder);
            part(&listing(Path::new(folder)));
        }
        for argument in &options.extra {
            part(argument);
            // A file of constraints.
            if let Ok(text) = std::fs::read_to_string(argument) {
                part(&text);
            }
        }
        for (name, value) in &options.environment {
            part(name);
            part(value);
        }
        for name in VARIABLES {
            part(&std::env::var(name).unwrap_or_default());
        }
        hash.finalize().to_hex()[..40].to_owned()
    }
}

/// Names and sizes of a folder's files: a wheel that was added may be the newer one.
fn listing(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return String::new();
    };
    let mut lines: Vec<String> = entries
        .flatten()
        .map(|e| {
            format!(
                "{:?} {}",
                e.file_name(),
                e.metadata().map_or(0, |m| m.len())
            )
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

/// The key of the pack of these files.
pub(crate) fn of_pack(python: &Python, info: &PackInfo, inputs: &[Input]) -> String {
    let mut hash = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes())
            .update(bytes);
    };
    part(pack::RECIPE.as_bytes());
    part(python.key.as_bytes());
    if info.compute {
        part(b"compute");
    }
    if info.oxidized {
        part(b"oxidized_importer");
    }
    for input in inputs {
        part(input.path.as_bytes());
        part(&[u8::from(input.executable)]);
        part(blake3::hash(&input.data).as_bytes());
        // Libraries of other packages may be among them.
        input.needs.iter().for_each(|n| part(n.as_bytes()));
    }
    let key = hash.finalize().to_hex();
    // The name is for people who look into the folder.
    format!(
        "{}-{}-{}",
        plain(&info.name),
        plain(&info.version),
        &key[..32]
    )
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "._+".contains(*c))
        .take(60)
        .collect()
}

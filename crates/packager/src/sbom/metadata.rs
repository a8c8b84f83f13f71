//! A package's METADATA, whose head is like that of a mail.

/// What is asked of it.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: Option<String>,
    /// Normalized names of what it requires always, whatever the machine.
    pub(super) requires: Vec<String>,
}

impl Metadata {
    pub(super) fn parse(text: &str) -> Self {
        let mut metadata = Self::default();
        for line in text.lines().take_while(|l| !l.is_empty()) {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match key.to_ascii_lowercase().as_str() {
                "name" => metadata.name = value.into(),
                "version" => metadata.version = value.into(),
                "summary" if value != "UNKNOWN" => metadata.summary = Some(value.into()),
                "requires-dist" if !is_extra(value) => {
                    let end =
                        value.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
                    metadata
                        .requires
                        .push(normalized(&value[..end.unwrap_or(value.len())]));
                }
                _ => {}
            }
        }
        metadata
    }

    /// The package URL.
    pub(super) fn purl(&self) -> String {
        format!(
            "pkg:pypi/{}@{}",
            normalized(&self.name),
            self.version.replace('+', "%2B").replace('!', "%21")
        )
    }
}

/// Whether a requirement is one of an extra, which may not have been asked for.
fn is_extra(requirement: &str) -> bool {
    requirement.split_once(';').is_some_and(|(_, marker)| {
        marker
            .split(|c: char| !c.is_alphanumeric())
            .any(|w| w == "extra")
    })
}

/// A name as indexes compare it: PEP 503.
pub(super) fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether a file among the metadata is a licence, or what has to be passed on with one.
pub(super) fn is_licence(file: &str) -> bool {
    // Where PEP 639 puts them, under whatever name.
    if file.starts_with("licenses/") || file.starts_with("license_files/") {
        return true;
    }
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_uppercase();
    let words = [
        "LICENSE",
        "LICENCE",
        "COPYING",
        "COPYRIGHT",
        "NOTICE",
        "UNLICENSE",
        "AUTHORS",
    ];
    words.iter().any(|w| name.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_metadata() {
        let text = "Metadata-Version: 2.4\nName: My.Package\nVersion: 1!2.0+local\nSummary: Does: things\n\
                    Requires-Dist: numpy>=2\nRequires-Dist: tz_data; sys_platform == \"win32\"\n\
                    Requires-Dist: pytest[x] (>=7); extra == 'test'\n\nName: not the head\n";
        let metadata = Metadata::parse(text);
        assert_eq!(metadata.purl(), "pkg:pypi/my-package@1%212.0%2Blocal");
        assert_eq!(metadata.summary.as_deref(), Some("Does: things"));
        assert_eq!(metadata.requires, ["numpy", "tz-data"]);
    }

    #[test]
    fn files_with_licences() {
        for (file, expected) in [
            ("LICENSE", true),
            ("licenses/numpy/LICENSE.txt", true),
            ("licenses/anything", true),
            ("COPYING.LESSER", true),
            ("NOTICE.md", true),
            ("METADATA", false),
            ("entry_points.txt", false),
        ] {
            assert_eq!(is_licence(file), expected, "{file}");
        }
    }
}

//! What the package manager answered: which packages are there, in which version.

use std::collections::BTreeSet;

use super::manager::Manager;
use super::needs::NEEDS;

/// The answer of the package manager: (name, version).
pub struct Installed(Vec<(String, String)>);

impl Installed {
    /// Lines of `ii  name version`; anything but `ii` is not really installed.
    pub fn from_dpkg(answer: &str) -> Self {
        let entry = |line: &str| {
            let mut words = line.split_whitespace();
            (words.next()? == "ii").then(|| pair(words.next(), words.next()))?
        };
        Installed(answer.lines().filter_map(entry).collect())
    }

    pub fn from_pacman(answer: &str) -> Self {
        let entry = |line: &str| {
            let mut words = line.split_whitespace();
            pair(words.next(), words.next())
        };
        Installed(answer.lines().filter_map(entry).collect())
    }

    /// rpm answers with the *providing* package, whose name may differ from what was asked
    /// (`zlib-ng-compat-devel` for `zlib-devel`), in the order of the questions.
    pub fn from_rpm(answer: &str, asked: &BTreeSet<&str>) -> Self {
        let absent: BTreeSet<&str> = answer
            .lines()
            .filter_map(|line| line.strip_prefix("no package provides "))
            .collect();
        let mut versions = answer
            .lines()
            .filter(|line| !line.starts_with("no package provides"));
        let present = asked.iter().filter(|name| !absent.contains(*name));
        let entries = present.map(|name| {
            (
                name.to_string(),
                versions.next().unwrap_or_default().replace(' ', "="),
            )
        });
        Installed(entries.collect())
    }

    fn has(&self, package: &str) -> bool {
        self.0.iter().any(|(name, _)| name == package)
    }

    pub fn missing(&self, manager: Manager) -> Vec<&'static str> {
        manager
            .all_packages()
            .into_iter()
            .filter(|package| !self.has(package))
            .collect()
    }

    pub fn libraries(&self, manager: Manager) -> Vec<String> {
        let wanted: BTreeSet<&str> = NEEDS
            .iter()
            .filter(|need| need.library)
            .flat_map(|need| need.packages(manager))
            .copied()
            .collect();
        let found = self
            .0
            .iter()
            .filter(|(name, _)| wanted.contains(name.as_str()));
        let mut lines: Vec<String> = found
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        lines.sort();
        lines.dedup();
        lines
    }
}

fn pair(name: Option<&str>, version: Option<&str>) -> Option<(String, String)> {
    Some((name?.to_string(), version?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dpkg_counts_only_what_is_really_installed() {
        let state = Installed::from_dpkg("ii  gcc 4:12.2.0-3\nrc  make 4.3-4.1\nun  patch \n");
        assert!(state.has("gcc") && !state.has("make") && !state.has("patch"));
        let missing = state.missing(Manager::Apt);
        assert!(missing.contains(&"make") && !missing.contains(&"gcc"));
    }

    #[test]
    fn rpm_may_answer_with_another_name() {
        let asked = BTreeSet::from(["gcc", "patch", "zlib-devel"]);
        let answer = "gcc 14.2-1\nno package provides patch\nzlib-ng-compat-devel 2.2-3\n";
        let state = Installed::from_rpm(answer, &asked);
        assert!(state.has("gcc") && state.has("zlib-devel") && !state.has("patch"));
    }

    #[test]
    fn only_libraries_go_into_the_key() {
        let state = Installed::from_pacman("gcc 14.2-1\nzlib 1.3-2\nopenssl 3.4-1\n");
        assert_eq!(
            state.libraries(Manager::Pacman),
            ["openssl 3.4-1", "zlib 1.3-2"]
        );
    }
}

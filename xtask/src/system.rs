//! `system`: the system packages that the builds need, and how each distribution names them.
//!
//! Says what is missing before it installs anything. Never installs behind a password prompt:
//! without root or a password-free `sudo` it prints the command and stops.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::Context;
use crate::error::{Error, Result};
use crate::process;

/// The package managers that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Apt,
    Dnf,
    Pacman,
    Zypper,
}

/// One thing that is needed, and the packages it comes in.
struct Need {
    /// Its version decides how CPython is built, so it goes into the cache key.
    library: bool,
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
    zypper: &'static [&'static str],
}

const fn need(
    library: bool,
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
    zypper: &'static [&'static str],
) -> Need {
    Need {
        library,
        apt,
        dnf,
        pacman,
        zypper,
    }
}

/// On Debian and Ubuntu the -dev packages carry static archives; elsewhere these libraries are
/// linked dynamically (see `python/link.rs`).
const NEEDS: &[Need] = &[
    need(
        false,
        &["gcc", "libc6-dev"],
        &["gcc", "glibc-devel"],
        &["gcc"],
        &["gcc", "glibc-devel"],
    ),
    need(false, &["make"], &["make"], &["make"], &["make"]),
    need(
        false,
        &["binutils"],
        &["binutils"],
        &["binutils"],
        &["binutils"],
    ),
    need(false, &["patch"], &["patch"], &["patch"], &["patch"]),
    need(false, &["tar"], &["tar"], &["tar"], &["tar"]),
    need(false, &["xz-utils"], &["xz"], &["xz"], &["xz"]),
    need(
        false,
        &["pkg-config"],
        &["pkgconf-pkg-config"],
        &["pkgconf"],
        &["pkg-config"],
    ),
    need(
        false,
        &["ca-certificates"],
        &["ca-certificates"],
        &["ca-certificates"],
        &["ca-certificates"],
    ),
    need(
        true,
        &["libssl-dev"],
        &["openssl-devel"],
        &["openssl"],
        &["libopenssl-devel"],
    ),
    need(
        true,
        &["libsqlite3-dev"],
        &["sqlite-devel"],
        &["sqlite"],
        &["sqlite3-devel"],
    ),
    need(
        true,
        &["libffi-dev"],
        &["libffi-devel"],
        &["libffi"],
        &["libffi-devel"],
    ),
    need(
        true,
        &["liblzma-dev"],
        &["xz-devel"],
        &["xz"],
        &["xz-devel"],
    ),
    need(
        true,
        &["libbz2-dev"],
        &["bzip2-devel"],
        &["bzip2"],
        &["libbz2-devel"],
    ),
    need(
        true,
        &["zlib1g-dev"],
        &["zlib-devel"],
        &["zlib"],
        &["zlib-devel"],
    ),
    need(
        true,
        &["uuid-dev"],
        &["libuuid-devel"],
        &["util-linux-libs"],
        &["libuuid-devel"],
    ),
    need(
        true,
        &["libncurses-dev"],
        &["ncurses-devel"],
        &["ncurses"],
        &["ncurses-devel"],
    ),
    need(
        true,
        &["libedit-dev", "libbsd-dev", "libmd-dev"],
        &["libedit-devel"],
        &["libedit"],
        &["libedit-devel"],
    ),
    // For the end-to-end tests.
    need(false, &["strace"], &["strace"], &["strace"], &["strace"]),
    need(
        false,
        &["patchelf"],
        &["patchelf"],
        &["patchelf"],
        &["patchelf"],
    ),
];

/// What is installed of what is needed.
#[derive(Default)]
pub struct System {
    /// `name version` of the libraries that CPython is linked with.
    pub libraries: Vec<String>,
}

/// Makes sure that everything is installed.
pub fn run(context: &Context) -> Result<System> {
    let printer = &context.printer;
    let os_release = fs_err::read_to_string("/etc/os-release").unwrap_or_default();
    let Some(manager) = Manager::detect(&os_release, process::on_path) else {
        printer
            .warn("no package manager that this tool knows; taking the system packages as given");
        return Ok(System::default());
    };
    let mut state = manager.query()?;
    let missing = state.missing(manager);
    if !missing.is_empty() {
        printer.note(format!(
            "system packages are missing: {}",
            missing.join(" ")
        ));
        manager.install(context, &missing)?;
        state = manager.query()?;
        let still = state.missing(manager);
        if !still.is_empty() {
            let command = process::shown(&manager.install_command(&still));
            let packages = still.iter().map(ToString::to_string).collect();
            return Err(Error::MissingPackages { packages, command });
        }
    }
    Ok(System {
        libraries: state.libraries(manager),
    })
}

impl Manager {
    /// By what the distribution says of itself, then by which program there is.
    fn detect(os_release: &str, has: impl Fn(&str) -> bool) -> Option<Self> {
        let value = |key: &str| {
            let line = os_release
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default()
                .trim_matches(['"', '\''])
                .to_lowercase()
        };
        let names = format!("{} {}", value("ID"), value("ID_LIKE"));
        let by_name = names.split_whitespace().find_map(|name| match name {
            "debian" | "ubuntu" => Some(Manager::Apt),
            "fedora" | "rhel" | "centos" => Some(Manager::Dnf),
            "arch" => Some(Manager::Pacman),
            "suse" | "opensuse" => Some(Manager::Zypper),
            _ => None,
        });
        let all = [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Zypper];
        by_name
            .into_iter()
            .chain(all)
            .find(|manager| has(manager.program()))
    }

    fn program(self) -> &'static str {
        match self {
            Manager::Apt => "apt-get",
            Manager::Dnf => "dnf",
            Manager::Pacman => "pacman",
            Manager::Zypper => "zypper",
        }
    }

    fn packages(self, need: &Need) -> &'static [&'static str] {
        match self {
            Manager::Apt => need.apt,
            Manager::Dnf => need.dnf,
            Manager::Pacman => need.pacman,
            Manager::Zypper => need.zypper,
        }
    }

    fn all_packages(self) -> BTreeSet<&'static str> {
        NEEDS
            .iter()
            .flat_map(|need| self.packages(need))
            .copied()
            .collect()
    }

    fn query(self) -> Result<Installed> {
        let mut command = match self {
            Manager::Apt => {
                let mut command = Command::new("dpkg-query");
                command.args(["-W", "-f", "${db:Status-Abbrev} ${Package} ${Version}\n"]);
                command
            }
            Manager::Dnf | Manager::Zypper => {
                let mut command = Command::new("rpm");
                command.args([
                    "-q",
                    "--whatprovides",
                    "--qf",
                    "%{NAME} %{VERSION}-%{RELEASE}\n",
                ]);
                command
            }
            Manager::Pacman => {
                let mut command = Command::new("pacman");
                command.arg("-Q");
                command
            }
        };
        command.args(self.all_packages());
        let answer = process::ask(&mut command)?;
        Ok(match self {
            Manager::Apt => Installed::from_dpkg(&answer),
            Manager::Dnf | Manager::Zypper => Installed::from_rpm(&answer, &self.all_packages()),
            Manager::Pacman => Installed::from_pacman(&answer),
        })
    }

    fn install_command(self, packages: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        match self {
            Manager::Apt => command.args(["install", "-y", "--no-install-recommends"]),
            Manager::Dnf => command.args(["install", "-y"]),
            Manager::Pacman => command.args(["-S", "--needed", "--noconfirm"]),
            Manager::Zypper => command.args(["--non-interactive", "install"]),
        };
        command.args(packages);
        command
    }

    fn install(self, context: &Context, packages: &[&str]) -> Result<()> {
        let install = self.install_command(packages);
        let Some(privilege) = Privilege::find() else {
            return Err(Error::MissingPackages {
                packages: packages.iter().map(ToString::to_string).collect(),
                command: process::shown(&install),
            });
        };
        let run = |command: &Command| {
            context.printer.step("Running", process::shown(command));
            process::inherit(&mut privilege.wrap(command))
        };
        let mut update = Command::new("apt-get");
        update.arg("update");
        let stale = self == Manager::Apt && apt_lists_are_stale();
        if stale {
            run(&update)?;
        }
        let first = run(&install);
        // Lists that look fresh may still name a version which the mirror has replaced.
        if first.is_err() && self == Manager::Apt && !stale {
            run(&update)?;
            return run(&install);
        }
        first
    }
}

/// How we may install.
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn find() -> Option<Self> {
        let id = process::ask(Command::new("id").arg("-u")).unwrap_or_default();
        if id.trim() == "0" {
            return Some(Privilege::Root);
        }
        let sudo = process::capture(Command::new("sudo").args(["-n", "true"]));
        sudo.is_ok().then_some(Privilege::Sudo)
    }

    fn wrap(&self, inner: &Command) -> Command {
        let mut command = match self {
            Privilege::Root => Command::new("env"),
            Privilege::Sudo => {
                let mut command = Command::new("sudo");
                command.args(["-n", "env"]);
                command
            }
        };
        command
            .arg("DEBIAN_FRONTEND=noninteractive")
            .arg(inner.get_program())
            .args(inner.get_args());
        command
    }
}

/// No package lists at all (as in fresh containers), or older than a day.
fn apt_lists_are_stale() -> bool {
    let Ok(entries) = fs_err::read_dir("/var/lib/apt/lists") else {
        return true;
    };
    let newest = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("Packages"))
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .max();
    let age = newest.map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
    age.is_none_or(|age| age > Duration::from_secs(24 * 3600))
}

/// The answer of the package manager: (name, version).
struct Installed(Vec<(String, String)>);

impl Installed {
    /// Lines of `ii  name version`; anything but `ii` is not really installed.
    fn from_dpkg(answer: &str) -> Self {
        let entry = |line: &str| {
            let mut words = line.split_whitespace();
            (words.next()? == "ii").then(|| pair(words.next(), words.next()))?
        };
        Installed(answer.lines().filter_map(entry).collect())
    }

    fn from_pacman(answer: &str) -> Self {
        let entry = |line: &str| {
            let mut words = line.split_whitespace();
            pair(words.next(), words.next())
        };
        Installed(answer.lines().filter_map(entry).collect())
    }

    /// rpm answers with the *providing* package, whose name may differ from what was asked
    /// (`zlib-ng-compat-devel` for `zlib-devel`), in the order of the questions.
    fn from_rpm(answer: &str, asked: &BTreeSet<&str>) -> Self {
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

    fn missing(&self, manager: Manager) -> Vec<&'static str> {
        manager
            .all_packages()
            .into_iter()
            .filter(|package| !self.has(package))
            .collect()
    }

    fn libraries(&self, manager: Manager) -> Vec<String> {
        let wanted: BTreeSet<&str> = NEEDS
            .iter()
            .filter(|need| need.library)
            .flat_map(|need| manager.packages(need))
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

    #[track_caller]
    fn check(os_release: &str, programs: &[&str], expected: Option<Manager>) {
        assert_eq!(
            Manager::detect(os_release, |name| programs.contains(&name)),
            expected
        );
    }

    #[test]
    fn the_distribution_names_its_manager() {
        check("ID=debian\n", &["apt-get"], Some(Manager::Apt));
        check(
            "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
            &["apt-get"],
            Some(Manager::Apt),
        );
        check(
            "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
            &["dnf"],
            Some(Manager::Dnf),
        );
        check(
            "ID=manjaro\nID_LIKE=arch\n",
            &["pacman"],
            Some(Manager::Pacman),
        );
        check(
            "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
            &["zypper"],
            Some(Manager::Zypper),
        );
    }

    #[test]
    fn the_name_decides_before_the_programs_do() {
        check("ID=fedora\n", &["apt-get", "dnf"], Some(Manager::Dnf));
        check("ID=unheard-of\n", &["pacman"], Some(Manager::Pacman));
        check("ID=debian\n", &[], None);
        check("", &[], None);
    }

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

    #[test]
    fn every_manager_has_a_name_for_every_need() {
        for manager in [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Zypper] {
            assert!(NEEDS.iter().all(|need| !manager.packages(need).is_empty()));
            let command = process::shown(&manager.install_command(&["gcc"]));
            assert!(command.starts_with(manager.program()) && command.ends_with(" gcc"));
        }
    }
}

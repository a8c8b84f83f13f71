//! The package managers: which one this machine has, what it is asked, how it installs.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::installed::Installed;
use super::needs::NEEDS;
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

impl Manager {
    /// By what the distribution says of itself, then by which program there is.
    pub fn detect(os_release: &str, has: impl Fn(&str) -> bool) -> Option<Self> {
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

    pub fn all_packages(self) -> BTreeSet<&'static str> {
        NEEDS
            .iter()
            .flat_map(|need| need.packages(self))
            .copied()
            .collect()
    }

    pub fn query(self) -> Result<Installed> {
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

    pub fn install_command(self, packages: &[&str]) -> Command {
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

    pub fn install(self, context: &Context, packages: &[&str]) -> Result<()> {
        let install = self.install_command(packages);
        let Some(privilege) = Privilege::find() else {
            return Err(Error::MissingPackages {
                packages: packages.iter().map(ToString::to_string).collect(),
                command: process::shown(&install),
            });
        };
        let missing = packages.join(" ");
        context
            .printer
            .note(format!("system packages are missing: {missing}"));
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

/// No package lists at all (as in fresh containers), or not updated for a day. The lists themselves
/// carry the time of the server, so the folder's is looked at.
fn apt_lists_are_stale() -> bool {
    let folder = "/var/lib/apt/lists";
    let is_list =
        |entry: fs_err::DirEntry| entry.file_name().to_string_lossy().contains("Packages");
    let lists = fs_err::read_dir(folder).map(|entries| entries.flatten().any(is_list));
    let updated = fs_err::metadata(folder).and_then(|data| data.modified());
    let age = updated.map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
    !lists.unwrap_or(false) || age.is_ok_and(|age| age > Duration::from_secs(24 * 3600))
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
    fn every_manager_has_a_name_for_every_need() {
        for manager in [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Zypper] {
            assert!(NEEDS.iter().all(|need| !need.packages(manager).is_empty()));
            let command = process::shown(&manager.install_command(&["gcc"]));
            assert!(command.starts_with(manager.program()) && command.ends_with(" gcc"));
        }
    }
}

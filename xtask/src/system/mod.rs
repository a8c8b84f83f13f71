//! `system`: the system packages that the builds need.
//!
//! Says what is missing before it installs anything. Never installs behind a password prompt:
//! without root or a password-free `sudo` it prints the command and stops.

use crate::Context;
use crate::error::{Error, Result};
use crate::process;

mod installed;
mod manager;
mod needs;

use manager::Manager;

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

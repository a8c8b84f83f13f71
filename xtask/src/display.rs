//! A display for windows: the user's, or one that nobody sees.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};
use crate::process;

/// An X server (Xvfb) of our own; ends when dropped.
pub struct Display {
    server: Child,
    name: String,
}

/// Whether the user has a desktop.
pub fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

impl Display {
    pub fn start() -> Result<Self> {
        // The server takes a free number and writes it to the descriptor.
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp"]);
        command.args(["-screen", "0", "1280x900x24"]);
        let mut server = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::Spawn {
                program: "Xvfb".into(),
                source,
            })?;
        let mut number = String::new();
        if let Some(output) = server.stdout.take() {
            BufReader::new(output).read_line(&mut number)?;
        }
        let display = Display {
            server,
            name: format!(":{}", number.trim()),
        };
        if number.trim().is_empty() {
            let what = "the end of Xvfb at its start".into();
            return Err(Error::Unexpected { what });
        }
        Ok(display)
    }

    /// Has the command open its windows here.
    pub fn take<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            // Without a desktop's services GTK would wait for this one.
            .env("NO_AT_BRIDGE", "1")
    }

    /// A picture of everything on it.
    pub fn picture(&self, file: &Path) -> Result<()> {
        let mut import = Command::new("import");
        import.args(["-silent", "-strip", "-window", "root"]);
        import.args(["-display", &self.name]).arg(file);
        process::capture(&mut import).map(drop)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

//! A desktop that nobody sees: an X server and a message bus, gone with the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{drag, wait_for, x11};
use crate::context::{TestContext, workspace};

/// Room for the windows of every test.
const SCREEN: &str = "1280x900x24";

/// An X server and a session bus of a test's own. A test that fails leaves a picture of it.
pub struct Desktop {
    name: String,
    display: String,
    bus: String,
    runtime: PathBuf,
    _server: Ended,
    _bus: Ended,
}

/// Ends the process when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Desktop {
    /// Starts both.
    ///
    /// # Panics
    /// When one of the programs is not installed: `cargo xtask system` installs them.
    #[must_use]
    pub fn start(context: &TestContext) -> Self {
        let runtime = context.home().join("runtime");
        // Programs refuse a runtime folder that others can read.
        fs::DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(&runtime)
            .expect("the context can be written");
        // The server takes a free number and writes it to the descriptor: tests may run at once.
        let mut server = context.command("Xvfb");
        server.args([
            "-displayfd",
            "1",
            // Else it starts anew when its last client goes, and a look at the windows is a client.
            "-noreset",
            "-nolisten",
            "tcp",
            "-screen",
            "0",
            SCREEN,
        ]);
        let (server, number) = started(server);
        let mut bus = context.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"])
            .env("XDG_RUNTIME_DIR", &runtime);
        let (bus, address) = started(bus);
        Self {
            name: context.name().to_owned(),
            display: format!(":{number}"),
            bus: address,
            runtime,
            _server: server,
            _bus: bus,
        }
    }

    /// A command on this desktop.
    #[must_use]
    pub fn command(&self, context: &TestContext, program: &str) -> Command {
        let mut command = context.command(program);
        self.prepare(&mut command);
        command
    }

    /// Sets what a program needs to open its windows here.
    pub fn prepare(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env("LANG", "C.UTF-8")
            // Nobody reads the screen aloud here; without it GTK waits for a service.
            .env("NO_AT_BRIDGE", "1");
    }

    /// Where its message bus is.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// The titles of all windows that can be seen.
    #[must_use]
    pub fn titles(&self) -> Vec<String> {
        x11::windows(&self.display)
            .into_iter()
            .map(|window| window.title)
            .collect()
    }

    /// Waits for a window with this title.
    pub fn wait_title(&self, title: &str) {
        let mut seen = Vec::new();
        wait_for(format!("a window {title:?}"), || {
            seen = self.titles();
            seen.iter().any(|one| one == title).then_some(())
        });
    }

    /// What a window manager does when the close button of every window is clicked.
    pub fn close_windows(&self) {
        // A page may be there before its window is.
        wait_for("a window to close", || self.ask_to_close());
    }

    /// Asks the windows that there are to close; None if there are none.
    pub fn ask_to_close(&self) -> Option<()> {
        (x11::close(&self.display, None) > 0).then_some(())
    }

    /// The same for the windows with this title.
    pub fn close_window(&self, title: &str) {
        wait_for(format!("a window {title:?} to close"), || {
            (x11::close(&self.display, Some(title)) > 0).then_some(())
        });
    }

    /// Drags files over a place of the window with this title, and drops them there, or takes them
    /// away again.
    ///
    /// # Panics
    /// When the window does not want them.
    pub fn drag(&self, title: &str, addresses: &str, at: (u32, u32), drop: bool) {
        let windows = x11::windows(&self.display);
        let target = windows.into_iter().find(|window| window.title == title);
        let target = target.unwrap_or_else(|| panic!("there is no window {title:?}"));
        drag::files(&self.display, target.id, addresses, at, drop)
            .unwrap_or_else(|error| panic!("files are dragged over {title:?}: {error}"));
    }

    /// A picture of everything, in `tests/artifacts/NAME.png`: the second of two that are the same,
    /// or the last of a few where something moves.
    ///
    /// # Panics
    /// When `ImageMagick` takes none.
    pub fn picture(&self, name: &str) {
        let mut last = None;
        for _ in 0..8 {
            let taken = self.take_picture(name);
            let taken = taken.expect("ImageMagick's `import` takes a picture");
            if last.as_ref() == Some(&taken) {
                break;
            }
            last = Some(taken);
        }
    }

    /// What there is to see when a test fails.
    pub(super) fn picture_of_failure(&self) {
        let _ = self.take_picture(&format!("{}-failed", self.name));
    }

    fn take_picture(&self, name: &str) -> std::io::Result<Vec<u8>> {
        let folder = workspace().join("tests/artifacts");
        fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{name}.png"));
        let mut import = Command::new("import");
        import.args(["-silent", "-strip", "-window", "root"]);
        import.args(["-display", &self.display]).arg(&file);
        import.status()?;
        fs::read(file)
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.picture_of_failure();
        }
    }
}

/// Starts a program that says on its first line of output how it can be reached.
fn started(mut command: Command) -> (Ended, String) {
    let shown = format!("{:?}", command.get_program());
    let mut child = command
        // Control-C is for the tests, not for what they stand on.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {shown}: {error}; try `cargo xtask system`"));
    let output = child.stdout.take().expect("piped");
    let child = Ended(child);
    let (line, mut output) = first_line(output);
    assert!(!line.is_empty(), "{shown} ended at once");
    // The pipe stays open, so that the program may say more.
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    (child, line)
}

fn first_line(output: ChildStdout) -> (String, ChildStdout) {
    let mut reader = BufReader::new(output);
    let mut line = String::new();
    let _ = reader.read_line(&mut line);
    (line.trim().to_owned(), reader.into_inner())
}

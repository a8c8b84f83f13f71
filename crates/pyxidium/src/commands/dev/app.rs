//! The running app: orders to it, and its end. It has a process group of its own, so that Ctrl-C
//! reaches us alone and it can be asked to close its windows.

use std::io::Write as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::Event;
use crate::Error;

/// How long it may take to close its windows.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running app.
#[derive(Debug)]
pub(super) struct App {
    id: u32,
    orders: Option<ChildStdin>,
    /// Closed when the app has ended.
    ended: Receiver<()>,
}

impl App {
    /// Starts a sealed file; its end becomes an event.
    pub(super) fn start(file: &Path, events: Sender<Event>) -> Result<Self, Error> {
        let mut child = Command::new(file)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(Error::CannotRun)?;
        let (id, orders) = (child.id(), child.stdin.take());
        let (alive, ended) = channel();
        std::thread::spawn(move || {
            let code = child.wait().map_or(1, code);
            drop::<Sender<()>>(alive);
            // Nobody listens any more when we are leaving.
            let _ = events.send(Event::Ended(id, ExitCode::from(code)));
        });
        Ok(Self { id, orders, ended })
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Sends an order. An app that has just ended hears none, which its end tells anyway.
    pub(super) fn tell(&mut self, order: &str) {
        if let Some(orders) = &mut self.orders {
            let _ = writeln!(orders, "{order}").and_then(|()| orders.flush());
        }
    }

    /// Asks it to end, and ends it if it does not.
    pub(super) fn stop(mut self) {
        self.tell("quit");
        self.orders = None;
        if self.ended.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            packager::end_process_group(self.id);
            let _ = self.ended.recv_timeout(PATIENCE);
        }
    }
}

/// As a shell has it: 128 and the signal's number.
fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|c| u8::try_from(c).ok()).unwrap_or(1)
}

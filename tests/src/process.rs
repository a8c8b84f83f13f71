//! Running a command, usually to its end: input, a signal at a given moment, a time limit, and what came out.

use std::fmt;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::matcher::expect_contains;

/// What to run and how.
pub struct Spec {
    command: Command,
    stdin: Vec<u8>,
    limit: Duration,
    signal: Option<Signal>,
}

struct Signal {
    number: i32,
    after: String,
}

impl Spec {
    /// Runs `command` with empty input and a limit of 90 seconds.
    #[must_use]
    pub fn of(command: Command) -> Self {
        Self {
            command,
            stdin: Vec::new(),
            limit: Duration::from_secs(90),
            signal: None,
        }
    }

    /// The input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Another time limit, in seconds.
    #[must_use]
    pub fn within(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Sends `number` to the process once its output (either stream) contains `after`.
    #[must_use]
    pub fn signal(mut self, number: i32, after: impl Into<String>) -> Self {
        self.signal = Some(Signal {
            number,
            after: after.into(),
        });
        self
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// When the program cannot be started or exceeds its limit.
    #[must_use]
    pub fn run(self) -> Outcome {
        self.start().finish()
    }

    /// Starts it, and leaves it running.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn start(mut self) -> Running {
        let shown = format!("{:?}", self.command);
        // A group of its own, so that a time-out also ends what the program started.
        self.command.process_group(0);
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self
            .command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {shown}: {error}"));
        let mut stdin = child.stdin.take().expect("piped");
        let input = std::mem::take(&mut self.stdin);
        // A program need not read its input: a broken pipe is no failure of the test.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = Collector::start(child.stdout.take().expect("piped"));
        let stderr = Collector::start(child.stderr.take().expect("piped"));
        Running {
            spec: self,
            shown,
            child,
            stdout,
            stderr,
        }
    }
}

/// A command that runs. It does not outlive this value.
pub struct Running {
    spec: Spec,
    shown: String,
    child: Child,
    stdout: Collector,
    stderr: Collector,
}

impl Running {
    /// The process's id, which is also its group's.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has said on standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// When it is not a child of ours, which cannot be.
    #[must_use]
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_some()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it exceeds its limit.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        let status = self.wait();
        Outcome {
            shown: std::mem::take(&mut self.shown),
            code: status.code(),
            signal: status.signal(),
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
        }
    }

    fn wait(&mut self) -> std::process::ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                return status;
            }
            if let Some(signal) = &self.spec.signal
                && (self.stdout.contains(&signal.after) || self.stderr.contains(&signal.after))
            {
                send(self.child.id(), signal.number);
                self.spec.signal = None;
            }
            assert!(
                started.elapsed() < self.spec.limit,
                "{self}\nstill ran after {:?}",
                self.spec.limit
            );
            thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            send_group(self.child.id(), libc::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.shown,
            self.stdout.text(),
            self.stderr.text()
        )
    }
}

/// Sends a signal to one process that a test started.
pub fn send(pid: u32, number: i32) {
    // SAFETY: kill() takes two integers and touches no memory of ours; the id is that of our own, not yet reaped, child.
    unsafe { libc::kill(pid.cast_signed(), number) };
}

fn send_group(pid: u32, number: i32) {
    // SAFETY: as above; the child was made the leader of its own group before it started.
    unsafe { libc::kill(-pid.cast_signed(), number) };
}

/// Reads a stream on its own thread; what has come so far can be looked at.
struct Collector {
    bytes: Arc<Mutex<Vec<u8>>>,
    done: std::sync::mpsc::Receiver<()>,
}

impl Collector {
    fn start(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sender, done) = std::sync::mpsc::channel();
        let target = Arc::clone(&bytes);
        thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(count) = stream.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                target
                    .lock()
                    .expect("no panic holds it")
                    .extend_from_slice(&buffer[..count]);
            }
            drop(sender);
        });
        Self { bytes, done }
    }

    fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("no panic holds it")).into_owned()
    }

    /// All of it. A grandchild that keeps the pipe open (a resource tracker, say) is not waited for long.
    fn finish(&self) -> Vec<u8> {
        let _ = self.done.recv_timeout(Duration::from_secs(5));
        self.bytes.lock().expect("no panic holds it").clone()
    }
}

/// How a command ended and what it printed.
pub struct Outcome {
    shown: String,
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// Standard output as text.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// The exit code was `code`.
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "exit code\n{self}");
        self
    }

    /// The exit code was 0.
    pub fn expect_success(&self) -> &Self {
        self.expect_code(0)
    }

    /// Standard output is exactly this.
    pub fn expect_stdout(&self, expected: &str) -> &Self {
        assert_eq!(self.stdout(), expected, "standard output\n{self}");
        self
    }

    /// Standard error contains every one of these.
    pub fn expect_stderr(&self, parts: &[&str]) -> &Self {
        for part in parts {
            expect_contains(&self.stderr(), part, &self.to_string());
        }
        // Whatever went wrong, a user must never see our own bug or a Python traceback of ours.
        for never in ["panicked at", "RUST_BACKTRACE", "unwrap()"] {
            assert!(
                !self.stderr().contains(never),
                "a panic reached the user\n{self}"
            );
        }
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "$ {}\nexit code {:?}, signal {:?}\n--- stdout\n{}\n--- stderr\n{}\n---",
            self.shown,
            self.code,
            self.signal,
            self.stdout(),
            self.stderr()
        )
    }
}

//! The socket to `pyxidium.profiling._agent` in the program under test: one JSON object a line.
//!
//! The agent says `hello` and waits for its `order` before the app begins; at the app's end it says
//! `ending` and waits for `bye`, so that there is a Python to ask until nobody has a question left.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::profile::{Function, Verdict};

/// How long Python may take to answer: a C call may hold its lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A function, as a profile names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// As Python names the file.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Its qualified name.
    pub name: String,
}

impl From<&Function> for Target {
    fn from(function: &Function) -> Self {
        Self {
            file: function.file.clone(),
            line: function.line,
            name: function.name.clone(),
        }
    }
}

/// What `@kernel` would bring for a function, on the arguments of real calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// Its qualified name.
    pub name: String,
    /// The recorded calls, as a person reads them.
    pub calls: Vec<String>,
    /// Seconds of all calls as Python.
    pub python: f64,
    /// Seconds of all calls as a kernel.
    pub kernel: f64,
    /// Seconds of the first call as a kernel, compilation included.
    pub first: f64,
    /// `python / kernel`.
    pub factor: f64,
    /// Whether all answers were the same.
    pub equal: bool,
    /// The first difference.
    #[serde(default)]
    pub difference: Option<String>,
}

/// What the agent says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Said {
    Hello {
        pid: u32,
    },
    Ending {},
    Checked {
        verdicts: Vec<Option<Verdict>>,
    },
    /// So many calls of the function were recorded.
    Recorded {
        calls: u32,
    },
    Gain {
        gain: Gain,
    },
    Failed {
        why: String,
    },
}

/// Reads a line. Not by serde's own tags: they keep numbers in a form that fractions do not survive once
/// any crate of the build asks serde_json for numbers of any length.
fn read(line: &str) -> serde_json::Result<Said> {
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)?;
    let kind = fields.remove("kind");
    let kind = kind.as_ref().and_then(|k| k.as_str()).unwrap_or_default();
    serde_json::from_value(serde_json::json!({ kind: fields }))
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Order<'a> {
    Go,
    Measure { function: &'a Target, calls: u32 },
    Check { functions: &'a [Target] },
    Bye,
}

/// Where the agent will knock.
#[derive(Debug)]
pub(crate) struct Door {
    said: Receiver<(Said, UnixStream)>,
    path: PathBuf,
    closed: Arc<AtomicBool>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Nothing but a visitor wakes who waits for one.
        let _ = UnixStream::connect(&self.path);
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Door {
    /// Listens at a path.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        let (send, said) = channel();
        let closed = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&closed);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let send = send.clone();
                std::thread::spawn(move || {
                    let Ok(answer) = stream.try_clone() else {
                        return;
                    };
                    for line in BufReader::new(stream).lines().map_while(Result::ok) {
                        let (Ok(said), Ok(answer)) = (read(&line), answer.try_clone()) else {
                            continue;
                        };
                        if send.send((said, answer)).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Ok(Self {
            said,
            path: path.to_owned(),
            closed,
        })
    }

    /// What was said since, if anything.
    pub(crate) fn heard(&self) -> Option<(Said, Agent)> {
        let (said, stream) = self.said.try_recv().ok()?;
        Some((said, Agent(stream)))
    }

    /// The next answer.
    fn answer(&self) -> Option<Said> {
        match self.said.recv_timeout(PATIENCE) {
            Ok((said, _)) => Some(said),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }
}

/// The other end.
#[derive(Debug)]
pub(crate) struct Agent(UnixStream);

impl Agent {
    /// An agent that is gone hears nothing, which its process's end tells anyway.
    fn tell(&mut self, order: &Order<'_>) {
        if let Ok(mut line) = serde_json::to_vec(order) {
            line.push(b'\n');
            let _ = self.0.write_all(&line);
        }
    }

    pub(crate) fn go(&mut self) {
        self.tell(&Order::Go);
    }

    pub(crate) fn measure(&mut self, function: &Target, calls: u32) {
        self.tell(&Order::Measure { function, calls });
    }

    pub(crate) fn bye(&mut self) {
        self.tell(&Order::Bye);
    }

    /// Whether functions fit `@kernel`; nothing where Python does not answer.
    pub(crate) fn check(&mut self, functions: &[Target], door: &Door) -> Vec<Option<Verdict>> {
        self.tell(&Order::Check { functions });
        while let Some(said) = door.answer() {
            if let Said::Checked { verdicts } = said {
                return verdicts;
            }
        }
        Vec::new()
    }
}

//! A page without a window: talks to an app that was sealed with `bridge-host`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::context::{TestContext, release, workspace};
use crate::process::Spec;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A result.
    Value(Value),
    /// A result with patches, and the buffers.
    Frame(Value, Value, Vec<u8>),
    /// What a promise is rejected with.
    Error(Value),
}

impl Answer {
    /// The result.
    ///
    /// # Panics
    /// When it is none.
    #[expect(
        clippy::must_use_candidate,
        reason = "often only that there is one matters"
    )]
    pub fn value(self) -> Value {
        match self {
            Self::Value(value) | Self::Frame(value, ..) => value,
            Self::Error(error) => panic!("failed: {error}"),
        }
    }

    /// `Type: message`.
    ///
    /// # Panics
    /// When it is no error.
    #[must_use]
    pub fn error(self) -> String {
        match self {
            Self::Error(error) => format!(
                "{}: {}",
                error["type"].as_str().unwrap_or("?"),
                error["message"].as_str().unwrap_or("?")
            ),
            other => panic!("did not fail: {other:?}"),
        }
    }
}

/// Binary data for a place in the arguments.
pub struct Binary<'a> {
    /// The path to it.
    pub at: Value,
    /// The element type.
    pub dtype: &'a str,
    /// The shape of an array.
    pub shape: Option<Vec<usize>>,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// A page in one window of a running app.
pub struct Page {
    app: Arc<App>,
    label: String,
    session: String,
}

/// The running app. It is ended with the last page.
pub struct App {
    child: Mutex<Child>,
    input: Mutex<Option<ChildStdin>>,
    answers: Mutex<HashMap<u32, Answer>>,
    came: Condvar,
    tag: AtomicU32,
    id: AtomicU64,
    errors: PathBuf,
    _context: TestContext,
}

/// A call that was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    tag: u32,
    /// The call's number.
    pub id: u64,
}

impl Page {
    /// Seals a script with `bridge-host`, runs it and says hello.
    ///
    /// # Panics
    /// When any of that fails.
    #[must_use]
    pub fn of(name: &str, script: &Path, build: &[&str]) -> Self {
        let context = TestContext::new(name);
        let sealed = context.join("app");
        let host = release("bridge-host");
        let mut command = context.pyxidium();
        command.arg("build").arg(script).arg("-o").arg(&sealed);
        command.arg("--runtime").arg(host).args(build);
        Spec::of(command).within(600).run().expect_success();

        let errors = context.join("stderr");
        let mut command = context.command(&sealed);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).expect("the work folder can be written"))
            .spawn()
            .expect("a sealed file runs");
        let output = child.stdout.take().expect("piped");
        let app = Arc::new(App {
            input: Mutex::new(child.stdin.take()),
            child: Mutex::new(child),
            answers: Mutex::default(),
            came: Condvar::new(),
            tag: AtomicU32::new(1),
            id: AtomicU64::new(1),
            errors,
            _context: context,
        });
        let reader = Arc::clone(&app);
        thread::spawn(move || reader.read(output));
        Self::open(&app, "main", "first")
    }

    /// The app of `tests/bridge`, once its module has run.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn of_all_kinds(name: &str) -> Self {
        let script = workspace().join("tests/bridge/app.py");
        let page = Self::of(name, &script, &["--offline"]);
        // Its last command: an earlier one may be called before there are the others.
        page.call("objects", json!({})).value();
        page
    }

    fn open(app: &Arc<App>, label: &str, session: &str) -> Self {
        let page = Self {
            app: Arc::clone(app),
            label: label.to_owned(),
            session: session.to_owned(),
        };
        page.op(&json!({ "op": "hello" })).value();
        page
    }

    /// A page in another window, or in this one after a reload.
    #[must_use]
    pub fn another(&self, label: &str, session: &str) -> Self {
        Self::open(&self.app, label, session)
    }

    /// Calls a command and waits for the answer.
    pub fn call(&self, name: &str, args: Value) -> Answer {
        let sent = self.send(name, args, &json!({}), &[]);
        self.answer(sent)
    }

    /// The same with options: `stream`, `progress`, `id`.
    pub fn call_with(&self, name: &str, args: Value, options: &Value) -> Answer {
        let sent = self.send(name, args, options, &[]);
        self.answer(sent)
    }

    /// Calls a command.
    pub fn send(&self, name: &str, args: Value, options: &Value, binary: &[Binary<'_>]) -> Sent {
        let id = options["id"]
            .as_u64()
            .unwrap_or_else(|| self.app.id.fetch_add(1, Ordering::Relaxed));
        let mut head = json!({ "op": "call", "id": id, "name": name });
        for (key, value) in options.as_object().expect("an object") {
            head[key] = value.clone();
        }
        let tag = self.message(&head, &args.to_string(), binary);
        Sent { tag, id }
    }

    /// Anything but a call.
    pub fn op(&self, head: &Value) -> Answer {
        let tag = self.message(head, "", &[]);
        self.app.answer(tag, PATIENCE).expect("an answer in time")
    }

    /// The answer to a call.
    ///
    /// # Panics
    /// When there is none in time.
    pub fn answer(&self, sent: Sent) -> Answer {
        let answer = self.app.answer(sent.tag, PATIENCE);
        answer.unwrap_or_else(|| panic!("no answer\n{}", self.stderr()))
    }

    /// The answer to a call, if it comes soon.
    #[must_use]
    pub fn answer_within(&self, sent: Sent, limit: Duration) -> Option<Answer> {
        self.app.answer(sent.tag, limit)
    }

    /// Starts to wait for events.
    #[must_use]
    pub fn poll(&self) -> Sent {
        let tag = self.message(&json!({ "op": "poll" }), "", &[]);
        Sent { tag, id: 0 }
    }

    /// All items of a stream.
    pub fn stream(&self, name: &str, args: Value) -> Vec<Value> {
        let sent = self.send(name, args, &json!({ "stream": true }), &[]);
        let mut items = Vec::new();
        let mut answer = self.answer(sent).value();
        loop {
            items.extend(answer["items"].as_array().cloned().unwrap_or_default());
            if answer["done"] == true {
                return items;
            }
            answer = self.op(&json!({ "op": "next", "id": sent.id })).value();
        }
    }

    /// Sends a message.
    pub fn message(&self, head: &Value, body: &str, binary: &[Binary<'_>]) -> u32 {
        let mut head = head.clone();
        head["session"] = json!(self.session);
        self.raw(b'm', frame(&head.to_string(), body, binary))
    }

    /// Sends bytes to `bridge-host`; `kind` says what they are for.
    pub fn raw(&self, kind: u8, data: Vec<u8>) -> u32 {
        let tag = self.app.tag.fetch_add(1, Ordering::Relaxed);
        self.app.write(kind, tag, &self.label, &data);
        tag
    }

    /// The answer to bytes sent.
    pub fn answer_to(&self, tag: u32) -> Answer {
        self.app.answer(tag, PATIENCE).expect("an answer in time")
    }

    /// What the app wrote to stderr, its own prints included.
    #[must_use]
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.app.errors).unwrap_or_default()
    }

    /// Memory that the process uses now, in bytes.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/statm", lock(&self.app.child).id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let pages = text
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<u64>().ok());
        4096 * pages.unwrap_or_default()
    }

    /// Waits until `wanted` holds of what `stats` says.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let stats = self.call("stats", json!({})).value();
            if wanted(&stats) {
                return stats;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "never: {stats}\n{}",
                self.stderr()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the app's own log has this line.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait_for_log(&self, line: &str) -> Value {
        self.wait_for(|stats| {
            let log = stats["log"].as_array();
            log.is_some_and(|log| log.contains(&json!(line)))
        })
    }

    /// The page goes, and the app ends: its exit code, and whether all calls ended in time.
    pub fn quit(self) -> (Option<i32>, bool) {
        lock(&self.app.input).take();
        let all_ended = self.app.answer(0, PATIENCE) == Some(Answer::Value(json!(true)));
        let start = Instant::now();
        loop {
            let status = lock(&self.app.child).try_wait().expect("our own child");
            if let Some(status) = status {
                return (status.code(), all_ended);
            }
            assert!(
                start.elapsed() < PATIENCE,
                "does not end\n{}",
                self.stderr()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl App {
    fn write(&self, kind: u8, tag: u32, label: &str, data: &[u8]) {
        let mut header = Vec::new();
        for field in [data.len(), usize::from(kind), tag as usize, label.len()] {
            let field = u32::try_from(field).expect("a message below 4 GB");
            header.extend_from_slice(&field.to_le_bytes());
        }
        header.extend_from_slice(label.as_bytes());
        let mut input = lock(&self.input);
        let input = input.as_mut().expect("the page is there");
        input.write_all(&header).expect("the app reads");
        input.write_all(data).expect("the app reads");
    }

    fn read(&self, mut output: impl Read) {
        let mut header = [0; 12];
        while output.read_exact(&mut header).is_ok() {
            let field = |index: usize| {
                let bytes = header[4 * index..4 * index + 4].try_into();
                u32::from_le_bytes(bytes.expect("four bytes"))
            };
            let mut data = vec![0; field(0) as usize];
            if output.read_exact(&mut data).is_err() {
                return;
            }
            let answer = match u8::try_from(field(1)) {
                Ok(b'b') => parse(data),
                Ok(b'e') => Answer::Error(serde_json::from_slice(&data).expect("JSON")),
                // Texts that `serde_json` cannot hold stay as they came.
                _ => Answer::Value(
                    serde_json::from_slice(&data)
                        .unwrap_or_else(|_| json!({ "text": String::from_utf8_lossy(&data) })),
                ),
            };
            lock(&self.answers).insert(field(2), answer);
            self.came.notify_all();
        }
    }

    fn answer(&self, tag: u32, limit: Duration) -> Option<Answer> {
        let answers = lock(&self.answers);
        let missing = |answers: &mut HashMap<u32, Answer>| !answers.contains_key(&tag);
        let (mut answers, _) = self
            .came
            .wait_timeout_while(answers, limit, missing)
            .unwrap_or_else(PoisonError::into_inner);
        answers.remove(&tag)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message as a page builds it.
#[must_use]
pub fn frame(head: &str, body: &str, binary: &[Binary<'_>]) -> Vec<u8> {
    let mut patches = Vec::new();
    let mut buffers = Vec::new();
    for part in binary {
        let mut patch = json!({
            "at": part.at, "kind": "array", "dtype": part.dtype,
            "start": buffers.len(), "length": part.bytes.len(),
        });
        if let Some(shape) = &part.shape {
            patch["shape"] = json!(shape);
        }
        patches.push(patch);
        buffers.extend_from_slice(part.bytes);
        buffers.resize(buffers.len().next_multiple_of(8), 0);
    }
    let patches = if patches.is_empty() {
        String::new()
    } else {
        json!(patches).to_string()
    };
    frame_of([head, body, &patches], &buffers)
}

/// A message of texts and buffers, sound or not.
#[must_use]
pub fn frame_of(parts: [&str; 3], buffers: &[u8]) -> Vec<u8> {
    let mut bytes = b"PXB1".to_vec();
    for part in parts {
        let length = u32::try_from(part.len()).expect("a part below 4 GB");
        bytes.extend_from_slice(&length.to_le_bytes());
    }
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes.extend_from_slice(buffers);
    bytes
}

fn parse(mut bytes: Vec<u8>) -> Answer {
    let length = |at: usize| {
        let field = bytes[at..at + 4].try_into().expect("four bytes");
        u32::from_le_bytes(field) as usize
    };
    assert_eq!(&bytes[..4], b"PXB1");
    let body = 16 + length(4);
    let patches = body + length(8);
    let end = patches + length(12);
    let read = |range: &[u8]| serde_json::from_slice(range).expect("JSON");
    let (body, patches) = (read(&bytes[body..patches]), read(&bytes[patches..end]));
    let buffers = bytes.split_off(end.next_multiple_of(8));
    Answer::Frame(body, patches, buffers)
}

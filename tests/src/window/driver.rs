//! The WebDriver protocol, as much of it as the tests use: JSON over HTTP to `WebKitWebDriver`.

use std::fmt;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::LIMIT;
use crate::process::Running;

/// The name under which WebDriver hands out elements; the standard fixes it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What WebDriver answers instead of a value.
#[derive(Debug)]
pub struct Failure {
    /// The standard's word for it, as `no such element`.
    pub error: String,
    /// More of it.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebDriver: {}: {}", self.error, self.message)
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// One automated app.
pub struct Session {
    driver: Driver,
    path: String,
}

struct Driver {
    process: Child,
    agent: ureq::Agent,
    address: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody listens on.
///
/// # Panics
/// When this machine has none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

impl Session {
    /// Takes over the app whose WebKit listens at `app_port`.
    ///
    /// # Errors
    /// When it does not within the limit, or ends.
    pub fn open(driver: Command, app_port: u16, app: &mut Running) -> Result<Self> {
        let driver = Driver::start(driver, app_port);
        let deadline = Instant::now() + LIMIT;
        // The app opens its port some time after its start.
        let request = json!({ "capabilities": { "alwaysMatch": {} } });
        let answer = loop {
            match driver.call("POST", "/session", &request) {
                Ok(answer) => break answer,
                Err(error) if Instant::now() > deadline || app.ended() => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        };
        let id = answer["sessionId"].as_str().unwrap_or_default();
        let path = format!("/session/{id}");
        let limit = u64::try_from(LIMIT.as_millis()).unwrap_or(u64::MAX);
        let session = Self { driver, path };
        session.post("/timeouts", &json!({ "script": limit, "pageLoad": limit }))?;
        Ok(session)
    }

    /// The first element that a CSS selector finds.
    #[must_use]
    pub fn find(&self, css: &str) -> Option<Element<'_>> {
        let by = json!({ "using": "css selector", "value": css });
        let answer = self.post("/element", &by).ok()?;
        let id = answer[ELEMENT].as_str()?.to_owned();
        Some(Element { session: self, id })
    }

    /// Runs the body of a function.
    ///
    /// # Errors
    /// When it throws.
    pub fn execute(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post(
            "/execute/sync",
            &json!({ "script": script, "args": arguments }),
        )
    }

    /// Runs the body of a function whose last argument takes the result.
    ///
    /// # Errors
    /// When it throws, or gives no result within the limit.
    pub fn execute_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post(
            "/execute/async",
            &json!({ "script": script, "args": arguments }),
        )
    }

    /// Types keys into whatever has the focus.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn keys(&self, text: &str) -> Result<()> {
        let press = |key: char| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        };
        let actions: Vec<Value> = text.chars().flat_map(press).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }))
            .map(drop)
    }

    /// The page's address.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn url(&self) -> Result<String> {
        let answer = self.get("/url")?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Goes to an address, as a link would.
    ///
    /// # Errors
    /// When the page is refused.
    pub fn go(&self, url: &str) -> Result<()> {
        self.post("/url", &json!({ "url": url })).map(drop)
    }

    /// All windows.
    ///
    /// # Errors
    /// When the app is gone.
    pub fn windows(&self) -> Result<Vec<String>> {
        let answer = self.get("/window/handles")?;
        let handles = answer.as_array().cloned().unwrap_or_default();
        Ok(handles
            .iter()
            .filter_map(|handle| Some(handle.as_str()?.to_owned()))
            .collect())
    }

    /// From now on, everything is done in this window.
    ///
    /// # Errors
    /// When it is gone.
    pub fn switch(&self, window: &str) -> Result<()> {
        self.post("/window", &json!({ "handle": window })).map(drop)
    }

    /// From now on, everything is done in this frame of the page.
    ///
    /// # Errors
    /// When it is gone.
    pub fn enter_frame(&self, frame: &Element<'_>) -> Result<()> {
        self.post("/frame", &json!({ "id": { ELEMENT: frame.id } }))
            .map(drop)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.driver.call("POST", &(self.path.clone() + path), body)
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.driver
            .call("GET", &(self.path.clone() + path), &Value::Null)
    }
}

/// An element of a page.
pub struct Element<'a> {
    session: &'a Session,
    id: String,
}

impl Element<'_> {
    /// Clicks it, as a person would.
    ///
    /// # Errors
    /// When it is hidden, covered or gone.
    pub fn click(&self) -> Result<()> {
        self.post("click", &json!({})).map(drop)
    }

    /// Types into it.
    ///
    /// # Errors
    /// When it takes no keys or is gone.
    pub fn keys(&self, text: &str) -> Result<()> {
        self.post("value", &json!({ "text": text })).map(drop)
    }

    /// Empties a field.
    ///
    /// # Errors
    /// When it is not one, or is gone.
    pub fn clear(&self) -> Result<()> {
        self.post("clear", &json!({})).map(drop)
    }

    /// Its visible text.
    ///
    /// # Errors
    /// When it is gone.
    pub fn text(&self) -> Result<String> {
        let answer = self.session.get(&format!("/element/{}/text", self.id))?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// One of its properties, as `value` or `disabled`.
    ///
    /// # Errors
    /// When it is gone.
    pub fn property(&self, name: &str) -> Result<Value> {
        self.session
            .get(&format!("/element/{}/property/{name}", self.id))
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value> {
        self.session
            .post(&format!("/element/{}/{what}", self.id), body)
    }
}

impl Driver {
    fn start(mut command: Command, app_port: u16) -> Self {
        let port = free_port();
        let process = command
            .arg(format!("--port={port}"))
            .arg(format!("--target=127.0.0.1:{app_port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start WebKitWebDriver: {error}; try `cargo xtask system`")
            });
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A script may take as long as it is allowed to; then WebDriver itself answers.
            .timeout_global(Some(LIMIT * 2))
            .proxy(None)
            .build();
        Self {
            process,
            agent: config.into(),
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.address);
        let sent = match method {
            "GET" => self.agent.get(url).call(),
            _ => self.agent.post(url).send_json(body),
        };
        let broken = |error: ureq::Error| Failure {
            error: "no answer".to_owned(),
            message: error.to_string(),
        };
        let mut response = sent.map_err(broken)?;
        let answer: Value = response.body_mut().read_json().map_err(broken)?;
        let value = answer["value"].clone();
        if response.status().is_success() {
            return Ok(value);
        }
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Err(Failure {
            error: text("error"),
            message: text("message"),
        })
    }
}

//! Real windows: a desktop of one's own per test (Xvfb, a message bus), sealed apps under WebDriver,
//! pictures of what a person would see.
//!
//! WebKitWebDriver is used directly. `tauri-driver` only renames capabilities and starts the app
//! itself; started by us instead, the app's output, exit code and processes are ours to look at.
//! Every wait is for a condition, with a limit that suits a busy machine.

mod desktop;
mod drag;
mod driver;
mod processes;
mod services;
mod x11;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::context::{TestContext, workspace};
use crate::process::{Outcome, Running, Spec};

pub use desktop::Desktop;
pub use driver::{Element, Failure, Session};
pub use processes::{alive, group};
pub use services::{Notification, Services, Tray};

/// Longer than anything should take, even where every core is busy.
pub const LIMIT: Duration = Duration::from_secs(90);

/// Waits until `condition` gives a value.
///
/// # Panics
/// When it does not within [`LIMIT`]: `what` says what was waited for.
pub fn wait_for<T>(what: impl fmt::Display, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(
            Instant::now() < deadline,
            "not within {} s: {what}",
            LIMIT.as_secs()
        );
        thread::sleep(Duration::from_millis(25));
    }
}

/// The folder of a window test's app.
#[must_use]
pub fn case(name: &str) -> PathBuf {
    workspace().join("tests/windows").join(name)
}

/// Seals the app of `tests/windows/NAME`.
#[must_use]
pub fn seal(context: &TestContext, name: &str) -> PathBuf {
    context.seal([case(name).join("app.py")])
}

/// An app that runs, with its page under WebDriver.
pub struct Window {
    // Dropped first, since it takes a picture when a test fails.
    desktop: Desktop,
    session: Session,
    running: Running,
}

impl Window {
    /// Starts a sealed app on a desktop of its own and waits for its page.
    #[must_use]
    pub fn open(context: &TestContext, app: &Path) -> Self {
        Self::start(context, context.command(app))
    }

    /// As [`Window::open`], for any command that opens a window.
    ///
    /// # Panics
    /// When no page comes.
    #[must_use]
    pub fn start(context: &TestContext, command: Command) -> Self {
        Self::start_on(Desktop::start(context), context, command)
    }

    /// As [`Window::start`], on a desktop that is there already.
    ///
    /// # Panics
    /// When no page comes.
    #[must_use]
    pub fn start_on(desktop: Desktop, context: &TestContext, mut command: Command) -> Self {
        let port = driver::free_port();
        desktop.prepare(&mut command);
        command
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_INSPECTOR_SERVER", format!("127.0.0.1:{port}"));
        let mut running = Spec::of(command).within(LIMIT.as_secs()).start();
        let driver = desktop.command(context, "WebKitWebDriver");
        let session = Session::open(driver, port, &mut running);
        let session = session.unwrap_or_else(|error| {
            desktop.picture_of_failure();
            panic!("no page: {error}\n{running}")
        });
        Self {
            desktop,
            session,
            running,
        }
    }

    /// The first element that a CSS selector finds; waits for one.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn find(&self, css: &str) -> Element<'_> {
        wait_for(format!("an element {css}\n{}", self.running), || {
            self.session.find(css)
        })
    }

    /// Whether the page has such an element now.
    #[must_use]
    pub fn has(&self, css: &str) -> bool {
        self.session.find(css).is_some()
    }

    /// Clicks an element as a person would; waits until it can be clicked.
    pub fn click(&self, css: &str) {
        wait_for(format!("{css} to be clicked"), || {
            self.session.find(css)?.click().ok()
        });
    }

    /// The visible text of an element.
    #[must_use]
    pub fn text(&self, css: &str) -> String {
        self.find(css).text().unwrap_or_default()
    }

    /// Waits until an element's text contains `part`; the whole text.
    pub fn expect(&self, css: &str, part: &str) -> String {
        let mut last = None;
        let deadline = Instant::now() + LIMIT;
        loop {
            let text = self.session.find(css).and_then(|found| found.text().ok());
            if let Some(text) = &text
                && text.contains(part)
            {
                return text.clone();
            }
            last = text.or(last);
            assert!(
                Instant::now() < deadline,
                "{css} lacks {part:?}; it says {last:?}\n{}",
                self.running
            );
            thread::sleep(Duration::from_millis(25));
        }
    }

    /// Runs the body of an async function in the page; its value.
    ///
    /// # Panics
    /// When it throws.
    pub fn js(&self, body: &str) -> Value {
        self.try_js(body)
            .unwrap_or_else(|error| panic!("{error}\n{body}\n{}", self.running))
    }

    /// As [`Window::js`]; what it threw is the error.
    ///
    /// # Errors
    /// What was thrown, as text.
    pub fn try_js(&self, body: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then(
                 (value) => done({{ value: value === undefined ? null : value }}),
                 (error) => done({{ error: String(error?.message ?? error) }}),
             );"
        );
        let answer = self
            .session
            .execute_async(&script, &[])
            .unwrap_or_else(|error| panic!("{error}\n{body}\n{}", self.running));
        match answer.get("error") {
            Some(error) => Err(error.as_str().unwrap_or("no message").to_owned()),
            None => Ok(answer.get("value").cloned().unwrap_or(Value::Null)),
        }
    }

    /// The page's session, for what has no shorter name here.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The desktop that it is on.
    #[must_use]
    pub fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    /// The running process.
    #[must_use]
    pub fn process(&self) -> &Running {
        &self.running
    }

    /// Waits until the app has printed `part`.
    ///
    /// # Panics
    /// When it does not.
    pub fn expect_stdout(&self, part: &str) {
        wait_for(format!("output {part:?}\n{}", self.running), || {
            self.running.stdout().contains(part).then_some(())
        });
    }

    /// A picture of the whole desktop in `tests/artifacts/NAME.png`, once the page is drawn.
    pub fn picture(&self, name: &str) {
        let frames = "const frame = () => new Promise(requestAnimationFrame);
                      await document.fonts.ready; for (let i = 0; i < 3; i += 1) await frame();";
        // A page that cannot run scripts any more is worth a picture, too.
        let _ = self.try_js(frames);
        self.desktop.picture(name);
    }

    /// Closes all windows with their close buttons, as a person does, and waits for the process's end.
    /// None of its processes is left.
    ///
    /// # Panics
    /// When the process or one of its children does not end.
    #[must_use]
    pub fn close(self) -> Outcome {
        self.desktop.close_windows();
        self.ended()
    }

    /// Waits for the end of a process that ends by itself. None of its processes is left.
    ///
    /// # Panics
    /// When the process or one of its children does not end.
    #[must_use]
    pub fn ended(self) -> Outcome {
        let processes = processes::group(self.running.id());
        let shown = self.running.to_string();
        let Self {
            running, desktop, ..
        } = self;
        let outcome = running.finish();
        wait_for(
            format!("the end of all processes {processes:?}\n{shown}"),
            || processes::alive(&processes).is_empty().then_some(()),
        );
        drop(desktop);
        outcome
    }

    /// Waits for the page's `globalThis` to have a property: set by a page that is ready.
    pub fn wait_ready(&self, property: &str) {
        let script = format!("return Boolean(globalThis[{}]);", json!(property));
        wait_for(format!("{property}\n{}", self.running), || {
            let ready = self.session.execute(&script, &[]).ok()?;
            ready.as_bool()?.then_some(())
        });
    }
}

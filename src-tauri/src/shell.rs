//! The life of the window process: Tauri on the main thread, Python beside it, one end for both.

#![allow(
    clippy::print_stderr,
    reason = "words of a runtime that has no window to say them in"
)]

use std::{
    os::unix::thread::JoinHandleExt,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc, Condvar, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use bridge::Bridge;
use packed_resources::{EntryPoint, Manifest, WindowConfig};
use pyembed::{BuiltinModule, Program};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};

use crate::{
    Error,
    assets::PageAssets,
    context, dev, drop,
    failure::{self, Failure},
    instance::{self, Instance},
    ipc,
    mailbox::{Mailbox, Order},
    native::{self, Events, Menus, Trays},
    plugins::{self, Capability},
    python, webkit,
    windows::{self, MAIN},
};

/// As much stack as the main thread of a Python process usually has, and room to spare.
const PYTHON_STACK: usize = 16 << 20;

/// How long a main module that is still running gets to end once the windows are closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// What Python's thread and the main thread share.
pub(crate) struct Shell {
    pub(crate) window: WindowConfig,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) assets: PageAssets,
    pub(crate) bridge: Bridge,
    pub(crate) mailbox: Mailbox,
    pub(crate) events: Events,
    pub(crate) menus: Menus,
    pub(crate) trays: Trays,
    /// Whether the app's main module is being run.
    pub(crate) busy: AtomicBool,
    closing: AtomicBool,
    app: Mutex<Option<AppHandle>>,
    app_is_there: Condvar,
}

static SHELL: OnceLock<Arc<Shell>> = OnceLock::new();

/// The shell of this process, in a process that has one.
pub(crate) fn of_process() -> Option<&'static Arc<Shell>> {
    SHELL.get()
}

impl Shell {
    fn new(
        window: WindowConfig,
        manifest: Option<Manifest>,
        assets: PageAssets,
    ) -> std::io::Result<Self> {
        Ok(Self {
            window,
            manifest,
            assets,
            bridge: Bridge::of_process(),
            mailbox: Mailbox::new()?,
            events: Events::default(),
            menus: Menus::default(),
            trays: Trays::default(),
            busy: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            app: Mutex::default(),
            app_is_there: Condvar::new(),
        })
    }

    /// The Tauri app; waits for it during start-up. Not to be called with Python attached.
    pub(crate) fn app(&self) -> Result<AppHandle, Error> {
        let mut app = self.app.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_closing() {
                return Err(Error::Closing);
            }
            if let Some(app) = &*app {
                return Ok(app.clone());
            }
            let wait = self
                .app_is_there
                .wait_timeout(app, Duration::from_millis(100));
            app = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Runs `work` on the main thread and waits for its answer. Not to be called with Python
    /// attached: the main thread may be waiting for Python.
    pub(crate) fn on_main<R: Send + 'static>(
        &self,
        work: impl FnOnce(&AppHandle) -> R + Send + 'static,
    ) -> Result<R, Error> {
        self.ask_main(|app, answer| {
            // Nobody waits any more when the app is closing.
            let _ = answer.send(work(app));
        })
    }

    /// The same for work that has its answer only later, and sends it.
    pub(crate) fn ask_main<R: Send + 'static>(
        &self,
        work: impl FnOnce(&AppHandle, mpsc::Sender<R>) + Send + 'static,
    ) -> Result<R, Error> {
        let app = self.app()?;
        let (send, receive) = mpsc::channel();
        let handle = app.clone();
        app.run_on_main_thread(move || work(&handle, send))?;
        self.wait_for(&receive)
    }

    /// Waits for an answer, or for the app's end. Not to be called with Python attached.
    pub(crate) fn wait_for<R>(&self, receive: &mpsc::Receiver<R>) -> Result<R, Error> {
        loop {
            match receive.recv_timeout(Duration::from_millis(50)) {
                Ok(answer) => return Ok(answer),
                // The main thread waits for Python's thread now, and will not get to our work.
                Err(mpsc::RecvTimeoutError::Timeout) if !self.is_closing() => {}
                Err(_) => return Err(Error::Closing),
            }
        }
    }

    /// Whether the windows are closed, or about to be.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Closes all windows. Returns at once.
    pub(crate) fn quit(&self) {
        if let Ok(app) = self.app() {
            app.exit(0);
        }
    }

    /// Loads every window's page anew, the main window's from its start if it shows a failure.
    pub(crate) fn reload_pages(&self) {
        let _ = self.on_main(|app| {
            for window in app.webview_windows().values() {
                let showing_failure = window.url().is_ok_and(|url| url.path() == failure::PAGE);
                let _ = if showing_failure {
                    window.eval("location.replace('/')")
                } else {
                    window.reload()
                };
            }
        });
    }

    /// Shows in the main window why the app does not work, and writes it down.
    pub(crate) fn fail(&self, mut failure: Failure) {
        failure.development = self.window.dev.is_some();
        let folder = self.app().ok().and_then(|app| data_folder(&app));
        failure::record(failure, self.manifest.as_ref(), folder.as_deref());
        let _ = self.on_main(|app| {
            if let Some(window) = app.get_webview_window(MAIN) {
                let script = format!("location.replace('{}')", failure::PAGE);
                let _ = window.eval(script);
                let _ = window.show();
            }
        });
    }

    /// From here on nothing is asked of the desktop any more; who waits for it is sent away.
    fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.events.close();
    }

    fn set_app(&self, handle: &AppHandle) {
        *self.app.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle.clone());
        self.app_is_there.notify_all();
    }
}

/// Where the app's data are kept for this user.
fn data_folder(app: &AppHandle) -> Option<PathBuf> {
    app.path().app_local_data_dir().ok()
}

/// Runs an app that has a window.
pub(crate) fn run(program: Program, window: WindowConfig, modules: Vec<BuiltinModule>) -> ExitCode {
    // Before anything else: a second start should be gone at once. `pyxidium dev` restarts apps as
    // it likes.
    let single = plugins::declared(&window, Capability::SingleInstance) && window.dev.is_none();
    let first = match single.then(|| instance::find(&window.identifier)) {
        Some(Instance::HandedOver) => return ExitCode::SUCCESS,
        Some(Instance::Silent) => return cannot_open(&Error::Silent),
        Some(Instance::First(first)) => first,
        None => None,
    };
    webkit::choose_renderer();
    if !open_display() {
        return cannot_open(&Error::NoDisplay);
    }
    let assets = PageAssets::new(Some(program.payload()), &window);
    let manifest = program.manifest().clone();
    let shell = match Shell::new(window, Some(manifest), assets) {
        Ok(shell) => Arc::new(shell),
        Err(error) => return cannot_open(&Error::Tauri(error.into())),
    };
    let _ = SHELL.set(shell.clone());
    if let Some(first) = first {
        first.listen(shell.clone());
    }
    let python = thread::Builder::new()
        .name("python".into())
        .stack_size(PYTHON_STACK)
        .spawn({
            let shell = shell.clone();
            move || python::live(program, &modules, &shell)
        });
    let python = match python {
        Ok(python) => python,
        Err(error) => return cannot_open(&Error::Tauri(error.into())),
    };
    if shell.window.dev.is_some() {
        dev::listen(shell.clone());
    }
    open(shell, Some(python))
}

/// Shows why this executable cannot run an app at all.
pub(crate) fn show_failure(error: pyembed::Error) -> ExitCode {
    // Nobody double-clicks a bare runtime, and without a display there is nothing to show it on.
    let on_screen = !matches!(error, pyembed::Error::NoPayload);
    let failure = python::start_failure(&error);
    let code = pyembed::exit_code(Err(error));
    webkit::choose_renderer();
    if !on_screen || !open_display() {
        return code;
    }
    let window = WindowConfig {
        identifier: "pyxidium.failure".into(),
        ..WindowConfig::default()
    };
    let assets = PageAssets::new(None, &window);
    if let Ok(shell) = Shell::new(window, None, assets).map(Arc::new) {
        failure::record(failure, None, None);
        open(shell, None);
    }
    code
}

/// Connects to the desktop, before there is a second thread: GTK changes the process's locale.
fn open_display() -> bool {
    // Python expects numbers, times and sorting as in the C locale; the desktop's language and
    // characters are all that GTK needs.
    gtk::disable_setlocale();
    // SAFETY: the process has one thread; static, NUL-terminated strings.
    unsafe {
        libc::setlocale(libc::LC_CTYPE, c"".as_ptr());
        libc::setlocale(libc::LC_MESSAGES, c"".as_ptr());
    }
    gtk::init().is_ok()
}

/// Has Tauri open the main window, and runs until the app ends.
fn open(shell: Arc<Shell>, python: Option<JoinHandle<i32>>) -> ExitCode {
    let mut python = python;
    let app = match build(&shell) {
        Ok(app) => app,
        Err(error) => {
            let code = cannot_open(&error);
            end(&shell, &mut python);
            return code;
        }
    };
    app.run(move |app, event| match event {
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } => shell.bridge.forget_window(&label),
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::DragDrop(event),
            ..
        } => drop::tell(app, &shell, &label, &event),
        // A code comes with an end that was asked for; else the last window was closed.
        RunEvent::ExitRequested {
            code: None, api, ..
        } if !shell.trays.is_empty() => api.prevent_exit(),
        RunEvent::ExitRequested { .. } => shell.close(),
        RunEvent::Exit => {
            native::tray::remove_all(app, &shell);
            let code = end(&shell, &mut python);
            std::process::exit(code);
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

fn build(shell: &Arc<Shell>) -> Result<tauri::App, Error> {
    let unnamed = Manifest::new(
        "",
        "",
        EntryPoint::Directory {
            path: String::new(),
        },
    );
    let manifest = shell.manifest.as_ref().unwrap_or(&unnamed);
    let context = context::context(manifest, &shell.window, shell.assets.clone())?;
    let bridge = shell.bridge;
    let (menus, trays) = (shell.clone(), shell.clone());
    let builder = tauri::Builder::default()
        .invoke_handler(move |invoke| ipc::handle(&bridge, invoke))
        .on_menu_event(move |_, event| {
            if let Some(event) = menus.menus.clicked(event.id().as_ref()) {
                menus.events.push(event);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let Some(event) = native::tray::clicked(&event) {
                trays.events.push(event);
            }
        });
    let app = plugins::add(builder, shell).build(context)?;
    shell.set_app(app.handle());
    let mut options = windows::Options::of_main(&shell.window, &manifest.name);
    if shell.manifest.is_none() {
        options.page = Some(failure::PAGE.trim_start_matches('/').to_owned());
    }
    windows::open(app.handle(), shell, MAIN, &options)?;
    Ok(app)
}

/// Brings Python to its end once the windows are closed, and gives the exit code.
fn end(shell: &Shell, python: &mut Option<JoinHandle<i32>>) -> i32 {
    shell.close();
    shell.mailbox.post(Order::Close);
    let Some(python) = python.take() else {
        return i32::from(pyembed::CANNOT_START);
    };
    let started = Instant::now();
    let mut next_reminder = started;
    while !python.is_finished() {
        // A main module that still runs gets what Ctrl-C would give it; `atexit` functions that
        // save the user's work are waited for, however long they take.
        if shell.busy.load(Ordering::SeqCst) && Instant::now() >= next_reminder {
            if started.elapsed() > PATIENCE {
                eprintln!("error: the main module did not end when the windows were closed");
                return 1;
            }
            // SAFETY: the thread was not joined yet, so its handle is valid; the signal has
            // Python's handler, or the default action, which ends the process.
            unsafe { libc::pthread_kill(python.as_pthread_t(), libc::SIGINT) };
            next_reminder += Duration::from_secs(1);
        }
        thread::sleep(Duration::from_millis(2));
    }
    python.join().unwrap_or(1)
}

fn cannot_open(error: &Error) -> ExitCode {
    eprintln!("error: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        eprintln!("  caused by: {source}");
        cause = source.source();
    }
    if let Some(hint) = error.hint() {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(pyembed::CANNOT_START)
}

//! The state behind [`crate::Bridge`]: commands, windows, threads.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pyo3::{Python, prelude::*};

use crate::{
    Reply, Response,
    call::{Call, lock},
    command::Command,
    errors::PageError,
    frame::{Frame, FrameError, Message, Op},
    pool::{Job, Pool},
    python,
    supervisor::Supervisor,
    window::{Event, Window},
};

/// The one of this process.
pub(crate) fn get() -> &'static Core {
    static CORE: LazyLock<Core> = LazyLock::new(Core::default);
    &CORE
}

#[derive(Default)]
pub(crate) struct Core {
    app: Mutex<App>,
    windows: Mutex<HashMap<String, Arc<Window>>>,
    pub(crate) pool: Pool,
    pub(crate) supervisor: Supervisor,
    pub(crate) development: AtomicBool,
    pub(crate) loop_used: AtomicBool,
    pub(crate) events: Mutex<Events>,
}

/// What the app's code has told us.
#[derive(Default)]
struct App {
    phase: Phase,
    commands: HashMap<String, Arc<Command>>,
    handlers: HashMap<String, Vec<Arc<Command>>>,
    /// Calls of commands that may still come to be known.
    waiting: Vec<(Arc<Call>, Frame)>,
    /// Events that had no handler yet.
    waiting_events: Vec<(String, Frame)>,
}

/// How far the app's main module has come.
#[derive(Clone, Default)]
enum Phase {
    #[default]
    Starting,
    Ready,
    Failed(String),
    Closed,
}

/// Events of pages that wait to be handled, one after another.
#[derive(Default)]
pub(crate) struct Events {
    queue: VecDeque<(Vec<Arc<Command>>, Frame)>,
    bytes: usize,
    running: bool,
}

/// Events that may wait for the app's module to run.
const MAX_EARLY_EVENTS: usize = 256;
/// Events that may wait for their handlers.
const MAX_EVENTS: usize = 16_384;
const MAX_EVENT_BYTES: usize = 64 << 20;

impl Core {
    pub(crate) fn handle(&self, window: &str, message: Box<dyn Message>, reply: Reply) {
        let frame = match Frame::parse(message) {
            Ok(frame) => frame,
            Err(error) => return refuse(reply, &error),
        };
        let op = match frame.op() {
            Ok(op) => op,
            Err(error) => return refuse(reply, &error),
        };
        let label = window;
        let window = self.window(label);
        match &op {
            Op::Hello { session } => {
                window.hello(session);
                let development = self.development.load(Ordering::Relaxed);
                let answer = format!("{{\"development\":{development}}}");
                return reply(Response::Json(answer));
            }
            Op::Call { session, .. }
            | Op::Next { session, .. }
            | Op::Return { session, .. }
            | Op::Cancel { session, .. }
            | Op::Poll { session }
            | Op::Emit { session, .. } => {
                if !window.is_current(session) {
                    let error = PageError::new("PageGone", "this page has been left");
                    return reply(error.response());
                }
            }
        }
        match op {
            Op::Hello { .. } => {}
            Op::Call {
                id,
                name,
                stream,
                progress,
                ..
            } => {
                let name = name.into_owned();
                self.call(&window, id, name, (stream, progress), frame, reply);
            }
            Op::Next { id, .. } => match window.call(id) {
                Some(call) if call.stream.is_some() => {
                    let stream = call.stream.as_ref();
                    if let Some(answer) = stream.and_then(|stream| stream.pull(&call, reply)) {
                        answer.send();
                    }
                }
                _ => reply(PageError::refused(format!("no stream {id} is open")).response()),
            },
            // To stop what is not there, or no longer there, is no error.
            Op::Return { id, .. } | Op::Cancel { id, .. } => {
                if let Some(call) = window.take(id) {
                    call.cancel();
                }
                reply(Response::Json("null".into()));
            }
            Op::Poll { .. } => window.poll(reply),
            Op::Emit { name, .. } => {
                let name = name.into_owned();
                self.page_event(&name, frame, reply);
            }
        }
    }

    fn call(
        &self,
        window: &Arc<Window>,
        id: u64,
        name: String,
        (stream, progress): (bool, bool),
        frame: Frame,
        reply: Reply,
    ) {
        let call = Arc::new(Call::new(window, id, name, stream, progress, reply));
        if let Err(error) = window.accept(&call, frame.len()) {
            if let Some(answer) = call.refuse(&error) {
                answer.send();
            }
            return;
        }
        let refused = {
            let mut app = lock(&self.app);
            match (app.commands.get(&call.name), &app.phase) {
                (_, Phase::Closed) => Some(PageError::refused("the app is closing")),
                (Some(command), _) => {
                    self.pool.submit(Job::Call {
                        call: Arc::clone(&call),
                        command: Arc::clone(command),
                        frame,
                    });
                    return;
                }
                (None, Phase::Starting) => {
                    app.waiting.push((call, frame));
                    return;
                }
                (None, Phase::Ready) => Some(unknown(&call.name)),
                (None, Phase::Failed(message)) => Some(PageError::new("AppFailed", message)),
            }
        };
        window.started(frame.len());
        if let Some(answer) = refused.and_then(|error| call.fail(error)) {
            answer.send();
        }
    }

    /// The window of that label.
    fn window(&self, label: &str) -> Arc<Window> {
        let mut windows = lock(&self.windows);
        if let Some(window) = windows.get(label) {
            return Arc::clone(window);
        }
        let window = Arc::new(Window::new());
        windows.insert(label.to_owned(), Arc::clone(&window));
        window
    }

    pub(crate) fn forget_window(&self, label: &str) {
        let window = lock(&self.windows).remove(label);
        if let Some(window) = window {
            window.close();
        }
    }

    /// Sends an event to one window's page, or to all.
    pub(crate) fn emit(&self, label: Option<&str>, event: &Event) {
        let windows: Vec<_> = {
            let windows = lock(&self.windows);
            let wanted = |name: &str| label.is_none_or(|label| label == name);
            let found = windows.iter().filter(|(name, _)| wanted(name));
            found.map(|(_, window)| Arc::clone(window)).collect()
        };
        for window in windows {
            window.event(event.clone());
        }
    }

    pub(crate) fn register(&self, command: Arc<Command>) {
        let name = command.name.clone();
        let mut app = lock(&self.app);
        let (now, later) = std::mem::take(&mut app.waiting)
            .into_iter()
            .partition::<Vec<_>, _>(|(call, _)| call.name == name);
        app.waiting = later;
        let old = app.commands.insert(name, Arc::clone(&command));
        drop(app);
        // Outside of the lock: dropping a function can run anything.
        drop(old);
        for (call, frame) in now {
            let command = Arc::clone(&command);
            self.pool.submit(Job::Call {
                call,
                command,
                frame,
            });
        }
    }

    pub(crate) fn add_handler(&self, event: String, handler: Arc<Command>) {
        let mut app = lock(&self.app);
        app.handlers.entry(event).or_default().push(handler);
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        let mut names: Vec<_> = lock(&self.app).commands.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn ready(&self) {
        self.enter(Phase::Ready, |call| unknown(&call.name));
    }

    pub(crate) fn failed(&self, message: &str) {
        self.enter(Phase::Failed(message.to_owned()), |_| {
            PageError::new("AppFailed", message)
        });
    }

    /// Goes on to a phase in which no call waits for its command.
    fn enter(&self, phase: Phase, error: impl Fn(&Call) -> PageError) {
        let ready = matches!(phase, Phase::Ready);
        let (waiting, events) = {
            let mut app = lock(&self.app);
            if matches!(app.phase, Phase::Closed) {
                return;
            }
            app.phase = phase;
            let events = std::mem::take(&mut app.waiting_events);
            (std::mem::take(&mut app.waiting), events)
        };
        for (name, frame) in events.into_iter().filter(|_| ready) {
            // Those that still have no handler are for nobody.
            let _ = self.handle_event(&name, frame);
        }
        for (call, frame) in waiting {
            call.window.started(frame.len());
            if let Some(answer) = call.fail(error(&call)) {
                answer.send();
            }
        }
    }

    pub(crate) fn reset(&self) {
        self.enter(Phase::Starting, |_| PageError::cancelled());
        let (commands, handlers) = {
            let mut app = lock(&self.app);
            (
                std::mem::take(&mut app.commands),
                std::mem::take(&mut app.handlers),
            )
        };
        drop((commands, handlers));
        self.cancel_all();
    }

    fn cancel_all(&self) {
        let windows: Vec<_> = lock(&self.windows).values().cloned().collect();
        for window in windows {
            window.cancel_all();
        }
    }

    pub(crate) fn shutdown(&self, grace: Duration) -> bool {
        let deadline = Instant::now() + grace;
        self.enter(Phase::Closed, |_| PageError::cancelled());
        self.cancel_all();
        // After the calls: a job that is given back has been answered by then.
        drop(self.pool.close());
        lock(&self.events).queue.clear();
        let workers_ended = self.pool.wait(deadline);
        let loop_ended = !self.loop_used.load(Ordering::Acquire)
            || Python::attach(|py| {
                let left = deadline.saturating_duration_since(Instant::now());
                let stopped = python::stop_loop(py)
                    .and_then(|stop| stop.call1((left.as_secs_f64(),)))
                    .and_then(|stopped| stopped.extract());
                stopped.unwrap_or(false)
            });
        self.supervisor.close();
        workers_ended && loop_ended
    }

    /// An event of a page. The page learns that it was taken.
    fn page_event(&self, name: &str, frame: Frame, reply: Reply) {
        reply(match self.handle_event(name, frame) {
            Ok(()) => Response::Json("null".into()),
            Err(error) => error.response(),
        });
    }

    /// Queues an event for its handlers; without any it waits for the app's module to have run.
    fn handle_event(&self, name: &str, frame: Frame) -> Result<(), Box<PageError>> {
        let too_many = || Box::new(PageError::new("TooManyCalls", "too many events waiting"));
        let handlers = {
            let mut app = lock(&self.app);
            match app.handlers.get(name) {
                Some(handlers) => handlers.clone(),
                None if matches!(app.phase, Phase::Starting) => {
                    let waiting = &mut app.waiting_events;
                    let bytes: usize = waiting.iter().map(|(_, frame)| frame.len()).sum();
                    if waiting.len() >= MAX_EARLY_EVENTS || bytes > MAX_EVENT_BYTES {
                        return Err(too_many());
                    }
                    waiting.push((name.to_owned(), frame));
                    return Ok(());
                }
                None => return Ok(()),
            }
        };
        let mut events = lock(&self.events);
        let bytes = events.bytes.saturating_add(frame.len());
        if events.queue.len() >= MAX_EVENTS || bytes > MAX_EVENT_BYTES {
            return Err(too_many());
        }
        events.bytes = bytes;
        events.queue.push_back((handlers, frame));
        if !std::mem::replace(&mut events.running, true) {
            drop(events);
            self.pool.submit(Job::Events);
        }
        Ok(())
    }

    /// The next event, or none: then the thread that asks is to stop asking.
    pub(crate) fn next_event(&self) -> Option<(Vec<Arc<Command>>, Frame)> {
        let mut events = lock(&self.events);
        let next = events.queue.pop_front();
        match &next {
            Some((_, frame)) => events.bytes = events.bytes.saturating_sub(frame.len()),
            None => events.running = false,
        }
        next
    }
}

fn refuse(reply: Reply, error: &FrameError) {
    reply(PageError::refused(error.to_string()).response());
}

fn unknown(name: &str) -> PageError {
    let shown: String = name.chars().take(80).collect();
    PageError::new(
        "UnknownCommand",
        format!("no command {shown:?}: is the function marked with @px.command?"),
    )
}

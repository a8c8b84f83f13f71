//! What the bridge knows of one window: the page in it, that page's calls, and what waits for it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use crate::{
    Reply, Response,
    call::{Answer, Call, Update, json, lock},
    dump::quoted,
    errors::PageError,
};

/// Calls of one page that have no answer yet.
const MAX_CALLS: usize = 16_384;
/// Bytes of messages that wait for a thread.
const MAX_WAITING_BYTES: usize = 512 << 20;
/// Streams of one page that are open at a time; each holds a thread.
const MAX_STREAMS: usize = 64;
/// Events that wait for a page which listens but does not come to fetch them.
const MAX_EVENTS: usize = 10_000;
const MAX_EVENT_BYTES: usize = 64 << 20;

pub(crate) struct Window {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The page that is loaded; messages of others are those of pages that were left.
    session: Option<String>,
    calls: HashMap<u64, Arc<Call>>,
    waiting: usize,
    waiting_bytes: usize,
    outbox: Outbox,
}

/// An event, ready to be sent.
#[derive(Clone)]
pub(crate) enum Event {
    /// `["name", data]`
    Json(String),
    /// With binary data: a whole answer of its own.
    Frame(Vec<u8>),
}

/// What stands around an event that is an answer of its own.
pub(crate) fn around_event(name: &str) -> (String, &'static str) {
    (format!("{{\"events\":[[{},", quoted(name)), "]]}")
}

#[derive(Default)]
struct Outbox {
    /// The page has asked for events. Until then there are none for it.
    listening: bool,
    events: VecDeque<Event>,
    bytes: usize,
    lost: usize,
    progress: Vec<(u64, Update)>,
    poll: Option<Reply>,
}

impl Outbox {
    fn push(&mut self, event: Event) {
        if !self.listening {
            return;
        }
        self.bytes += event.len();
        self.events.push_back(event);
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_EVENT_BYTES {
            let Some(oldest) = self.events.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
            self.lost += 1;
        }
    }

    /// Everything that waits, if the page waits for it.
    fn answer(&mut self) -> Option<Answer> {
        self.poll.as_ref()?;
        if self.events.is_empty() && self.progress.is_empty() {
            return None;
        }
        let response = match self.events.front() {
            Some(Event::Frame(_)) if self.progress.is_empty() => match self.events.pop_front()? {
                Event::Frame(bytes) => {
                    self.bytes -= bytes.len();
                    Response::Bytes(bytes)
                }
                Event::Json(json) => Response::Json(json),
            },
            _ => Response::Json(self.batch()),
        };
        let reply = self.poll.take()?;
        Some(Answer::new(reply, response))
    }

    fn batch(&mut self) -> String {
        let mut events = Vec::new();
        while let Some(Event::Json(event)) = self
            .events
            .pop_front_if(|event| matches!(event, Event::Json(_)))
        {
            self.bytes -= event.len();
            events.push(event);
        }
        let progress = self.progress.drain(..).map(|(id, update)| {
            let update = json(&update);
            format!("[{id},{}", &update[1..])
        });
        let progress: Vec<_> = progress.collect();
        let lost = std::mem::take(&mut self.lost);
        format!(
            "{{\"events\":[{}],\"progress\":[{}],\"lost\":{lost}}}",
            events.join(","),
            progress.join(","),
        )
    }
}

impl Event {
    fn len(&self) -> usize {
        match self {
            Self::Json(json) => json.len(),
            Self::Frame(bytes) => bytes.len(),
        }
    }
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
        }
    }

    /// A page has loaded: the calls of the one before are of no use to anybody.
    pub(crate) fn hello(&self, session: &str) {
        self.leave(Some(session.to_owned()));
    }

    /// The page is gone.
    pub(crate) fn close(&self) {
        self.leave(None);
    }

    fn leave(&self, session: Option<String>) {
        let poll = {
            let mut state = lock(&self.state);
            state.session = session;
            std::mem::take(&mut state.outbox).poll
        };
        if let Some(reply) = poll {
            reply(Response::Json("{}".into()));
        }
        self.cancel_all();
    }

    pub(crate) fn cancel_all(&self) {
        let calls = std::mem::take(&mut lock(&self.state).calls);
        for call in calls.into_values() {
            call.cancel();
        }
    }

    /// Whether a message comes from the page that is loaded.
    pub(crate) fn is_current(&self, session: &str) -> bool {
        lock(&self.state).session.as_deref() == Some(session)
    }

    /// Takes a call's number and its place among those that wait, or says why not.
    pub(crate) fn accept(&self, call: &Arc<Call>, bytes: usize) -> Result<(), Box<PageError>> {
        let mut state = lock(&self.state);
        if state.calls.contains_key(&call.id) {
            let message = format!("call {} is running: every call needs a new number", call.id);
            return Err(Box::new(PageError::refused(message)));
        }
        let streams = || state.calls.values().filter(|call| call.stream.is_some());
        let busy = if state.calls.len() >= MAX_CALLS || state.waiting >= MAX_CALLS {
            Some(format!("too many calls waiting: {MAX_CALLS}"))
        } else if state.waiting_bytes.saturating_add(bytes) > MAX_WAITING_BYTES {
            Some("too many calls waiting: 512 MB of arguments".into())
        } else if call.stream.is_some() && streams().count() >= MAX_STREAMS {
            Some(format!("too many streams open: {MAX_STREAMS}"))
        } else {
            None
        };
        if let Some(message) = busy {
            return Err(Box::new(PageError::new("TooManyCalls", message)));
        }
        state.calls.insert(call.id, Arc::clone(call));
        state.waiting += 1;
        state.waiting_bytes += bytes;
        Ok(())
    }

    /// A call's message no longer waits.
    pub(crate) fn started(&self, bytes: usize) {
        let mut state = lock(&self.state);
        state.waiting = state.waiting.saturating_sub(1);
        state.waiting_bytes = state.waiting_bytes.saturating_sub(bytes);
    }

    pub(crate) fn call(&self, id: u64) -> Option<Arc<Call>> {
        lock(&self.state).calls.get(&id).cloned()
    }

    /// Takes a call away so that it can be cancelled.
    pub(crate) fn take(&self, id: u64) -> Option<Arc<Call>> {
        lock(&self.state).calls.remove(&id)
    }

    /// `call` is over. Its number may have come to belong to another since.
    pub(crate) fn forget(&self, id: u64, call: &Call) {
        let mut state = lock(&self.state);
        let same = |known: &Arc<Call>| std::ptr::eq(Arc::as_ptr(known), call);
        if state.calls.get(&id).is_some_and(same) {
            state.calls.remove(&id);
        }
    }

    /// Sends an event, or keeps it until the page asks.
    pub(crate) fn event(&self, event: Event) {
        self.outbox(|outbox| outbox.push(event));
    }

    /// Sends progress; of one call only the newest is of interest.
    pub(crate) fn progress(&self, id: u64, update: Update) {
        self.outbox(|outbox| {
            outbox.progress.retain(|(other, _)| *other != id);
            outbox.progress.push((id, update));
        });
    }

    /// The page waits for events. A second wait ends the first.
    pub(crate) fn poll(&self, reply: Reply) {
        let earlier = {
            let mut state = lock(&self.state);
            state.outbox.listening = true;
            state.outbox.poll.replace(reply)
        };
        if let Some(earlier) = earlier {
            earlier(Response::Json("{}".into()));
        }
        self.outbox(|_| {});
    }

    fn outbox(&self, change: impl FnOnce(&mut Outbox)) {
        let answer = {
            let mut state = lock(&self.state);
            change(&mut state.outbox);
            state.outbox.answer()
        };
        if let Some(answer) = answer {
            answer.send();
        }
    }
}

//! Items on their way to a page that asks for them.
//!
//! A producer runs ahead of its page by a few items at most, then waits. What is there when the
//! page asks goes out in one answer.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use pyo3::prelude::*;

use crate::{
    Reply, Response,
    call::{Answer, Call, json, lock},
    core,
    errors::PageError,
};

/// How far a producer may run ahead: whichever comes first.
const MAX_ITEMS: usize = 256;
const MAX_BYTES: usize = 1 << 20;

/// An item, ready to be sent.
pub(crate) enum Item {
    Json(String),
    /// With binary data: a whole answer of its own.
    Frame(Vec<u8>),
}

/// What stands around an item that is an answer of its own.
pub(crate) const BEFORE: &str = "{\"items\":[";
pub(crate) const AFTER: &str = "],\"done\":false}";

pub(crate) struct Stream {
    state: Mutex<State>,
    space: Condvar,
}

struct State {
    items: VecDeque<Item>,
    bytes: usize,
    end: Option<Result<(), PageError>>,
    /// The page wants no more.
    closed: bool,
    /// The page waits for this.
    pull: Option<Reply>,
    /// Tells an `async` producer that there is space.
    wake: Option<Py<PyAny>>,
}

impl State {
    fn is_full(&self) -> bool {
        self.items.len() >= MAX_ITEMS || self.bytes >= MAX_BYTES
    }

    /// What there is, and whether that was the last.
    fn batch(&mut self, call: &Call) -> Option<(Response, bool)> {
        if let Some(Item::Frame(_)) = self.items.front()
            && let Some(Item::Frame(bytes)) = self.items.pop_front()
        {
            self.bytes -= bytes.len();
            return Some((Response::Bytes(bytes), false));
        }
        if self.items.is_empty()
            && let Some(Err(error)) = &self.end
        {
            return Some((error.response(), true));
        }
        if self.items.is_empty() && self.end.is_none() {
            return None;
        }
        let mut body = String::with_capacity(self.bytes + self.items.len() + 64);
        body.push_str(BEFORE);
        let mut first = true;
        while let Some(Item::Json(item)) = self
            .items
            .pop_front_if(|item| matches!(item, Item::Json(_)))
        {
            if !std::mem::take(&mut first) {
                body.push(',');
            }
            self.bytes -= item.len();
            body.push_str(&item);
        }
        let done = self.items.is_empty() && matches!(self.end, Some(Ok(())));
        body.push_str(if done {
            "],\"done\":true"
        } else {
            "],\"done\":false"
        });
        if let Some(update) = call.held().filter(|_| done) {
            body.push_str(",\"progress\":");
            body.push_str(&json(&update));
        }
        body.push('}');
        Some((Response::Json(body), done))
    }
}

impl Stream {
    /// A stream whose page waits for its first items.
    pub(crate) fn new(pull: Reply) -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                bytes: 0,
                end: None,
                closed: false,
                pull: Some(pull),
                wake: None,
            }),
            space: Condvar::new(),
        }
    }

    /// Adds an item; an answer if the page was waiting for it.
    pub(crate) fn push(&self, call: &Call, item: Item) -> Option<Answer> {
        let mut state = lock(&self.state);
        if state.closed {
            return None;
        }
        state.bytes += match &item {
            Item::Json(json) => json.len(),
            Item::Frame(bytes) => bytes.len(),
        };
        state.items.push_back(item);
        Self::answer(state, call)
    }

    /// The producer is done.
    pub(crate) fn end(&self, call: &Call, end: Result<(), PageError>) -> Option<Answer> {
        let mut state = lock(&self.state);
        if state.closed || state.end.is_some() {
            return None;
        }
        state.end = Some(end);
        Self::answer(state, call)
    }

    /// The page asks for more.
    pub(crate) fn pull(&self, call: &Call, reply: Reply) -> Option<Answer> {
        let mut state = lock(&self.state);
        if state.closed || state.pull.is_some() {
            let message = if state.closed {
                "the stream is closed"
            } else {
                "the stream was asked already"
            };
            return Some(Answer::new(reply, PageError::refused(message).response()));
        }
        state.pull = Some(reply);
        let answer = Self::answer(state, call);
        if answer.is_some() {
            self.made_space();
        }
        answer
    }

    /// Gives the page what there is, if it waits.
    fn answer(mut state: std::sync::MutexGuard<'_, State>, call: &Call) -> Option<Answer> {
        state.pull.as_ref()?;
        let (response, last) = state.batch(call)?;
        let reply = state.pull.take()?;
        drop(state);
        if last {
            call.window.forget(call.id, call);
        }
        Some(Answer::new(reply, response))
    }

    fn made_space(&self) {
        self.space.notify_all();
        if let Some(wake) = lock(&self.state).wake.take() {
            core::get().supervisor.attached(move |py| {
                // A loop that has ended waits for nothing.
                let _ = wake.call0(py);
            });
        }
    }

    /// The page wants no more; an answer if it was waiting.
    pub(crate) fn close(&self, error: &PageError) -> Option<Answer> {
        let (pull, items) = {
            let mut state = lock(&self.state);
            state.closed = true;
            state.bytes = 0;
            (state.pull.take(), std::mem::take(&mut state.items))
        };
        drop(items);
        self.made_space();
        pull.map(|reply| Answer::new(reply, error.response()))
    }

    /// Waits, without the interpreter, until there is space; false once the stream is closed.
    pub(crate) fn wait_for_space(&self) -> bool {
        let mut state = lock(&self.state);
        while state.is_full() && !state.closed {
            state = self
                .space
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        !state.closed
    }

    /// Whether the producer should wait before it makes more.
    pub(crate) fn has_no_space(&self) -> bool {
        let state = lock(&self.state);
        state.is_full() && !state.closed
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// Calls `wake` when there is space; false if there is already.
    pub(crate) fn wake_for_space(&self, wake: Py<PyAny>) -> bool {
        let mut state = lock(&self.state);
        let must_wait = state.is_full() && !state.closed;
        if must_wait {
            state.wake = Some(wake);
        }
        must_wait
    }
}

//! What happens on the desktop while Python does something else: a queue at which a thread of
//! `python/pyxidium/_events.py` waits.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use pyo3::prelude::*;
use serde::Serialize;

use crate::native;

/// As many are kept for an app that has no handler yet; older ones are of no use by then.
const KEPT: usize = 1000;

/// Something that an app may have a handler for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    kind: &'static str,
    /// What the handler is told, as JSON.
    data: String,
}

impl Event {
    pub(crate) fn new(kind: &'static str, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
        Self { kind, data }
    }
}

/// Holds events until Python takes them.
#[derive(Default)]
pub(crate) struct Events {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    closed: bool,
}

impl Events {
    /// Leaves an event. Never blocks.
    pub(crate) fn push(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.events.len() == KEPT {
            state.events.pop_front();
        }
        state.events.push_back(event);
        self.changed.notify_one();
    }

    /// There are no more: who waits is sent away.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        self.changed.notify_all();
    }

    fn next(&self) -> Option<Event> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed {
            if let Some(event) = state.events.pop_front() {
                return Some(event);
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

/// Waits for the next event: its kind and its data as JSON. None when the app is closing.
#[pyfunction]
fn next_event(py: Python<'_>) -> PyResult<Option<(&'static str, String)>> {
    let shell = native::shell()?;
    let event = py.detach(|| shell.events.next());
    Ok(event.map(|event| (event.kind, event.data)))
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(next_event, module)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_the_newest_are_kept_and_closing_ends_the_wait() {
        let events = Events::default();
        for number in 0..KEPT + 2 {
            events.push(Event::new("n", &number));
        }
        assert_eq!(events.next(), Some(Event::new("n", &2)));
        assert_eq!(events.next(), Some(Event::new("n", &3)));
        events.close();
        assert_eq!(events.next(), None);
    }
}

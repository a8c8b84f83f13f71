//! What a job tells, in order: log lines one by one, progress only as it is now.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// How often progress is told at most: more often than the eye sees is wasted.
const PROGRESS_EVERY: Duration = Duration::from_millis(33);

/// One thing that a job tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Event {
    /// A line of the log.
    Log {
        level: Level,
        text: String,
        /// Seconds since the job began.
        at: f64,
    },
    /// How far it is.
    Progress(State),
    /// It has ended well.
    Done { result: serde_json::Value },
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Step,
    Note,
    Warning,
}

/// How far the step under way is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct State {
    /// From 0 to 1; None where its length is unknown.
    pub fraction: Option<f64>,
    /// The step.
    pub message: String,
}

#[derive(Debug, Default)]
struct Pending {
    lines: VecDeque<Event>,
    progress: Option<State>,
    told: Option<Instant>,
    ended: bool,
}

/// Events between the thread that works and the one that listens.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pending: Mutex<Pending>,
    changed: Condvar,
}

/// What waiting for an event came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    Event(Event),
    /// Nothing happened in the time given.
    Nothing,
    /// Nothing more will happen.
    End,
}

impl Events {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line or the result.
    pub(crate) fn push(&self, event: Event) {
        self.lock().lines.push_back(event);
        self.changed.notify_all();
    }

    /// Replaces what was not yet told of the progress.
    pub(crate) fn progress(&self, state: State) {
        let mut pending = self.lock();
        // Who listens wakes up by itself when it is time for the next one.
        let first = pending.progress.replace(state).is_none();
        drop(pending);
        if first {
            self.changed.notify_all();
        }
    }

    /// Nothing more will come.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Waits for the next event, at most `patience`.
    pub(crate) fn next(&self, patience: Duration) -> Next {
        let deadline = Instant::now() + patience;
        let mut pending = self.lock();
        loop {
            let now = Instant::now();
            if let Some(event) = pending.lines.pop_front() {
                return Next::Event(event);
            }
            if pending.ended {
                return Next::End;
            }
            let due = pending.told.map_or(now, |told| told + PROGRESS_EVERY);
            if due <= now
                && let Some(state) = pending.progress.take()
            {
                pending.told = Some(now);
                return Next::Event(Event::Progress(state));
            }
            if deadline <= now {
                return Next::Nothing;
            }
            let until = if pending.progress.is_some() {
                due.min(deadline)
            } else {
                deadline
            };
            pending = self
                .changed
                .wait_timeout(pending, until - now)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn line(text: &str) -> Event {
        Event::Log {
            level: Level::Note,
            text: text.into(),
            at: 0.5,
        }
    }

    fn state(fraction: f64) -> State {
        State {
            fraction: Some(fraction),
            message: "Packing".into(),
        }
    }

    #[test]
    fn lines_come_in_order_and_the_end_after_them() {
        let events = Events::default();
        events.push(line("one"));
        events.push(line("two"));
        events.end();
        assert_eq!(events.next(PATIENCE), Next::Event(line("one")));
        assert_eq!(events.next(PATIENCE), Next::Event(line("two")));
        assert_eq!(events.next(PATIENCE), Next::End);
    }

    #[test]
    fn only_the_latest_progress_is_told_and_not_too_often() {
        let events = Events::default();
        let start = Instant::now();
        let mut told = 0;
        for i in 0..300 {
            events.progress(state(f64::from(i) / 300.0));
            std::thread::sleep(Duration::from_millis(1));
            if let Next::Event(Event::Progress(_)) = events.next(Duration::ZERO) {
                told += 1;
            }
        }
        let most = 2 + start.elapsed().as_millis() / PROGRESS_EVERY.as_millis();
        assert!((2..=most).contains(&told), "{told} of at most {most}");
        events.progress(state(1.0));
        assert_eq!(
            events.next(PATIENCE),
            Next::Event(Event::Progress(state(1.0)))
        );
    }

    #[test]
    fn waiting_ends_when_something_comes_and_when_nothing_does() {
        let events = Events::default();
        assert_eq!(events.next(Duration::from_millis(5)), Next::Nothing);
        std::thread::scope(|scope| {
            scope.spawn(|| events.push(line("late")));
            assert_eq!(events.next(PATIENCE), Next::Event(line("late")));
        });
    }

    #[test]
    fn events_are_plain_json() {
        let json = |e: &Event| serde_json::to_string(e).unwrap();
        assert_eq!(
            json(&line("x")),
            r#"{"kind":"log","level":"note","text":"x","at":0.5}"#
        );
        assert_eq!(
            json(&Event::Progress(state(0.25))),
            r#"{"kind":"progress","fraction":0.25,"message":"Packing"}"#
        );
    }
}

//! One call of a page: its answer, its progress, and how it is told to stop.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use pyembed::cancel::Token;
use pyo3::{Python, prelude::*};

use crate::{
    Reply, Response, core, dump::quoted, errors::PageError, stream::Stream, window::Window,
};

/// A page gets progress at most 30 times a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(33);

/// A call that was accepted.
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) window: Arc<Window>,
    pub(crate) token: Token,
    /// Set for calls that want items.
    pub(crate) stream: Option<Stream>,
    wants_progress: bool,
    reply: Mutex<Option<Reply>>,
    progress: Mutex<Progress>,
    /// Stops the task of an `async` command; may be called on any thread.
    stop_task: Mutex<Option<Py<PyAny>>>,
}

/// Fraction and message.
pub(crate) type Update = (Option<f64>, String);

/// When to send which update. Under one lock: two updates must not overtake each other.
#[derive(Debug, Default)]
struct Progress {
    sent: Option<Instant>,
    /// The newest update, if it came too soon after the last.
    held: Option<Update>,
}

/// What to do with an update.
#[derive(Debug, PartialEq)]
enum Due {
    Now(Update),
    /// It is held until then.
    At(Instant),
    /// It has taken the place of one that was held.
    Already,
}

impl Progress {
    fn report(&mut self, update: Update, now: Instant) -> Due {
        match self.next(now) {
            Some(due) => match self.held.replace(update) {
                Some(_) => Due::Already,
                None => Due::At(due),
            },
            None => {
                self.sent = Some(now);
                self.held = None;
                Due::Now(update)
            }
        }
    }

    /// The update that was held until now. An alarm that comes late may find a newer one, which has
    /// an alarm of its own.
    fn alarm(&mut self, now: Instant) -> Option<Update> {
        if self.next(now).is_some() {
            return None;
        }
        let held = self.held.take()?;
        self.sent = Some(now);
        Some(held)
    }

    /// When the next update may be sent, if that is not now.
    fn next(&self, now: Instant) -> Option<Instant> {
        let due = self.sent? + PROGRESS_INTERVAL;
        (due > now).then_some(due)
    }
}

/// An answer that is to be given without the interpreter.
pub(crate) struct Answer {
    reply: Reply,
    response: Response,
}

impl Answer {
    pub(crate) fn new(reply: Reply, response: Response) -> Self {
        Self { reply, response }
    }

    pub(crate) fn send(self) {
        (self.reply)(self.response);
    }
}

impl Call {
    pub(crate) fn new(
        window: &Arc<Window>,
        id: u64,
        name: String,
        stream: bool,
        wants_progress: bool,
        reply: Reply,
    ) -> Self {
        let (stream, reply) = if stream {
            (Some(Stream::new(reply)), None)
        } else {
            (None, Some(reply))
        };
        Self {
            id,
            name,
            window: Arc::clone(window),
            token: Token::new(),
            stream,
            wants_progress,
            reply: Mutex::new(reply),
            progress: Mutex::default(),
            stop_task: Mutex::default(),
        }
    }

    /// What goes around a result: the update that was held back, which must not come after it.
    pub(crate) fn envelope(&self) -> (String, &'static str, &'static str) {
        if !self.wants_progress {
            return (String::new(), "", "");
        }
        let held = self.held().map_or("null".into(), |update| json(&update));
        (format!("{{\"progress\":{held},\"value\":"), "}", "value")
    }

    /// The update that was held back, once.
    pub(crate) fn held(&self) -> Option<Update> {
        lock(&self.progress).held.take()
    }

    /// The call is over.
    pub(crate) fn finish(&self, response: Response) -> Option<Answer> {
        self.window.forget(self.id, self);
        let reply = lock(&self.reply).take()?;
        Some(Answer::new(reply, response))
    }

    /// The call is over, and went wrong.
    pub(crate) fn fail(&self, mut error: PageError) -> Option<Answer> {
        error.progress = self.held().filter(|_| self.wants_progress);
        match &self.stream {
            Some(stream) => stream.end(self, Err(error)),
            None => self.finish(error.response()),
        }
    }

    /// The call was not accepted: no window knows it.
    pub(crate) fn refuse(&self, error: &PageError) -> Option<Answer> {
        match &self.stream {
            Some(stream) => stream.close(error),
            None => {
                let reply = lock(&self.reply).take()?;
                Some(Answer::new(reply, error.response()))
            }
        }
    }

    /// Asks the call to stop, and answers it: the page does not wait for what it does not want.
    ///
    /// To be called after the window has forgotten it.
    pub(crate) fn cancel(&self) {
        self.token.cancel();
        let answer = match &self.stream {
            Some(stream) => stream.close(&PageError::cancelled()),
            None => {
                let reply = lock(&self.reply).take();
                reply.map(|reply| Answer::new(reply, PageError::cancelled().response()))
            }
        };
        if let Some(stop) = lock(&self.stop_task).take() {
            core::get().supervisor.attached(move |py| {
                // A loop that has ended has nothing to stop.
                let _ = stop.call0(py);
            });
        }
        if let Some(answer) = answer {
            answer.send();
        }
    }

    /// The task of an `async` command has started; false if it should not.
    pub(crate) fn started(&self, stop: Py<PyAny>) -> bool {
        *lock(&self.stop_task) = Some(stop);
        // In this order: whoever cancels looks at the task after setting the flag.
        !self.token.is_cancelled()
    }

    /// The task has ended.
    pub(crate) fn task_ended(&self) {
        let stop = lock(&self.stop_task).take();
        // Outside of the lock: dropping an object can run anything.
        drop(stop);
    }

    /// Takes an update of the call's progress.
    pub(crate) fn report(self: &Arc<Self>, update: Update) {
        if !self.wants_progress {
            return;
        }
        let mut progress = lock(&self.progress);
        match progress.report(update, Instant::now()) {
            Due::Now(update) => self.window.progress(self.id, update),
            Due::At(due) => {
                drop(progress);
                core::get().supervisor.at(due, Arc::downgrade(self));
            }
            Due::Already => {}
        }
    }

    /// Sends the update that was held back; its time has come.
    pub(crate) fn release_progress(&self) {
        let mut progress = lock(&self.progress);
        if let Some(update) = progress.alarm(Instant::now()) {
            self.window.progress(self.id, update);
        }
    }
}

/// An update as a page gets it, without the call's number.
pub(crate) fn json((fraction, message): &Update) -> String {
    let fraction = fraction.map_or("null".into(), |fraction| format!("{fraction:?}"));
    format!("[{fraction},{}]", quoted(message))
}

/// What a panic left behind is still whole: no update here takes more than one step.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends an answer while other threads may run Python.
pub(crate) fn send(py: Python<'_>, answer: Option<Answer>) {
    if let Some(answer) = answer {
        py.detach(|| answer.send());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_that_comes_late_does_not_hurry_the_next_update() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let update = |text: &str| (None, text.to_owned());
        let mut progress = Progress::default();
        assert_eq!(progress.report(update("a"), at(0)), Due::Now(update("a")));
        assert_eq!(progress.report(update("b"), at(1)), Due::At(at(33)));
        assert_eq!(progress.report(update("c"), at(2)), Due::Already);
        // The alarm for 33 has not come yet.
        assert_eq!(progress.report(update("d"), at(40)), Due::Now(update("d")));
        assert_eq!(progress.report(update("e"), at(41)), Due::At(at(73)));
        assert_eq!(progress.alarm(at(42)), None);
        assert_eq!(progress.alarm(at(73)), Some(update("e")));
        assert_eq!(progress.alarm(at(200)), None);
    }
}

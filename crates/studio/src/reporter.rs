//! The packager's progress as events of a job, and its way to learn that it should stop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use packager::{Progress, Unit};
use pyembed::cancel::Token;

use crate::Error;
use crate::events::{Event, Events, Level, State};

#[derive(Debug, Default)]
struct Step {
    message: String,
    total: Option<u64>,
    done: u64,
}

/// Listens to the packager.
#[derive(Debug)]
pub(crate) struct Reporter {
    events: Arc<Events>,
    /// Set by the job itself, and by the call that it belongs to.
    cancel: Vec<Token>,
    /// Set when the result so far is wanted.
    finish: Token,
    step: Mutex<Step>,
    start: Instant,
}

impl Reporter {
    pub(crate) fn new(events: Arc<Events>, cancel: Vec<Token>, finish: Token) -> Self {
        Self {
            events,
            cancel,
            finish,
            step: Mutex::default(),
            start: Instant::now(),
        }
    }

    /// Seconds since the job began.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Whether somebody wants the result so far.
    pub(crate) fn finished(&self) -> bool {
        self.finish.is_cancelled()
    }

    /// Stops here if that is asked for.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.cancelled() {
            true => Err(packager::Error::Cancelled.into()),
            false => Ok(()),
        }
    }

    /// What is done now, where nobody knows how long.
    pub(crate) fn now(&self, what: &str) {
        self.change(|step| {
            *step = Step {
                message: what.into(),
                ..Step::default()
            };
        });
    }

    fn log(&self, level: Level, text: &str) {
        self.events.push(Event::Log {
            level,
            text: text.into(),
            at: self.seconds(),
        });
    }

    fn change(&self, change: impl FnOnce(&mut Step)) {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut step);
        let state = State {
            fraction: step
                .total
                .filter(|total| *total > 0)
                .map(|total| (step.done as f64 / total as f64).min(1.0)),
            message: step.message.clone(),
        };
        // Under the lock: a later state must not be overtaken by an earlier one.
        self.events.progress(state);
    }
}

impl Progress for Reporter {
    fn begin(&self, what: &str, total: Option<u64>, _unit: Unit) {
        self.log(Level::Step, what);
        self.change(|step| {
            *step = Step {
                message: what.into(),
                total,
                done: 0,
            };
        });
    }

    fn advance(&self, by: u64) {
        self.change(|step| step.done += by);
    }

    fn end(&self) {
        self.change(|step| step.done = step.total.unwrap_or(step.done));
    }

    fn note(&self, text: &str) {
        self.log(Level::Note, text);
    }

    fn warn(&self, text: &str) {
        self.log(Level::Warning, text);
    }

    fn cancelled(&self) -> bool {
        self.cancel.iter().any(Token::is_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::events::Next;

    #[test]
    fn steps_become_lines_and_fractions() {
        let events = Arc::new(Events::default());
        let reporter = Reporter::new(Arc::clone(&events), Vec::new(), Token::new());
        reporter.begin("Packing", Some(4), Unit::Items);
        reporter.advance(1);
        assert!(
            matches!(events.next(Duration::ZERO), Next::Event(Event::Log { level: Level::Step, text, .. }) if text == "Packing")
        );
        let Next::Event(Event::Progress(state)) = events.next(Duration::ZERO) else {
            panic!("no progress");
        };
        assert_eq!(
            (state.fraction, state.message.as_str()),
            (Some(0.25), "Packing")
        );
    }

    #[test]
    fn a_step_of_unknown_length_has_no_fraction_and_no_step_is_more_than_done() {
        let events = Arc::new(Events::default());
        let reporter = Reporter::new(Arc::clone(&events), Vec::new(), Token::new());
        let fraction = || loop {
            if let Next::Event(Event::Progress(state)) = events.next(Duration::from_secs(1)) {
                return state.fraction;
            }
        };
        reporter.begin("Resolving", None, Unit::Items);
        assert_eq!(fraction(), None);
        reporter.begin("Writing", Some(10), Unit::Bytes);
        reporter.advance(12);
        assert_eq!(fraction(), Some(1.0));
    }

    #[test]
    fn it_stops_when_the_job_or_the_call_is_cancelled() {
        let (job, call) = (Token::new(), Token::new());
        let reporter = Reporter::new(Arc::default(), vec![job, call.clone()], Token::new());
        assert!(!reporter.cancelled());
        call.cancel();
        assert!(reporter.cancelled());
    }
}

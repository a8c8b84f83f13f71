//! Long work on a thread of its own, and Python's end of it: an iterator of events.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use pyembed::cancel::Token;
use pyo3::prelude::*;
use serde_json::Value;

use crate::Error;
use crate::events::{Event, Events, Next};
use crate::reporter::Reporter;

/// How often Python's signals are looked at while nothing happens.
const PATIENCE: Duration = Duration::from_millis(100);

/// Work under way. Iterating gives its events as JSON; the last one is its result. Leaving it as
/// a context manager cancels it and waits until it has ended.
#[pyclass(frozen, module = "_pyxidium_studio")]
#[derive(Debug)]
pub(crate) struct Job {
    events: Arc<Events>,
    cancel: Token,
    finish: Token,
    thread: Mutex<Option<JoinHandle<Result<(), Error>>>>,
    what: &'static str,
}

impl Job {
    /// Starts `work`; it belongs to the call that this thread is working on, and ends with it.
    pub(crate) fn start(
        what: &'static str,
        work: impl FnOnce(&Reporter) -> Result<Value, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let events = Arc::new(Events::default());
        let (cancel, finish) = (Token::new(), Token::new());
        let tokens = [Some(cancel.clone()), Token::current()];
        let tokens = tokens.into_iter().flatten().collect();
        let reporter = Reporter::new(Arc::clone(&events), tokens, finish.clone());
        let sender = Arc::clone(&events);
        let thread = std::thread::Builder::new()
            .name(what.into())
            .spawn(move || {
                // Also when it panics: who listens must not wait for ever.
                let result = catch_unwind(AssertUnwindSafe(|| work(&reporter)))
                    .unwrap_or(Err(Error::Panicked { job: what }));
                let result = result.map(|result| sender.push(Event::Done { result }));
                sender.end();
                result
            })?;
        Ok(Self {
            events,
            cancel,
            finish,
            thread: Mutex::new(Some(thread)),
            what,
        })
    }

    /// Waits for the thread; its error, the first time.
    fn join(&self) -> Result<(), Error> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        match thread.take() {
            None => Ok(()),
            Some(thread) => thread
                .join()
                .unwrap_or(Err(Error::Panicked { job: self.what })),
        }
    }
}

#[pymethods]
impl Job {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    /// The next event, as JSON. Other Python threads run while it waits.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        loop {
            match py.detach(|| self.events.next(PATIENCE)) {
                Next::Event(event) => {
                    let json = serde_json::to_string(&event)
                        .map_err(|e| Error::Io(std::io::Error::other(e)))?;
                    return Ok(Some(json));
                }
                Next::End => {
                    py.detach(|| self.join())?;
                    return Ok(None);
                }
                Next::Nothing => py.check_signals()?,
            }
        }
    }

    /// Asks the work to stop; it does so at its next step.
    fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Asks the work to come to its end, with what it has.
    fn finish(&self) {
        self.finish.cancel();
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    /// Nothing goes on behind the back of whoever leaves.
    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.cancel.cancel();
        // Its error was raised while iterating, or nobody wants it.
        let _ = py.detach(|| self.join());
    }
}

#[cfg(test)]
mod tests {
    use packager::Progress as _;

    use super::*;

    fn events(job: &Job) -> Vec<Event> {
        std::iter::from_fn(|| {
            loop {
                match job.events.next(PATIENCE) {
                    Next::Event(event) => return Some(event),
                    Next::End => return None,
                    Next::Nothing => {}
                }
            }
        })
        .collect()
    }

    #[test]
    fn a_job_ends_with_its_result() {
        let job = Job::start("test", |_| Ok(7.into())).unwrap();
        assert_eq!(events(&job), [Event::Done { result: 7.into() }]);
        job.join().unwrap();
    }

    #[test]
    fn a_job_stops_when_it_is_cancelled() {
        let job = Job::start("test", |reporter| {
            while !reporter.cancelled() {
                std::thread::yield_now();
            }
            Err(Error::Packager(packager::Error::Cancelled))
        })
        .unwrap();
        job.cancel();
        assert_eq!(events(&job), []);
        assert!(matches!(
            job.join(),
            Err(Error::Packager(packager::Error::Cancelled))
        ));
    }

    #[test]
    fn a_job_stops_with_the_call_that_started_it() {
        let call = Token::new();
        let job = {
            let _current = call.enter();
            Job::start("test", |reporter| {
                while !reporter.cancelled() {
                    std::thread::yield_now();
                }
                Ok(Value::Null)
            })
            .unwrap()
        };
        call.cancel();
        assert_eq!(events(&job).len(), 1);
    }

    #[test]
    fn a_panic_is_an_error_and_nobody_waits_for_ever() {
        let job = Job::start("test", |_| panic!("on purpose")).unwrap();
        assert_eq!(events(&job), []);
        assert!(matches!(job.join(), Err(Error::Panicked { job: "test" })));
    }
}

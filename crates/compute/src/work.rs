//! What a running computation is watched by: whether it should stop, and how far it is.
//!
//! A [`Watch`] is shared by the threads that compute and by whoever waits for them. Computations ask
//! it between blocks of work; who sets it (Ctrl-C, a page that cancels) is no business of this room.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::kernel::runtime::{self, Stop};

/// The work was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Between one computation and those who wait for it.
#[derive(Debug, Default)]
pub struct Watch {
    /// Not 0 when it should stop.
    stop: Arc<AtomicU32>,
    /// Steps of the part that is worked at.
    done: AtomicU64,
    part: Mutex<Part>,
}

/// A part of the work, as shares of the whole.
#[derive(Debug, Clone, Copy)]
struct Part {
    before: f64,
    share: f64,
    steps: u64,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            before: 0.0,
            share: 1.0,
            steps: 0,
        }
    }
}

impl Watch {
    /// A watch over work that nobody has stopped.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A watch over work that is done for other work: it stops when that is stopped.
    #[must_use]
    pub fn inside(outer: &Self) -> Self {
        Self {
            stop: outer.stop.clone(),
            ..Self::default()
        }
    }

    /// Ask the work to stop, soon.
    pub fn cancel(&self) {
        self.stop.store(1, Ordering::Relaxed);
    }

    /// Whether the work should stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != 0
    }

    /// For the work: go on, or stop here. Cheap enough for every few microseconds.
    ///
    /// # Errors
    /// When the work should stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// For the work: what comes now takes such a share of the whole time. Work of one part need not say so.
    pub fn part(&self, share: f64) {
        let mut part = self.lock();
        // What was said of another part, if anything was.
        let begun = part.steps > 0 || part.before > 0.0 || part.share < 1.0;
        *part = Part {
            before: part.before + if begun { part.share } else { 0.0 },
            share,
            steps: 0,
        };
        self.done.store(0, Ordering::Relaxed);
    }

    /// For the work: so many steps this part will have, from here on.
    pub fn expect(&self, steps: u64) {
        let mut part = self.lock();
        part.steps = steps;
        self.done.store(0, Ordering::Relaxed);
    }

    /// For the work: so many steps more are done. Says too whether to go on.
    ///
    /// # Errors
    /// When the work should stop.
    pub fn advance(&self, steps: u64) -> Result<(), Cancelled> {
        self.done.fetch_add(steps, Ordering::Relaxed);
        self.check()
    }

    /// How much is done, from 0 to 1; `None` while the work has not said how much there is.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let part = self.lock();
        if part.steps == 0 {
            return (part.before > 0.0).then_some(part.before);
        }
        // Both are far below 2^53.
        let done = self.done.load(Ordering::Relaxed) as f64 / part.steps as f64;
        Some((part.before + part.share * done.min(1.0)).min(1.0))
    }

    fn lock(&self) -> MutexGuard<'_, Part> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs work of a library that cannot be asked to stop, but calls something of ours, which calls
    /// [`leave_if_cancelled`](Self::leave_if_cancelled).
    ///
    /// # Errors
    /// When the work was left.
    pub fn leaving<R>(&self, work: impl FnOnce() -> R) -> Result<R, Cancelled> {
        // What the work had in hand is dropped on the way; nobody sees it half done.
        catch_unwind(AssertUnwindSafe(work)).or_else(|cause| {
            if cause.is::<Cancelled>() {
                Err(Cancelled)
            } else {
                resume_unwind(cause)
            }
        })
    }

    /// Out of the innermost [`leaving`](Self::leaving) of this thread, if the work should stop. It is no panic:
    /// nothing is printed.
    pub fn leave_if_cancelled(&self) {
        #[cold]
        fn leave() -> ! {
            resume_unwind(Box::new(Cancelled))
        }
        if self.is_cancelled() {
            leave();
        }
    }
}

/// Work may call kernels, which look at the flag that says whether to stop, and at nothing else.
impl runtime::Watch for Watch {
    fn flag(&self) -> &AtomicU32 {
        &self.stop
    }

    fn look(&self) -> Result<(), Stop> {
        self.check().map_err(|Cancelled| Stop::Cancelled)
    }

    fn stopped(&self) -> bool {
        self.is_cancelled()
    }

    fn progress(&self, _done: u64, _of: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_until_it_is_stopped() {
        let watch = Watch::new();
        assert_eq!((watch.fraction(), watch.check()), (None, Ok(())));
        watch.expect(4);
        assert_eq!((watch.advance(1), watch.fraction()), (Ok(()), Some(0.25)));
        let inner = Watch::inside(&watch);
        assert_eq!((inner.fraction(), inner.check()), (None, Ok(())));
        watch.cancel();
        assert_eq!(
            (watch.advance(9), watch.fraction()),
            (Err(Cancelled), Some(1.0))
        );
        assert_eq!(inner.check(), Err(Cancelled));
        assert_eq!(Cancelled.to_string(), "the computation was cancelled");
    }

    #[test]
    fn parts_add_up() {
        let watch = Watch::new();
        let mut seen = vec![];
        for (share, steps) in [(0.25, 2), (0.5, 4), (0.25, 1)] {
            watch.part(share);
            watch.expect(steps);
            for _ in 0..steps {
                seen.push(watch.fraction().unwrap());
                watch.advance(1).unwrap();
            }
        }
        seen.push(watch.fraction().unwrap());
        assert_eq!(seen, [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0]);
    }

    #[test]
    fn what_cannot_be_asked_is_left() {
        let watch = Watch::new();
        let sorted = |watch: &Watch| {
            watch.leaving(|| {
                let mut values = [3, 1, 2];
                values.sort_unstable_by(|a, b| {
                    watch.leave_if_cancelled();
                    a.cmp(b)
                });
                values
            })
        };
        assert_eq!(sorted(&watch), Ok([1, 2, 3]));
        watch.cancel();
        assert_eq!(sorted(&watch), Err(Cancelled));
        let other = catch_unwind(AssertUnwindSafe(|| {
            watch.leaving(|| resume_unwind(Box::new(7)))
        }));
        assert!(other.is_err_and(|cause| cause.is::<i32>()));
    }
}

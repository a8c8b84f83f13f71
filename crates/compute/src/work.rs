//! What a running computation is watched by: whether it should stop, and how far it is.
//!
//! A [`Watch`] is shared by the threads that compute and by whoever waits for them. Computations ask
//! it between blocks of work; who sets it (Ctrl-C, a page that cancels) is no business of this room.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The work was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Between one computation and those who wait for it.
#[derive(Debug, Default)]
pub struct Watch {
    stop: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Watch {
    /// A watch over work that nobody has stopped.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            stop: AtomicBool::new(false),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        }
    }

    /// Ask the work to stop, soon.
    pub fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the work should stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
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

    /// For the work: so many steps there will be, from here on.
    pub fn expect(&self, steps: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(steps, Ordering::Relaxed);
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
        let total = self.total.load(Ordering::Relaxed);
        // Both are far below 2^53.
        (total > 0).then(|| (self.done.load(Ordering::Relaxed) as f64 / total as f64).min(1.0))
    }
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
        watch.cancel();
        assert_eq!(
            (watch.advance(9), watch.fraction()),
            (Err(Cancelled), Some(1.0))
        );
        assert_eq!(Cancelled.to_string(), "the computation was cancelled");
    }
}

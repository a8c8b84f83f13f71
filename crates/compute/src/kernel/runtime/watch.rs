//! Who looks after a running kernel.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use super::Stop;

/// What is asked of running kernels now and then.
pub trait Watch: Send + Sync {
    /// Not 0 when [`Watch::look`] should be called.
    fn flag(&self) -> &AtomicU32;

    /// Looks what the flag is about.
    ///
    /// # Errors
    /// When the kernel is to stop.
    fn look(&self) -> Result<(), Stop>;

    /// Whether it was found to be stopped, at an earlier look.
    fn stopped(&self) -> bool;

    /// Iterations of an outermost parallel loop that are done, of how many.
    fn progress(&self, done: u64, of: u64);
}

/// A watch that never has anything to say.
#[derive(Debug)]
pub struct Unwatched(AtomicU32);

impl Unwatched {
    /// The one.
    #[must_use]
    pub fn get() -> Arc<dyn Watch> {
        static ONE: OnceLock<Arc<Unwatched>> = OnceLock::new();
        ONE.get_or_init(|| Arc::new(Self(AtomicU32::new(0))))
            .clone()
    }
}

impl Watch for Unwatched {
    fn flag(&self) -> &AtomicU32 {
        &self.0
    }

    fn look(&self) -> Result<(), Stop> {
        Ok(())
    }

    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _done: u64, _of: u64) {}
}

//! A flag that says "stop": shared by whoever asked for some work and the threads that do it.
//!
//! The bridge makes a token per call; kernels and long native work find it as the *current* token
//! of their thread and look at it now and then. Nothing is interrupted by force.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Says whether one piece of work should stop.
#[derive(Clone, Debug, Default)]
pub struct Token(Arc<AtomicBool>);

thread_local! {
    static CURRENT: RefCell<Vec<Token>> = const { RefCell::new(Vec::new()) };
}

impl Token {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop. Cheap enough for inner loops.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The token of what this thread is working on.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(|tokens| tokens.last().cloned())
    }

    /// Makes this the thread's current token until the guard goes; guards nest.
    #[must_use]
    pub fn enter(&self) -> Entered {
        CURRENT.with_borrow_mut(|tokens| tokens.push(self.clone()));
        Entered {
            _not_send: std::marker::PhantomData,
        }
    }
}

/// While this lives, a token is current.
#[derive(Debug)]
pub struct Entered {
    _not_send: std::marker::PhantomData<*mut ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|tokens| tokens.pop());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_token_is_current_on_its_own_thread_only() {
        let (outer, inner) = (Token::new(), Token::new());
        assert!(Token::current().is_none());
        let first = outer.enter();
        {
            let _second = inner.enter();
            inner.cancel();
            assert!(Token::current().is_some_and(|token| token.is_cancelled()));
            std::thread::spawn(|| assert!(Token::current().is_none()))
                .join()
                .unwrap();
        }
        assert!(Token::current().is_some_and(|token| !token.is_cancelled()));
        drop(first);
        assert!(Token::current().is_none());
    }
}

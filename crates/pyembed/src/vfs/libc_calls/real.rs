//! The functions that ours stand in front of.

use std::{
    mem,
    sync::atomic::{AtomicUsize, Ordering},
};

/// `libc`'s own function of this name.
macro_rules! real {
    ($name:ident: fn($($argument:ty),*) -> $result:ty) => {{
        static REAL: Real = Real::new(concat!(stringify!($name), "\0"));
        REAL.get::<unsafe extern "C" fn($($argument),*) -> $result>()
    }};
}

/// The next definition of a function in the search order after ours, which is libc's.
pub(crate) struct Real {
    name: &'static str,
    address: AtomicUsize,
}

impl Real {
    /// `name` ends in NUL.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            address: AtomicUsize::new(0),
        }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> usize {
        let mut address = self.address.load(Ordering::Relaxed);
        if address == 0 {
            // SAFETY: a NUL-terminated string.
            address = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr().cast()) } as usize;
            if address == 0 {
                // Only a libc without such a function gets here; then nobody can call it either.
                std::process::abort();
            }
            self.address.store(address, Ordering::Relaxed);
        }
        address
    }

    /// As a function pointer of type `F`, which must be libc's signature of that name.
    pub(crate) fn get<F: Copy>(&self) -> F {
        const { assert!(size_of::<F>() == size_of::<usize>()) };
        let address = self.address();
        // SAFETY: a non-null function address; calling the result is the caller's `unsafe`.
        unsafe { mem::transmute_copy::<usize, F>(&address) }
    }
}

pub(super) use real;

//! Loops over blocks, on the pool that the caller is in.
//!
//! The same as rayon's parallel iterators, but compiled once and not for every closure and element type
//! again, which made the library twice as large.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::Error;

thread_local! {
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Work so small that waking other threads would take longer: loops in it stay on this thread, which need not
/// be one of a pool.
pub fn alone<R>(work: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _before = Before(ALONE.replace(true));
    work()
}

/// How many threads loops run on.
pub fn threads() -> usize {
    if ALONE.get() {
        1
    } else {
        rayon::current_num_threads()
    }
}

/// `work(0)`, `work(1)`, ... `work(count - 1)`, in any order, several at a time.
pub fn each(count: usize, work: &(dyn Fn(usize) + Sync)) {
    if count <= 1 || threads() == 1 {
        (0..count).for_each(work);
    } else {
        (0..count).into_par_iter().for_each(work);
    }
}

/// As [`each`], for work that can fail.
///
/// # Errors
/// What the work of the lowest number said.
pub fn try_each(
    count: usize,
    work: &(dyn Fn(usize) -> Result<(), Error> + Sync),
) -> Result<(), Error> {
    let first: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    each(count, &|place| {
        if let Err(error) = work(place) {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            if first.as_ref().is_none_or(|(other, _)| place < *other) {
                *first = Some((place, error));
            }
        }
    });
    match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// What `work` gives for every number below `count`, in their order.
pub fn map<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let mut results: Vec<MaybeUninit<R>> = Vec::with_capacity(count);
    // SAFETY: elements that need no initialization.
    unsafe { results.set_len(count) };
    let parts = Parts::new(&mut results);
    each(count, &|place| {
        // SAFETY: each place is asked for once.
        let slot = unsafe { parts.of(place, 1) };
        slot[0].write(work(place));
    });
    // SAFETY: all were written (else a panic would have left this function, and results leak), and both
    // types have one layout.
    results
        .into_iter()
        .map(|result| unsafe { result.assume_init() })
        .collect()
}

/// As [`map`], for work that can fail.
///
/// # Errors
/// What the work of the lowest number said.
pub fn try_map<R: Send, E: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    map(count, work).into_iter().collect()
}

/// Hands `work` the pieces of `all`, each `block` long (the last may be shorter), and where each begins.
pub fn fill<T: Send>(all: &mut [T], block: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let length = all.len();
    let parts = Parts::new(all);
    each(length.div_ceil(block), &|place| {
        let start = place * block;
        // SAFETY: pieces of different numbers do not overlap, and each number comes once.
        work(start, unsafe { parts.of(start, block.min(length - start)) });
    });
}

/// A new array whose elements `value` computes; in pieces of `block`.
pub fn build<T: Copy + Send>(
    length: usize,
    block: usize,
    value: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let mut all: Vec<MaybeUninit<T>> = Vec::with_capacity(length);
    // SAFETY: elements that need no initialization.
    unsafe { all.set_len(length) };
    in_huge_pages(&all);
    fill(&mut all, block, |start, part| {
        for (place, slot) in part.iter_mut().enumerate() {
            slot.write(value(start + place));
        }
    });
    let mut all = std::mem::ManuallyDrop::new(all);
    // SAFETY: all were written, and `MaybeUninit<T>` has the layout of `T`.
    unsafe { Vec::from_raw_parts(all.as_mut_ptr().cast(), length, all.capacity()) }
}

/// Asks for large pages: of small ones, the first touch of each costs more than what is then written there.
fn in_huge_pages<T>(all: &[T]) {
    #[cfg(target_os = "linux")]
    {
        const HUGE: usize = 1 << 21;
        let start = all.as_ptr().addr().next_multiple_of(HUGE);
        let end = (all.as_ptr().addr() + size_of_val(all)) / HUGE * HUGE;
        if end > start {
            // SAFETY: advice on pages that lie wholly within `all`; it changes no content, and may fail.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = all;
}

/// A slice that several threads write different pieces of.
pub struct Parts<'a, T> {
    start: *mut T,
    length: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: it only gives out pieces, which may go to other threads since `T: Send`; that they do not overlap is
// for who asks.
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    /// Pieces of this.
    pub const fn new(all: &'a mut [T]) -> Self {
        Self {
            start: all.as_mut_ptr(),
            length: all.len(),
            slice: PhantomData,
        }
    }

    /// The piece of `length` elements from `start` on.
    ///
    /// # Safety
    /// No other piece that is still used may overlap it.
    ///
    /// # Panics
    /// When it goes beyond the end.
    #[allow(clippy::mut_from_ref)] // what the safety section is about
    pub unsafe fn of(&self, start: usize, length: usize) -> &mut [T] {
        assert!(start <= self.length && length <= self.length - start);
        // SAFETY: within the slice that is borrowed for `'a`; the caller promises that nobody else has it.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;
    use crate::work::Cancelled;

    #[test]
    fn all_numbers_come_once_and_results_in_order() {
        for threads in [1, 3] {
            pool::with_threads(threads, || {
                assert_eq!(map(1000, |place| place.to_string())[999], "999");
                assert_eq!(map(1000, |place| place), (0..1000).collect::<Vec<_>>());
                let mut all = vec![0; 1003];
                fill(&mut all, 10, |start, part| {
                    part.iter_mut()
                        .enumerate()
                        .for_each(|(place, slot)| *slot += start + place);
                });
                assert_eq!(all, (0..1003).collect::<Vec<_>>());
                assert_eq!(build(1003, 10, |place| place), all);
                assert!(build(0, 10, |place| place).is_empty());
            })
            .unwrap();
        }
    }

    #[test]
    fn small_work_stays_on_its_thread() {
        let here = std::thread::current().id();
        assert!(
            alone(|| map(100, |_| std::thread::current().id()))
                .iter()
                .all(|id| *id == here)
        );
        assert_eq!(alone(|| alone(threads) + threads()), 2);
        pool::with_threads(3, || assert_eq!((alone(threads), threads()), (1, 3))).unwrap();
    }

    #[test]
    fn large_arrays_are_built() {
        let all = build(3_000_000, 1 << 15, |place| place as u64);
        assert!(
            all.iter()
                .enumerate()
                .all(|(place, value)| place as u64 == *value)
        );
    }

    #[test]
    fn the_lowest_error_is_told() {
        let fail = |place: usize| {
            if place % 7 == 5 {
                Err(Error::value("place", "another", place))
            } else {
                Ok(())
            }
        };
        for threads in [1, 3] {
            let error = pool::with_threads(threads, || try_each(100, &fail).unwrap_err()).unwrap();
            assert_eq!(error.to_string(), "place must be another, not 5");
        }
        assert!(try_each(5, &fail).is_ok());
        let got: Result<Vec<usize>, Cancelled> = try_map(4, |place| {
            if place == 2 {
                Err(Cancelled)
            } else {
                Ok(place)
            }
        });
        assert_eq!(got, Err(Cancelled));
    }

    #[test]
    #[should_panic(expected = "assertion failed")]
    fn pieces_end_where_the_slice_ends() {
        let mut all = [1, 2, 3];
        let parts = Parts::new(&mut all);
        // SAFETY: one piece only (and none: it panics).
        let _ = unsafe { parts.of(2, 2) };
    }
}

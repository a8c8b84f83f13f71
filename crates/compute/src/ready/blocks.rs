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
use crate::apart;
use crate::work::{Cancelled, Watch};

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

/// `work(0)`, `work(1)`, ... `work(count - 1)`, in any order, several at a time; each is a step of the watch.
///
/// # Errors
/// When cancelled: what was not begun by then is not done.
pub fn each(count: usize, watch: &Watch, work: &(dyn Fn(usize) + Sync)) -> Result<(), Cancelled> {
    watch.expect(count as u64);
    let one = |place: usize| {
        apart::settle();
        if !watch.is_cancelled() {
            work(place);
            // Whether to go on is asked before the next.
            let _ = watch.advance(1);
        }
    };
    if count <= 1 || threads() == 1 {
        (0..count).for_each(one);
    } else {
        // Many pieces for each thread: some take much longer than others.
        let most = count.div_ceil(64 * threads());
        (0..count).into_par_iter().with_max_len(most).for_each(one);
    }
    watch.check()
}

/// As [`each`], for work that can fail.
///
/// # Errors
/// What the work of the lowest number said, of those that were begun; or when cancelled.
pub fn try_each(
    count: usize,
    watch: &Watch,
    work: &(dyn Fn(usize) -> Result<(), Error> + Sync),
) -> Result<(), Error> {
    let first: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let all = each(count, watch, &|place| {
        if let Err(error) = work(place) {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            if first.as_ref().is_none_or(|(other, _)| place < *other) {
                *first = Some((place, error));
            }
        }
    });
    match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(all?),
    }
}

/// What `work` gives for every number below `count`, in their order.
///
/// # Errors
/// When cancelled.
pub fn map<R: Send>(
    count: usize,
    watch: &Watch,
    work: impl Fn(usize) -> R + Sync,
) -> Result<Vec<R>, Cancelled> {
    map_each(count, watch, &work)
}

/// Compiled once for each kind of result.
fn map_each<R: Send>(
    count: usize,
    watch: &Watch,
    work: &(dyn Fn(usize) -> R + Sync),
) -> Result<Vec<R>, Cancelled> {
    let mut results: Vec<Option<R>> = Vec::new();
    results.resize_with(count, || None);
    let parts = Parts::new(&mut results);
    each(count, watch, &|place| {
        // SAFETY: each place is asked for once.
        let slot = unsafe { parts.of(place, 1) };
        slot[0] = Some(work(place));
    })?;
    // All are there, else `each` had said so.
    results
        .into_iter()
        .map(|result| result.ok_or(Cancelled))
        .collect()
}

/// As [`map`], for work that can fail.
///
/// # Errors
/// What the work of the lowest number said, or when cancelled.
pub fn try_map<R: Send, E: From<Cancelled> + Send>(
    count: usize,
    watch: &Watch,
    work: impl Fn(usize) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    map(count, watch, work)?.into_iter().collect()
}

/// Hands `work` the pieces of `all`, each `block` long (the last may be shorter), and where each begins.
///
/// # Errors
/// When cancelled.
pub fn fill<T: Send>(
    all: &mut [T],
    block: usize,
    watch: &Watch,
    work: impl Fn(usize, &mut [T]) + Sync,
) -> Result<(), Cancelled> {
    fill_each(all, block, watch, &work)
}

/// Compiled once for each kind of element.
fn fill_each<T: Send>(
    all: &mut [T],
    block: usize,
    watch: &Watch,
    work: &(dyn Fn(usize, &mut [T]) + Sync),
) -> Result<(), Cancelled> {
    let length = all.len();
    let parts = Parts::new(all);
    each(length.div_ceil(block), watch, &|place| {
        let start = place * block;
        // SAFETY: pieces of different numbers do not overlap, and each number comes once.
        work(start, unsafe { parts.of(start, block.min(length - start)) });
    })
}

/// A new array that `work` writes all of, in pieces of `block`.
fn written<T: Copy + Send>(
    length: usize,
    block: usize,
    watch: &Watch,
    work: &(dyn Fn(usize, &mut [MaybeUninit<T>]) + Sync),
) -> Result<Vec<T>, Cancelled> {
    let mut all: Vec<MaybeUninit<T>> = Vec::with_capacity(length);
    // SAFETY: elements that need no initialization.
    unsafe { all.set_len(length) };
    in_huge_pages(&all);
    fill_each(&mut all, block, watch, work)?;
    let mut all = std::mem::ManuallyDrop::new(all);
    // SAFETY: all were written, else `fill` had failed; and `MaybeUninit<T>` has the layout of `T`.
    Ok(unsafe { Vec::from_raw_parts(all.as_mut_ptr().cast(), length, all.capacity()) })
}

/// A new array whose elements `value` computes; in pieces of `block`.
///
/// # Errors
/// When cancelled.
pub fn build<T: Copy + Send>(
    length: usize,
    block: usize,
    watch: &Watch,
    value: impl Fn(usize) -> T + Sync,
) -> Result<Vec<T>, Cancelled> {
    written(length, block, watch, &|start, part| {
        for (place, slot) in part.iter_mut().enumerate() {
            slot.write(value(start + place));
        }
    })
}

/// The lists behind each other.
///
/// # Errors
/// When cancelled.
pub fn concat<T: Copy + Send + Sync>(lists: &[Vec<T>], watch: &Watch) -> Result<Vec<T>, Cancelled> {
    let mut ends: Vec<usize> = lists.iter().map(Vec::len).collect();
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    written(total, 1 << 16, watch, &|start, mut part| {
        let mut list = ends.partition_point(|end| *end <= start);
        let mut skip = start + lists.get(list).map_or(0, Vec::len) - ends.get(list).unwrap_or(&0);
        while !part.is_empty() {
            let from = &lists[list][skip..];
            let (here, rest) = part.split_at_mut(from.len().min(part.len()));
            here.write_copy_of_slice(&from[..here.len()]);
            (list, skip, part) = (list + 1, 0, rest);
        }
    })
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::pool;

    #[test]
    fn all_numbers_come_once_and_results_in_order() {
        let watch = Watch::new();
        for threads in [1, 3] {
            pool::with_threads(threads, || {
                let texts = map(1000, &watch, |place| place.to_string()).unwrap();
                assert_eq!(texts[999], "999");
                assert_eq!(map(1000, &watch, |place| place), Ok((0..1000).collect()));
                let mut all = vec![0; 1003];
                fill(&mut all, 10, &watch, |start, part| {
                    part.iter_mut()
                        .enumerate()
                        .for_each(|(place, slot)| *slot += start + place);
                })
                .unwrap();
                assert_eq!(watch.fraction(), Some(1.0));
                assert_eq!(all, (0..1003).collect::<Vec<_>>());
                assert_eq!(build(1003, 10, &watch, |place| place), Ok(all));
                assert_eq!(build(0, 10, &watch, |place| place), Ok(vec![]));
            })
            .unwrap();
        }
    }

    #[test]
    fn small_work_stays_on_its_thread() {
        let here = std::thread::current().id();
        let ids = alone(|| map(100, &Watch::new(), |_| std::thread::current().id())).unwrap();
        assert!(ids.iter().all(|id| *id == here));
        assert_eq!(alone(|| alone(threads) + threads()), 2);
        pool::with_threads(3, || assert_eq!((alone(threads), threads()), (1, 3))).unwrap();
    }

    #[test]
    fn large_arrays_are_built_and_put_together() {
        let watch = Watch::new();
        let all = build(3_000_000, 1 << 15, &watch, |place| place as u64).unwrap();
        assert!(
            all.iter()
                .enumerate()
                .all(|(place, value)| place as u64 == *value)
        );
        let mut rest = &all[..];
        let mut lists = vec![vec![]];
        for length in [0, 1, 70_000, 5, 0, 200_000, 65_536].into_iter().cycle() {
            let (list, others) = rest.split_at(rest.len().min(length));
            lists.push(list.to_vec());
            rest = others;
            if rest.is_empty() {
                break;
            }
        }
        assert!(concat(&lists, &watch) == Ok(all));
        assert_eq!(concat::<u8>(&[], &watch), Ok(vec![]));
    }

    #[test]
    fn what_is_cancelled_is_not_begun() {
        for threads in [1, 3] {
            let (watch, begun) = (Watch::new(), AtomicUsize::new(0));
            let outcome = pool::with_threads(threads, || {
                map(10_000, &watch, |_| {
                    begun.fetch_add(1, Ordering::Relaxed);
                    watch.cancel();
                })
            });
            assert_eq!(outcome.unwrap(), Err(Cancelled));
            assert!(begun.into_inner() <= threads);
            assert_eq!(build(5, 2, &watch, |place| place), Err(Cancelled));
        }
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
            let try_all = || try_each(100, &Watch::new(), &fail).unwrap_err();
            let error = pool::with_threads(threads, try_all).unwrap();
            assert_eq!(error.to_string(), "place must be another, not 5");
        }
        assert!(try_each(5, &Watch::new(), &fail).is_ok());
        let got: Result<Vec<usize>, Cancelled> = try_map(4, &Watch::new(), |place| {
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

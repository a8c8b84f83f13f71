//! The one rayon pool of the process, and smaller or larger ones for who asks for a thread count.
//!
//! All parallel work of this crate runs inside [`install`] or [`with_threads`], never on rayon's
//! global pool: that one can neither be sized by us nor be left behind after a `fork`.

use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The environment variable that sizes the pool.
pub const VARIABLE: &str = "PYXIDIUM_THREADS";

/// More threads than this are never started, whatever is asked for.
pub const MOST: usize = 1024;

/// So many pools are kept; the one that was not used for longest goes first.
const KEPT: usize = 4;

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The system refuses threads.
    #[error(
        "cannot start {threads} threads for computing: {source}; ask for fewer ({VARIABLE}=1, or `threads=1`)"
    )]
    Start {
        /// How many were asked for.
        threads: usize,
        /// What rayon says.
        source: rayon::ThreadPoolBuildError,
    },
}

/// The pools of one process. A forked child has its parent's memory without its threads, so it
/// starts over with pools of its own.
struct Pools {
    process: u32,
    /// Last used first.
    pools: Mutex<Vec<(usize, Arc<ThreadPool>)>>,
}

static POOLS: AtomicPtr<Pools> = AtomicPtr::new(std::ptr::null_mut());

/// How many threads the one pool has: `PYXIDIUM_THREADS` if it is a number above zero, otherwise as
/// many as the system gives to this process.
#[must_use]
pub fn default_threads() -> usize {
    std::env::var(VARIABLE)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|&threads: &usize| threads > 0)
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .min(MOST)
}

/// How many threads work that starts here would have: those of the pool around it, or the one pool's.
#[must_use]
pub fn threads() -> usize {
    if rayon::current_thread_index().is_some() {
        rayon::current_num_threads()
    } else {
        default_threads()
    }
}

/// Run `work` on the one pool; inside another call of this module, on that one's pool.
///
/// # Errors
/// When threads cannot be started.
pub fn install<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, PoolError> {
    if rayon::current_thread_index().is_some() {
        return Ok(work());
    }
    Ok(the_pool()?.install(work))
}

/// Run `work` on a pool of `threads` threads (at least 1, at most [`MOST`]).
///
/// # Errors
/// When threads cannot be started.
pub fn with_threads<R: Send>(
    threads: usize,
    work: impl FnOnce() -> R + Send,
) -> Result<R, PoolError> {
    Ok(of(threads)?.install(work))
}

/// Run `work` on the one pool, or one of so many threads, while this thread calls `wait` every
/// `period` until it is done: a thread that must listen to somebody.
///
/// # Errors
/// When threads cannot be started.
pub fn beside<R: Send>(
    threads: Option<usize>,
    period: Duration,
    work: impl FnOnce() -> R + Send,
    mut wait: impl FnMut(),
) -> Result<R, PoolError> {
    let pool = of(threads.unwrap_or_else(default_threads))?;
    let (waiter, done) = (std::thread::current(), AtomicBool::new(false));
    let mut result = None;
    let place = &mut result;
    // Rayon's own waiting at the scope's end is over at once: the work is done by then.
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            let _end = Done(&done, &waiter);
            *place = Some(work());
        });
        while !done.load(Ordering::Acquire) {
            std::thread::park_timeout(period);
            if !done.load(Ordering::Acquire) {
                wait();
            }
        }
    });
    // Without a result there was a panic, which the scope has passed on.
    Ok(result.expect("the work is done"))
}

/// Says so when it goes, also in a panic.
struct Done<'a>(&'a AtomicBool, &'a Thread);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        self.1.unpark();
    }
}

/// The one pool.
///
/// # Errors
/// When threads cannot be started.
pub fn the_pool() -> Result<Arc<ThreadPool>, PoolError> {
    of(default_threads())
}

/// A pool of `threads` threads (at least 1, at most [`MOST`]), kept for the next who asks.
///
/// # Errors
/// When threads cannot be started.
pub fn of(threads: usize) -> Result<Arc<ThreadPool>, PoolError> {
    let threads = threads.clamp(1, MOST);
    // A panic cannot leave the list half changed.
    let mut pools = of_this_process()
        .pools
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = pools.iter().position(|(count, _)| *count == threads) {
        pools[..=place].rotate_right(1);
        return Ok(pools[0].1.clone());
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("compute-{index}"))
        .build()
        .map_err(|source| PoolError::Start { threads, source })?;
    let pool = Arc::new(pool);
    pools.insert(0, (threads, pool.clone()));
    // One that still works lives until its work ends.
    pools.truncate(KEPT);
    Ok(pool)
}

fn of_this_process() -> &'static Pools {
    let process = std::process::id();
    loop {
        let seen = POOLS.load(Ordering::Acquire);
        // SAFETY: not null means that it came from `Box::into_raw` below, and none is ever freed
        // once it was published.
        if let Some(pools) = unsafe { seen.as_ref() }
            && pools.process == process
        {
            return pools;
        }
        // What a parent process had is left alone: its lock may be held by a thread that is not here.
        let new = Box::into_raw(Box::new(Pools {
            process,
            pools: Mutex::default(),
        }));
        if POOLS
            .compare_exchange(seen, new, Ordering::AcqRel, Ordering::Acquire)
            .is_err()
        {
            // SAFETY: `new` is from `Box::into_raw`, was not published, and nobody else has it.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn work_runs_on_as_many_threads_as_asked_for() {
        for threads in [1, 2, 3, 7] {
            let seen = with_threads(threads, rayon::current_num_threads).unwrap();
            assert_eq!(seen, threads);
        }
        assert_eq!(
            install(rayon::current_num_threads).unwrap(),
            default_threads()
        );
        assert_eq!(with_threads(0, rayon::current_num_threads).unwrap(), 1);
    }

    #[test]
    fn a_thread_can_wait_and_listen() {
        let (mut heard, stop) = (0, AtomicBool::new(false));
        let threads = beside(
            Some(3),
            Duration::from_millis(1),
            || {
                while !stop.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
                rayon::current_num_threads()
            },
            || {
                heard += 1;
                // Not taken back: the other thread may not have looked yet when this is called again.
                stop.store(heard >= 3, Ordering::Release);
            },
        );
        assert_eq!((threads.unwrap(), heard >= 3), (3, true));
        let quick = beside(None, Duration::from_secs(60), || 7, || ());
        assert_eq!(quick.unwrap(), 7);
    }

    #[test]
    fn nested_work_stays_on_its_pool() {
        assert_eq!(
            with_threads(3, || install(rayon::current_num_threads).unwrap()).unwrap(),
            3
        );
        assert_eq!(with_threads(3, threads).unwrap(), 3);
    }

    #[test]
    fn pools_are_kept_and_not_without_end() {
        let first = of(5).unwrap();
        assert!(Arc::ptr_eq(&first, &of(5).unwrap()));
        for threads in 10..10 + KEPT {
            with_threads(threads, || (0..100).into_par_iter().sum::<usize>()).unwrap();
        }
        assert!(of_this_process().pools.lock().unwrap().len() <= KEPT);
        // The dropped one still works for who has it.
        assert_eq!(
            first.install(|| (0..100).into_par_iter().sum::<usize>()),
            4950
        );
    }

    #[test]
    fn a_forked_child_has_pools_that_work() {
        install(|| ()).unwrap();
        // SAFETY: the child only computes and leaves by `_exit`; the allocator survives fork in glibc.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let sum = install(|| (0..1000_u64).into_par_iter().sum::<u64>()).unwrap_or(0);
            // SAFETY: ends the child without running the parent's exit handlers.
            unsafe { libc::_exit(if sum == 499_500 { 0 } else { 1 }) };
        }
        let mut status = -1;
        let started = std::time::Instant::now();
        loop {
            // SAFETY: `status` is a place for an int; the child is ours.
            let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
            if ended == child {
                break;
            }
            if started.elapsed().as_secs() > 20 {
                // SAFETY: the child is ours and was not waited for.
                unsafe { libc::kill(child, libc::SIGKILL) };
                panic!("the child hangs in its pool");
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(status, 0);
    }
}

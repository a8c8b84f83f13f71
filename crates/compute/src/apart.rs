//! Threads of a pool on processors of their own.
//!
//! A thread that is woken often gets the processor of the one that woke it: a busy Linux hardly looks for an idle
//! one, and balances 5 to 15 ms later. Work of 12 ms took 18 in every third call. So threads that compute look, now
//! and then, whether another of their pool runs where they do, and move if so. Nothing is pinned: a thread
//! may run wherever it might before, as soon as it has moved.

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    /// How often a thread looks.
    const PERIOD: Duration = Duration::from_micros(200);

    /// Who has not said for so long where it runs sleeps: more than a thread waits for its turn.
    const FRESH: Duration = Duration::from_millis(6);

    /// Larger pools are for machines where there is nearly always an idle processor.
    const MOST: usize = 32;

    /// Where the thread of each index was last, and when: microseconds, then 16 bits of processor. Threads of
    /// several pools share places; at worst one moves for nothing.
    static SEATS: [AtomicU64; MOST] = [const { AtomicU64::new(0) }; MOST];

    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

    thread_local! {
        static NEXT: Cell<Option<Instant>> = const { Cell::new(None) };
    }

    pub fn settle() {
        let now = Instant::now();
        if NEXT.get().is_none_or(|next| next <= now) {
            NEXT.set(Some(now + PERIOD));
            look(now.saturating_duration_since(*BEGIN));
        }
    }

    #[cold]
    fn look(now: Duration) {
        let threads = rayon::current_num_threads();
        let Some(own) = rayon::current_thread_index().filter(|_| threads <= MOST) else {
            return;
        };
        // One is added so that a seat that nobody took is never fresh.
        let now = (now + FRESH).as_micros() as u64 + 1;
        let seats = &SEATS[..threads];
        let taken = |place: usize| {
            let seat = seats[place].load(Ordering::Relaxed);
            (now.saturating_sub(seat >> 16) < FRESH.as_micros() as u64)
                .then_some(seat as u16 as usize)
        };
        let Some(here) = processor() else { return };
        let mut seat = here;
        // Of two, the one with the higher index moves: else both might, and meet again.
        if (0..own).any(|place| taken(place) == Some(here)) {
            let others = (0..threads).filter(|place| *place != own).filter_map(taken);
            seat = leave_to(others).unwrap_or(here);
        }
        seats[own].store(now << 16 | seat as u64, Ordering::Relaxed);
    }

    fn processor() -> Option<usize> {
        // SAFETY: has no conditions.
        let here = unsafe { libc::sched_getcpu() };
        u16::try_from(here).ok().map(usize::from)
    }

    /// Moves this thread to a processor of its own, if it may use one that `others` do not use. Says where it is then.
    fn leave_to(others: impl Iterator<Item = usize>) -> Option<usize> {
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: a set of processors is an array of integers.
        let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        // SAFETY: the set is as large as is said; 0 is this thread.
        if unsafe { libc::sched_getaffinity(0, size, &raw mut allowed) } != 0 {
            return None;
        }
        let mut free = allowed;
        for other in others.filter(|other| *other < 8 * size) {
            // SAFETY: the set has so many bits.
            unsafe { libc::CPU_CLR(other, &mut free) };
        }
        // SAFETY: only reads.
        if unsafe { libc::CPU_COUNT(&free) } == 0 {
            return None;
        }
        // SAFETY: the sets are as large as is said; 0 is this thread, which moves at once.
        unsafe {
            if libc::sched_setaffinity(0, size, &raw const free) == 0 {
                libc::sched_setaffinity(0, size, &raw const allowed);
            }
        }
        processor()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_thread_leaves_those_that_others_use_and_may_go_back() {
            let allowed = || {
                // SAFETY: as above.
                let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
                let size = size_of::<libc::cpu_set_t>();
                // SAFETY: as above.
                assert_eq!(unsafe { libc::sched_getaffinity(0, size, &raw mut set) }, 0);
                // SAFETY: only reads, below the number of bits.
                (0..8 * size)
                    .filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &set) })
                    .collect::<Vec<_>>()
            };
            std::thread::spawn(move || {
                let before = allowed();
                for stays in &before {
                    let others = before.iter().filter(|cpu| *cpu != stays).copied();
                    // It may be moved on as soon as it has moved, if the machine is busy; mostly it is not.
                    assert!(leave_to(others).is_some_and(|seat| before.contains(&seat)));
                    assert_eq!(allowed(), before, "nothing is pinned");
                }
                assert_eq!(leave_to(before.iter().copied()), None, "no place is free");
                assert_eq!(allowed(), before);
            })
            .join()
            .unwrap();
        }
    }
}

/// For a thread that computes, between blocks of its work: move away from others of its pool. Takes 30 ns,
/// and every 200 µs a bit more.
pub fn settle() {
    #[cfg(target_os = "linux")]
    linux::settle();
}

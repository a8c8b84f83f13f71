//! One kernel called many times, on all threads.
//!
//! Results are in the order of the calls, and of several errors the first call's counts, so that the outcome is the
//! same on any number of threads.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::analyse::Unsupported;
use super::runtime::{Context, Kernel, Spec, Stop, Watch};
use super::types::Type;
use super::value::Value;
use crate::pool;

/// Pieces for each thread: enough for calls that take longer than others, few enough to cost little.
const PIECES: usize = 64;

/// The call that ended without a result.
#[derive(Debug)]
pub struct Stopped {
    /// Which one.
    pub index: usize,
    /// Why.
    pub stop: Stop,
}

/// Compiles a kernel for all the types that it will be called with.
///
/// # Errors
/// When it cannot be compiled for those of a call, and which call that is.
pub fn prepare(kernel: &Kernel, calls: &[Vec<Value>]) -> Result<(), (usize, Unsupported)> {
    let mut known = HashSet::new();
    for (index, args) in calls.iter().enumerate() {
        // What has no type is Python's to run.
        let Some(types) = types(args) else { continue };
        if !known.contains(&types) {
            kernel.choose(&types).map_err(|problem| (index, problem))?;
            known.insert(types);
        }
    }
    Ok(())
}

/// Calls a kernel with each of several lists of arguments, on the pool that it is called on.
///
/// # Errors
/// The first call's that has no result.
pub fn run(
    kernel: &Kernel,
    calls: Vec<Vec<Value>>,
    watch: &Arc<dyn Watch>,
    limit: u32,
) -> Result<Vec<Value>, Stopped> {
    let (count, done) = (calls.len(), AtomicU64::new(0));
    let failed = Arc::new(AtomicUsize::new(usize::MAX));
    let one = |known: &mut Option<(Vec<Type>, Arc<Spec>)>, (index, args): (usize, Vec<Value>)| {
        crate::apart::settle();
        // What comes after an error would not have run; what comes before it may have one, too.
        if index > failed.load(Ordering::Relaxed) {
            return Ok(Value::None);
        }
        let own = Arc::new(One {
            watch: watch.clone(),
            index,
            failed: failed.clone(),
        });
        let outcome = call(kernel, known, args, own, limit);
        match &outcome {
            Ok(_) => watch.progress(done.fetch_add(1, Ordering::Relaxed) + 1, count as u64),
            Err(_) => {
                failed.fetch_min(index, Ordering::Relaxed);
            }
        }
        outcome.map_err(|stop| Stopped { index, stop })
    };
    let outcomes: Vec<Result<Value, Stopped>> = pool::install(|| {
        let most = count / (rayon::current_num_threads() * PIECES);
        let calls = calls.into_par_iter().enumerate();
        let calls = calls.with_max_len(most.max(1));
        calls.map_init(|| None, one).collect()
    })
    .map_err(|error| Stopped {
        index: 0,
        stop: Stop::Pool(error),
    })?;
    outcomes.into_iter().collect()
}

fn types(args: &[Value]) -> Option<Vec<Type>> {
    args.iter().map(Value::ty).collect()
}

fn call(
    kernel: &Kernel,
    known: &mut Option<(Vec<Type>, Arc<Spec>)>,
    args: Vec<Value>,
    watch: Arc<One>,
    limit: u32,
) -> Result<Value, Stop> {
    watch.go_on()?;
    let Some(types) = types(&args) else {
        return kernel.by_host(args);
    };
    let spec = match known {
        Some((same, spec)) if *same == types => spec.clone(),
        _ => match kernel.choose(&types) {
            Ok(spec) => known.insert((types, spec)).1.clone(),
            // It was compiled before, so this is another way of compiling it that failed.
            Err(_) => return kernel.by_host(args),
        },
    };
    let mut context = Context::new(watch, limit);
    // The progress of loops inside is none of the whole.
    context.parallel = 1;
    spec.run(&mut context, &args)
}

/// What watches one of the calls.
struct One {
    watch: Arc<dyn Watch>,
    index: usize,
    failed: Arc<AtomicUsize>,
}

impl One {
    /// Whether its result is still wanted.
    fn go_on(&self) -> Result<(), Stop> {
        if self.watch.stopped() || self.index > self.failed.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

impl Watch for One {
    fn flag(&self) -> &AtomicU32 {
        self.watch.flag()
    }

    fn look(&self) -> Result<(), Stop> {
        self.watch.look()?;
        self.go_on()
    }

    fn stopped(&self) -> bool {
        self.watch.stopped()
    }

    fn progress(&self, done: u64, of: u64) {
        self.watch.progress(done, of);
    }
}

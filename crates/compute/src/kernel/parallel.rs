//! Loops whose iterations run on all threads.
//!
//! A range is cut into blocks that depend on its length only, and results are combined in the order of
//! the blocks: so the answer is the same on any number of threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::interval::Interval;
use super::runtime::{Context, Spec, Stop, status};
use super::syntax::Reduction;
use super::types::{Fact, Repr};
use super::value::{Slot, Value};

/// A range is cut into at most so many blocks.
const BLOCKS: u64 = 256;

/// What compiled code says of a parallel loop.
pub(super) struct Description {
    /// The compiled block.
    pub block: Arc<Spec>,
    pub reductions: Vec<Reduction>,
    /// How reductions lie in the frame before the loop.
    pub before: Vec<Repr>,
    /// How results are wanted: reductions, then last values.
    pub after: Vec<Repr>,
}

/// What a block starts a reduction with, given what is known of the value before the loop.
pub(super) fn identity(reduction: Reduction, start: &Fact) -> Option<Fact> {
    Some(match (reduction, start) {
        (Reduction::Add, Fact::Int(_) | Fact::Bool(_)) => Fact::int(Interval::of(0)),
        (Reduction::Mul, Fact::Int(_) | Fact::Bool(_)) => Fact::int(Interval::of(1)),
        (Reduction::Add | Reduction::Mul, Fact::Float { .. }) => Fact::FLOAT,
        (Reduction::Add | Reduction::Mul, Fact::Number) => Fact::Number,
        (Reduction::Add | Reduction::Mul, Fact::Complex) => Fact::Complex,
        (Reduction::Xor, Fact::Int(_)) => Fact::int(Interval::of(0)),
        (Reduction::Xor, Fact::Bool(_)) => Fact::Bool(None),
        (Reduction::And | Reduction::Or, Fact::Int(_) | Fact::Bool(_))
        | (Reduction::Min | Reduction::Max, Fact::Int(_) | Fact::Float { .. } | Fact::Number) => {
            start.clone()
        }
        _ => return None,
    })
}

/// The value of [`identity`].
fn identity_value(reduction: Reduction, start: &Value) -> Value {
    match (reduction, start) {
        (Reduction::Add, Value::Int(_) | Value::Bool(_)) | (Reduction::Xor, Value::Int(_)) => {
            Value::Int(0)
        }
        (Reduction::Mul, Value::Int(_) | Value::Bool(_)) => Value::Int(1),
        // Whatever is added to it comes out, negative zero too.
        (Reduction::Add, Value::Float(_)) => Value::Float(-0.0),
        (Reduction::Mul, Value::Float(_)) => Value::Float(1.0),
        (Reduction::Add, Value::Complex(..)) => Value::Complex(-0.0, -0.0),
        (Reduction::Mul, Value::Complex(..)) => Value::Complex(1.0, 0.0),
        (Reduction::Xor, Value::Bool(_)) => Value::Bool(false),
        // The others may be seen twice.
        _ => start.clone(),
    }
}

/// Combines two results; nothing where only Python can.
fn combine(reduction: Reduction, a: &Value, b: &Value) -> Option<Value> {
    let int = |v: &Value| match v {
        Value::Int(x) => Some(*x),
        Value::Bool(x) => Some(i128::from(*x)),
        _ => None,
    };
    if let (Value::Bool(a), Value::Bool(b)) = (a, b) {
        match reduction {
            Reduction::And => return Some(Value::Bool(a & b)),
            Reduction::Or => return Some(Value::Bool(a | b)),
            Reduction::Xor => return Some(Value::Bool(a ^ b)),
            _ => {}
        }
    }
    if let (Some(x), Some(y)) = (int(a), int(b)) {
        return Some(match reduction {
            Reduction::Add => Value::Int(x.checked_add(y)?),
            Reduction::Mul => Value::Int(x.checked_mul(y)?),
            Reduction::Min => {
                if y < x {
                    b.clone()
                } else {
                    a.clone()
                }
            }
            Reduction::Max => {
                if y > x {
                    b.clone()
                } else {
                    a.clone()
                }
            }
            Reduction::And => Value::Int(x & y),
            Reduction::Or => Value::Int(x | y),
            Reduction::Xor => Value::Int(x ^ y),
        });
    }
    let float = |v: &Value| match v {
        Value::Float(x) => Some(*x),
        // Below 2**53 it is exact; above, Python decides.
        Value::Int(x) if x.unsigned_abs() <= 1 << 53 => Some(*x as f64),
        _ => None,
    };
    let (x, y) = (float(a)?, float(b)?);
    Some(match reduction {
        Reduction::Add => Value::Float(x + y),
        Reduction::Mul => Value::Float(x * y),
        Reduction::Min => {
            if y < x {
                b.clone()
            } else {
                a.clone()
            }
        }
        Reduction::Max => {
            if y > x {
                b.clone()
            } else {
                a.clone()
            }
        }
        _ => return None,
    })
}

/// Called by compiled code: runs a parallel loop. The frame holds the range, what is captured, and
/// reductions' values. The range is not empty.
pub(super) unsafe extern "C" fn parallel(
    context: *mut Context,
    description: *const Description,
    frame: *const Slot,
    result: *mut Slot,
) -> i32 {
    // SAFETY: compiled code passes what it was called with, a description that lives as long as the code, and a frame
    // and room for results as the description says.
    let (context, description) = unsafe { (&mut *context, &*description) };
    let block = &description.block;
    let slots: usize = block.reprs.iter().map(Repr::slots).sum();
    let before: usize = description.before.iter().map(Repr::slots).sum();
    let parameters = slots
        - block.reprs[block.reprs.len() - description.before.len()..]
            .iter()
            .map(Repr::slots)
            .sum::<usize>();
    // SAFETY: as above.
    let frame = unsafe { std::slice::from_raw_parts(frame, parameters + before) };
    match run(
        context,
        description,
        &frame[..parameters],
        &frame[parameters..],
    ) {
        Ok(values) => {
            let mut out = Vec::new();
            let mut fits = true;
            for (value, repr) in values.iter().zip(&description.after) {
                fits &= value.write(repr, &mut out);
            }
            if fits {
                // SAFETY: as above.
                unsafe { std::ptr::copy_nonoverlapping(out.as_ptr(), result, out.len()) };
                return status::DONE;
            }
            context.dynamic = Some(Value::Tuple(values));
            status::DYNAMIC
        }
        Err(stop) => {
            context.stop = Some(stop);
            status::STOPPED
        }
    }
}

struct Own {
    context: Context,
    args: Vec<Slot>,
    result: Vec<Slot>,
}

fn run(
    context: &mut Context,
    description: &Description,
    frame: &[Slot],
    before: &[Slot],
) -> Result<Vec<Value>, Stop> {
    let block = &description.block;
    let word = |slot: usize| frame[slot].0[0] as i64;
    let (start, stop, step) = (
        i128::from(word(0)),
        i128::from(word(1)),
        i128::from(word(2)),
    );
    let mut slots = before.iter();
    let starts: Option<Vec<Value>> = description
        .before
        .iter()
        .map(|r| Value::read(r, &mut slots))
        .collect();
    let Some(starts) = starts else {
        return Err(Stop::Cancelled);
    };
    let count = match step {
        1.. => (stop - start + step - 1) / step,
        _ => (start - stop - step - 1) / -step,
    };
    let count = u64::try_from(count).unwrap_or(0);
    let blocks = count.min(BLOCKS);
    let (done, failed) = (AtomicU64::new(0), AtomicUsize::new(usize::MAX));
    let reprs = &block.reprs[block.reprs.len() - starts.len()..];
    let (watch, limit, depth, inside) = (
        context.watch.clone(),
        context.limit,
        context.depth,
        context.parallel,
    );
    // What a thread has for all of its blocks: a block may be short.
    let own = || Own {
        context: Context::new(watch.clone(), limit),
        args: frame.iter().copied().chain([Slot::default()]).collect(),
        result: vec![Slot::default(); block.result_slots() + 1],
    };
    let one = |own: &mut Own, index: u64| -> Result<Vec<Value>, Stop> {
        crate::apart::settle();
        // What comes after an error would not have run; what comes before it may have one, too.
        if index as usize > failed.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let [first, next] = [index, index + 1]
            .map(|b| (u128::from(count) * u128::from(b) / u128::from(blocks)) as i128);
        let args = &mut own.args;
        args.truncate(frame.len());
        let end = start + (next - 1) * step + step.signum();
        args[0] = Slot([(start + first * step) as u64, 0]);
        args[1] = Slot([end as u64, 0]);
        for ((reduction, start), repr) in description.reductions.iter().zip(&starts).zip(reprs) {
            if !identity_value(*reduction, start).write(repr, args) {
                return Err(Stop::Cancelled);
            }
        }
        args.push(Slot::default());
        let context = &mut own.context;
        context.depth = depth;
        context.parallel = inside + 1;
        context.looked = status::DONE;
        let status = block.enter(context, args.as_ptr(), own.result.as_mut_ptr());
        match block.result(context, status, &own.result) {
            Ok(value) => {
                if inside == 0 {
                    let before = done.fetch_add((next - first) as u64, Ordering::Relaxed);
                    watch.progress(before + (next - first) as u64, count);
                }
                Ok(match value {
                    Value::Tuple(values) => values,
                    _ => Vec::new(),
                })
            }
            Err(stop) => {
                failed.fetch_min(index as usize, Ordering::Relaxed);
                Err(stop)
            }
        }
    };
    let outcomes: Vec<Result<Vec<Value>, Stop>> =
        crate::pool::install(|| (0..blocks).into_par_iter().map_init(own, one).collect())
            .map_err(Stop::Pool)?;
    let host = block.host().ok_or(Stop::Cancelled)?;
    let mut values = starts;
    let mut last = Vec::new();
    for outcome in outcomes {
        let mut found = outcome?.into_iter();
        for (value, reduction) in values.iter_mut().zip(&description.reductions) {
            let Some(next) = found.next() else { continue };
            *value = match combine(*reduction, value, &next) {
                Some(combined) => combined,
                None => host.combine(*reduction, value.clone(), next)?,
            };
        }
        last = found.collect();
    }
    values.extend(last);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starting_values_change_nothing() {
        for start in [
            Value::Float(-0.0),
            Value::Float(3.5),
            Value::Int(-4),
            Value::Bool(true),
        ] {
            for reduction in [
                Reduction::Add,
                Reduction::Mul,
                Reduction::Min,
                Reduction::Max,
            ] {
                let same = combine(reduction, &start, &identity_value(reduction, &start)).unwrap();
                let as_int = |v: &Value| match v {
                    Value::Bool(b) => format!("{:?}", Value::Int(i128::from(*b))),
                    other => format!("{other:?}"),
                };
                assert_eq!(as_int(&same), as_int(&start), "{reduction:?}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_left_to_python() {
        let most = Value::Int(i128::MAX);
        assert!(combine(Reduction::Add, &most, &Value::Int(1)).is_none());
        assert!(combine(Reduction::Mul, &most, &Value::Int(2)).is_none());
    }
}

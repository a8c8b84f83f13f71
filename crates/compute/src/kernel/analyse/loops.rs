//! Loops: gone through until nothing new is learnt.

use super::env::{Env, Slot};
use super::guards::linear;
use super::sums::accumulators;
use super::{Counter, Loop, Pass, Result};
use crate::kernel::interval::{I64, Interval};
use crate::kernel::live::Set;
use crate::kernel::syntax::{Expr, For, Stmt, StmtKind};
use crate::kernel::transfer;
use crate::kernel::types::{Fact, IntFact};

/// How often a loop is gone through at most. Widening ends before; this ends it whatever is wrong with that.
const ROUNDS: u32 = 64;

impl Pass<'_> {
    /// Goes through a loop until nothing new is learnt. `once` goes through its body from the start of an
    /// iteration: the end of the body, and where the loop is done.
    pub(super) fn repeat(
        &mut self,
        stmt: &Stmt,
        env: Env,
        counter: Option<Counter>,
        mut once: impl FnMut(&mut Self, Env) -> Result<(Option<Env>, Option<Env>)>,
        orelse: &[Stmt],
    ) -> Result<Option<Env>> {
        let needed = self.out.live.header(stmt).clone();
        let mut start = env;
        start.keep(&needed);
        // An outer loop goes through this one again and again: what was learnt is not forgotten.
        let mut header = match self.out.header.get(&stmt.id) {
            Some(old) => self.joined(stmt.span, Some(old.clone()), Some(start.clone()))?,
            None => None,
        }
        .unwrap_or_else(|| start.clone());
        let mut bound = Set::default();
        let body = match &stmt.kind {
            StmtKind::While(_, body, _) => body,
            StmtKind::For(f) => &f.body,
            _ => unreachable!("only loops are repeated"),
        };
        crate::kernel::syntax::each(body, &mut |s| {
            s.binds().iter().for_each(|v| bound.insert(*v))
        });
        let accumulators = match self.trips.get(&stmt.id) {
            Some(_) => accumulators(body, &bound),
            None => Vec::new(),
        };
        for round in 0.. {
            self.out.header.insert(stmt.id, header.clone());
            self.out.guards.remove(&stmt.id);
            self.loops.push(Loop {
                stmt: stmt.id,
                counted: matches!(stmt.kind, StmtKind::For(_)),
                counter: counter.clone(),
                bound: bound.clone(),
                breaks: Vec::new(),
                continues: Vec::new(),
            });
            let passed = once(self, header.clone());
            let inner = self.loops.pop().expect("pushed above");
            let (end, done) = passed?;
            let mut next = Some(start.clone());
            for mut env in inner.continues.into_iter().chain(end) {
                env.keep(&needed);
                next = self.joined(stmt.span, next, Some(env))?;
            }
            // What is only added to grows in each pass: it is bounded by how often that happens.
            let mut before = header.clone();
            for accumulator in accumulators.iter().filter(|_| round < 8) {
                let Some(sum) = self.sum(stmt.id, accumulator, &start) else {
                    continue;
                };
                for env in next.iter_mut().chain([&mut before]) {
                    if let Some(Some(Slot {
                        fact: Fact::Int(int),
                        ..
                    })) = env.0.get_mut(accumulator.var as usize)
                    {
                        *int = IntFact::new(sum);
                    }
                }
            }
            let next = self.joined(stmt.span, next, Some(before.clone()))?;
            let mut next = next.expect("has the start in it");
            next.hold();
            if next != header {
                if round > ROUNDS {
                    return Err(self.unsupported(
                        stmt.span,
                        "what this loop computes cannot be bounded",
                        "make the loop a kernel of its own",
                    ));
                }
                header = if round < 2 { next } else { before.widen(&next) };
                continue;
            }
            self.out.done.remove(&stmt.id);
            if let Some(done) = &done {
                self.out.done.insert(stmt.id, done.clone());
            }
            let mut after = self.block(orelse, done)?;
            for env in inner.breaks {
                after = self.joined(stmt.span, after, Some(env))?;
            }
            self.out.after.remove(&stmt.id);
            if let Some(after) = &mut after {
                after.keep(self.out.live.after(stmt));
                self.out.after.insert(stmt.id, after.clone());
            }
            return Ok(after);
        }
        unreachable!("widening ends")
    }

    pub(super) fn counted(&mut self, stmt: &Stmt, f: &For, mut env: Env) -> Result<Option<Env>> {
        let range = self.range(&f.range, &env)?;
        let [start, stop, step] = &range;
        let [now, end, by] = f.hidden;
        // Before the first iteration; also what is there when the range is empty.
        env.set(now, Fact::Int(start.clone()));
        env.set(end, Fact::Int(stop.clone()));
        env.set(by, Fact::Int(step.clone()));
        let unit = step.interval == Interval::of(1);
        let value = inside(start, stop, step);
        let span = match (step.interval.lo, step.interval.hi) {
            (Some(1..), _) => stop.interval.sub(start.interval).hi,
            (_, Some(..=-1)) => start.interval.sub(stop.interval).hi,
            _ => None,
        };
        match span {
            Some(span) => self.trips.insert(stmt.id, span.max(0)),
            None => self.trips.remove(&stmt.id),
        };
        let counter = unit.then(|| {
            let terms = |e: &Expr| {
                let mut terms = Vec::new();
                linear(e, false, &mut terms).then_some(terms)
            };
            Counter {
                target: f.target,
                now,
                end,
                range: terms(&f.range[0]).zip(terms(&f.range[1])),
            }
        });
        // The counter goes one step beyond the last value.
        let counting = IntFact::new(
            value
                .interval
                .join(start.interval)
                .join(Interval {
                    lo: value
                        .interval
                        .lo
                        .zip(step.interval.lo)
                        .map(|(a, b)| a.saturating_add(b.min(0))),
                    hi: value
                        .interval
                        .hi
                        .zip(step.interval.hi)
                        .map(|(a, b)| a.saturating_add(b.max(0))),
                })
                .meet(I64),
        );
        env.set(now, Fact::Int(counting));
        self.repeat(
            stmt,
            env,
            counter,
            |pass, header| {
                let mut inside = header.clone();
                pass.bind(&mut inside, f.target, Fact::Int(value.clone()), stmt.span)?;
                let end = pass.block(&f.body, Some(inside))?;
                Ok((end, Some(header)))
            },
            &f.orelse,
        )
    }

    pub(super) fn range(&mut self, range: &[Expr; 3], env: &Env) -> Result<[IntFact; 3]> {
        let mut ints = Vec::new();
        for e in range {
            let fact = self.expr(e, env)?;
            let Some(mut int) = transfer::as_int(&fact) else {
                return Err(self.unsupported(
                    e.span,
                    format!("range takes ints, not {}", fact.name()),
                    "convert with int() first",
                ));
            };
            // Ranges count in 64 bits; beyond that CPython does.
            let kept = int.interval.meet(I64);
            int.interval = if kept.within(I64) { kept } else { I64 };
            ints.push(int);
        }
        let [a, b, c] = ints.try_into().expect("three");
        Ok([a, b, c])
    }
}

/// What a range's values are.
pub(super) fn inside(start: &IntFact, stop: &IntFact, step: &IntFact) -> IntFact {
    let (a, b) = (start.interval, stop.interval);
    let one = Interval::of(1);
    if step.interval.lo.is_some_and(|s| s > 0) {
        let found = Interval {
            lo: a.lo,
            hi: b.sub(one).hi,
        };
        let below = stop
            .below
            .iter()
            .map(|(a, axis, k)| (*a, *axis, k - 1))
            .collect();
        return IntFact {
            interval: sound(found, a),
            below,
        };
    }
    if step.interval.hi.is_some_and(|s| s < 0) {
        let found = Interval {
            lo: b.add(one).lo,
            hi: a.hi,
        };
        return IntFact {
            interval: sound(found, a),
            below: start.below.clone(),
        };
    }
    IntFact::new(a.join(b))
}

/// An empty range has no values; any interval will do for them.
fn sound(found: Interval, other: Interval) -> Interval {
    match (found.lo, found.hi) {
        (Some(lo), Some(hi)) if lo > hi => other,
        _ => found,
    }
}

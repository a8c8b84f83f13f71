//! What a loop only adds to: bounded by how often that happens, and not by what a check lets through.

use super::Pass;
use super::env::{Env, Slot};
use crate::kernel::interval::{I64, Interval};
use crate::kernel::live::Set;
use crate::kernel::syntax::{Binary, Expr, ExprKind, Stmt, StmtKind, Var};
use crate::kernel::transfer;
use crate::kernel::types::Fact;

/// A variable that a loop only adds to, and what: expressions, whether they are taken away, and the loops inside
/// that repeat them.
pub(super) struct Accumulator {
    pub(super) var: Var,
    pub(super) added: Vec<(u32, bool, Vec<u32>)>,
}

impl Pass<'_> {
    /// Where an accumulator lies at the start of each iteration; nothing if that is no better than a check.
    pub(super) fn sum(
        &self,
        stmt: u32,
        accumulator: &Accumulator,
        start: &Env,
    ) -> Option<Interval> {
        let Slot {
            fact: Fact::Int(first),
            maybe_unbound: false,
        } = start.get(accumulator.var)?
        else {
            return None;
        };
        let zero = Interval::of(0);
        let (mut each, mut long) = (zero, false);
        for (e, negative, inner) in &accumulator.added {
            let fact = self.out.facts.get(*e as usize)?.as_ref()?;
            let int = transfer::as_int(fact)?;
            if int.at_limit() {
                return None;
            }
            long |= !int.narrow();
            let mut one = if *negative {
                int.interval.neg()
            } else {
                int.interval
            };
            // It may also happen less often.
            one = one.join(zero);
            for inner in inner {
                one = one.mul(Interval::of(*self.trips.get(inner)?));
            }
            each = each.add(one);
        }
        let all = each.mul(Interval::of(*self.trips.get(&stmt)?));
        let sum = first.interval.add(all);
        let fits = sum.within(I64) || (long && sum.within(crate::kernel::interval::I128));
        fits.then_some(sum)
    }
}

/// The variables that a loop's body only adds to.
pub(super) fn accumulators(body: &[Stmt], bound: &Set) -> Vec<Accumulator> {
    let mut found = Vec::new();
    for var in bound.iter() {
        let mut added = Vec::new();
        if adds(body, var, &mut Vec::new(), &mut added) && !added.is_empty() {
            found.push(Accumulator { var, added });
        }
    }
    found
}

fn adds(
    body: &[Stmt],
    var: Var,
    inner: &mut Vec<u32>,
    added: &mut Vec<(u32, bool, Vec<u32>)>,
) -> bool {
    body.iter().all(|stmt| match &stmt.kind {
        StmtKind::Assign(to, value) if *to == var => {
            let ExprKind::Binary(op, a, b) = &value.kind else {
                return false;
            };
            let is_it = |e: &Expr| matches!(e.kind, ExprKind::Var(v) if v == var);
            let (e, negative) = match op {
                Binary::Add if is_it(a) => (b, false),
                Binary::Add if is_it(b) => (a, false),
                Binary::Sub if is_it(a) => (b, true),
                _ => return false,
            };
            added.push((e.id, negative, inner.clone()));
            true
        }
        StmtKind::If(_, a, b) => adds(a, var, inner, added) && adds(b, var, inner, added),
        StmtKind::For(f) => {
            inner.push(stmt.id);
            let body = adds(&f.body, var, inner, added);
            inner.pop();
            body && adds(&f.orelse, var, inner, added) && !stmt.binds().contains(&var)
        }
        // How often it repeats is not known.
        StmtKind::While(_, a, b) => {
            let mut binds = false;
            for body in [a, b] {
                crate::kernel::syntax::each(body, &mut |s| binds |= s.binds().contains(&var));
            }
            !binds
        }
        _ => !stmt.binds().contains(&var),
    })
}
